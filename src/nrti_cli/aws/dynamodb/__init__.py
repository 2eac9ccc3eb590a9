"""DynamoDB, and the stream of a table."""
