"""Glue: the tables of the data catalog."""
