"""The CloudFormation stack: packages its code, deploys it, reads its outputs, deletes it."""
