"""The processes of the embedded AWS: whether they run, what they report, how they are restarted and end."""
