"""IAM in front of services that ministack does not have."""
