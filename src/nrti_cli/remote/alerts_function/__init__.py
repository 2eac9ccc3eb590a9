"""The function that evaluates alert rules; this package is deployed as a zip and imports nothing of nrti."""
