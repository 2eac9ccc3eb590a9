"""Drift and data quality of a model's events, from the lake: one query of Athena for all inputs."""
