"""The function that scores events; this package is deployed as a zip and imports nothing of nrti."""
