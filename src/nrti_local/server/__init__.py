"""The server process of the embedded AWS: its address, its child processes, and the layers for requests."""
