"""The dead letters: what the workflow parked in the queue, and how it goes through the pipeline again."""
