"""Endpoints: a worker process per production variant, and its connection to InvokeEndpoint."""
