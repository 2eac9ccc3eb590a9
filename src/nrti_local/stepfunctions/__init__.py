"""Step Functions: EXPRESS workflows."""
