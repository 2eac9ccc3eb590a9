"""The alarms of the embedded CloudWatch, evaluated every few seconds.

`states` evaluates an alarm by its datapoints, `queues` measures the queues, `watch` does both repeatedly.
"""
