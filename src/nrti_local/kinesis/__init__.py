"""Kinesis data streams: ministack's, with records and shards of our own.

`handler` is where a request enters. `streams` finds a stream and removes its expired records, `puts` adds
records, `reads` returns them. `shards` splits and merges; `resharding` and `listing` are the operations on
shards.
"""
