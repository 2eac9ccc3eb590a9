"""How nrti_local uses ministack, the emulator that answers what our own services do not.

- A request passes the layers of `server/layers/chain.py`. A layer answers the operations of its service
  itself, or corrects a request or an answer, and forwards everything else to ministack's ASGI application.
- Our services ask ministack for its control plane within the process, by the API that clients use
  (`server/shared/ask.py`), and cache the answer until a request may have changed it
  (`server/shared/changes.py`).
- Where the API does not suffice, a `Patch` replaces one attribute of ministack, and `private` declares the
  private names that a file reads or calls (`patch`). Both lie in the folder of the service that they concern.
- `catalogue` lists all of them. It checks every name when the server starts, so that a release of ministack
  without one of them is reported by that name. `make drift` reports it before an upgrade.

Public names of ministack are used sparingly: account and region of a request, IAM's evaluation, routing.
"""
