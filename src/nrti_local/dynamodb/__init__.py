"""DynamoDB and its streams."""
