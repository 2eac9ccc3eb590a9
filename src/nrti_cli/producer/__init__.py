"""The producer: sends events to the API on a schedule that slow answers do not change.

A source makes or reads events, the schedule says when each request is due, the sender brings it to the API,
and what the API finally does not accept goes to a file. `run.produce` puts the parts together.
"""
