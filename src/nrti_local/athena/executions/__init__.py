"""Query executions: submitted, run one after the other on a few threads, kept, and their results."""
