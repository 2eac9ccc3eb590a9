"""Kinesis data streams: ministack's, with reading, writing and expiry of records of our own.

`handler` is where a request enters. `streams` finds a stream and removes its expired records, `puts` adds
records, `reads` returns them.
"""
