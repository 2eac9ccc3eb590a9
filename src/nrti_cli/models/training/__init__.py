"""Training: the data set, from a file or the lake, the training job, and its evaluation."""
