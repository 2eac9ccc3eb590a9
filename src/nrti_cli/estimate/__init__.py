"""The monthly cost of the pipeline, from a price table and stated assumptions."""
