"""Errors between InvokeEndpoint and a model."""


class ReplicaError(Exception):
    """A worker process cannot load its model, or died during a request."""


class NotReadyError(Exception):
    """The model is not loaded yet."""


class ModelTimeoutError(Exception):
    """The model exceeded the time limit of an invocation."""


class ThrottledError(Exception):
    """There are more concurrent requests than the variant's MaxConcurrency."""
