"""The alarms of the embedded CloudWatch, evaluated every few seconds.

`definition` says what an alarm can be, `states` evaluates one by its datapoints, `queues` measures the
queues, `watch` does both repeatedly.
"""
