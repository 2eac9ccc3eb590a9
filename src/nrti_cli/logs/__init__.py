"""The logs of the pipeline, merged in the order of time."""
