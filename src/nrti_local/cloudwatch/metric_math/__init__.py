"""Metric math: expressions of GetMetricData on metrics and on each other.

`series` has the values, `functions` what computes with them, `searching` finds metrics, `evaluation` reads an
expression and computes it. What is not here is refused.
"""
