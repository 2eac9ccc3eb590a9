"""Endpoints: a worker process per production variant, and what connects it with InvokeEndpoint."""
