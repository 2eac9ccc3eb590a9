"""Models: the data set, the training job, its evaluation, and the endpoint that serves the result."""
