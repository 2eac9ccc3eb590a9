"""The producer: sends events to the API on a schedule that slow responses do not change.

A source generates or reads events, the schedule determines when each request is due, the sender sends it, and
events that the API does not accept in the end go to a file. `session.produce` puts the parts together.
"""
