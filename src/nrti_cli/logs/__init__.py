"""What the parts of the pipeline log, in the order of time."""
