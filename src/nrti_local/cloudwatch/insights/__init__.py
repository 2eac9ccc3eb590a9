"""CloudWatch Logs Insights: the query language Logs Insights QL, on the log events that are kept.

`reading` reads words, `expressions` what they compute, `commands` a query; `events` makes the rows that
`operations` runs it on. What is not here is refused as a malformed query.
"""
