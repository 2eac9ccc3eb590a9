"""Deletes the data of a sensor: items of the table, rows of the lake, events of dead letters."""
