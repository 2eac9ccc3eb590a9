"""What a client needs to know of the embedded AWS beside its address."""

#: The region that it pretends to be. In most others `aws sqs` of the AWS CLI 1 goes to an address of its own
#: and ignores AWS_ENDPOINT_URL (its customization `overridesslcommonname`).
REGION = "eu-central-2"
#: Its root key; it is no secret and opens nothing else.
KEY = "test"
