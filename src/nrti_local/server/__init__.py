"""The process of the embedded AWS: its address, its children, and what a request passes first."""
