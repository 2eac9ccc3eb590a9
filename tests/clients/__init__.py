"""Independent judges in environments of their own: other people's clients and tests, AWS's toolkit."""
