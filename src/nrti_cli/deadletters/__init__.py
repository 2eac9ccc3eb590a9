"""The dead letters: events that the workflow put into the queue, and how they are processed again."""
