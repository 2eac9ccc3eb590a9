"""The alarms of the embedded CloudWatch, evaluated every few seconds.

`definition` says what an alarm can be, `states` evaluates one by its datapoints, `reasons` has the data of
the result, `queues` measures the queues, `watch` does all of it repeatedly.
"""
