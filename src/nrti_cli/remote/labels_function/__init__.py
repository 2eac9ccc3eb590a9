"""The function that records labels; this package is deployed as a zip and imports nothing of nrti."""
