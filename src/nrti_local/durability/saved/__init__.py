"""The saved state of the services: one SQLite database that a snapshot changes in one transaction.

Data that grows with each event is saved by its changes alone: the items of tables (`items`) and the records
of streams (`records`). The rest of a service is small, and saved as a whole if it changed (`services`), and
so is the code of functions (`blobs`). The transaction makes a snapshot complete or void, across all services,
whenever the process ends.
"""
