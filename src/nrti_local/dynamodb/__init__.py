"""DynamoDB and its streams: ministack's, on containers of our own, with a batch write of our own.

`handler` is where a request enters. `tables` and `streams` replace the two stores in which ministack keeps
items and records.
"""
