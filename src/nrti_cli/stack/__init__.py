"""The CloudFormation stack: packaging its assets, deploying it, reading its outputs, deleting it."""
