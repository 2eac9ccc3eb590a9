"""Drift and data quality of a model's events, from the lake, with one Athena query for all inputs."""
