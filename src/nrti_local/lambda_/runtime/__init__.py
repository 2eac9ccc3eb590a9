"""What runs in a worker process; it knows little more than the standard library."""
