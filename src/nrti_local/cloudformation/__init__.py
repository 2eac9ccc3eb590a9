"""CloudFormation: the properties that ministack forgets."""
