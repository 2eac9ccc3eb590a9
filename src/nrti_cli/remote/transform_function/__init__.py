"""The function that makes rows of the lake; zipped as this package, and importing nothing of nrti."""
