"""Completes the values of options in a shell: names that AWS knows, within the time that a key press has."""
