"""The alarms of the embedded CloudWatch, evaluated every few seconds by the dimensions and periods they name.

`states` judges an alarm by its datapoints, `queues` measures the queues, `watch` does both again and again.
"""
