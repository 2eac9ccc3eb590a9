"""Durability: the journal of executions, and snapshots of the services' state."""
