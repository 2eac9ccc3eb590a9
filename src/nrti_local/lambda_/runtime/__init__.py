"""The code of a worker process, which imports little more than the standard library."""
