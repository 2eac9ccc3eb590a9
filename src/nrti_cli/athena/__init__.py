"""Query results as typed Arrow batches, and the files written from them."""
