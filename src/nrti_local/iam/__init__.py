"""IAM for the services that are our own."""
