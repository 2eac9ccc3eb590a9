"""What can go wrong between InvokeEndpoint and a model."""


class ReplicaError(Exception):
    """A worker process does not get its model up, or died of a request."""


class NotReadyError(Exception):
    """The model is still loading, or loading again."""


class ModelTimeoutError(Exception):
    """The model took longer than an invocation may."""


class ThrottledError(Exception):
    """More requests at a time than the variant's MaxConcurrency."""
