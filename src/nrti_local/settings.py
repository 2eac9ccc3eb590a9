"""The settings that a client of the embedded AWS needs besides its address."""

#: The region that it pretends to be. In most others `aws sqs` of the AWS CLI 1 goes to an address of its own
#: and ignores AWS_ENDPOINT_URL (its customization `overridesslcommonname`).
REGION = "eu-central-2"
#: Its root key; it is no secret and opens nothing else.
KEY = "test"


def client_variables(address: str) -> dict[str, str]:
    """The environment variables that point an AWS SDK to it.

    Args:
        address: such as `http://127.0.0.1:4566`.
    """
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        # StartSyncExecution and others put a word before the address, which then has no server.
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
    }
