"""The function that makes rows of the lake; this package is deployed as a zip and imports nothing of nrti."""
