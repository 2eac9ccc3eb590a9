"""Shell completion of option values: names that AWS knows, within the time of a key press."""
