"""The saved state of the services: one SQLite database that a snapshot changes in one transaction.

What grows with every event is saved by its changes alone: the items of tables (`items`), the records of
streams (`records`). What is left of a service is small and saved whole if it changed (`services`), and so is
the code of functions (`blobs`). The transaction makes a snapshot whole or none, across all services, whenever
the process ends.
"""
