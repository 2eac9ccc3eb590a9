"""Filter patterns of CloudWatch Logs: terms, regular expressions, conditions on JSON and on columns.

`compiling` chooses by the first character. AWS's page "Filter pattern syntax" describes all of them.
"""
