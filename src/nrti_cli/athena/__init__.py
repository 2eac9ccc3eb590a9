"""Queries on the lake: their results as typed Arrow batches, and the files written from them."""
