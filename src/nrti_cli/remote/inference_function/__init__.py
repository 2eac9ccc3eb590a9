"""The function that has models judge events; zipped as this package, and importing nothing of nrti."""
