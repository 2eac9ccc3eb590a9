"""Lambda: Invoke for Python functions, by a pool of warm worker processes."""
