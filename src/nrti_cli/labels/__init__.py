"""Ground truth: labels for events that were predicted, or that will be."""
