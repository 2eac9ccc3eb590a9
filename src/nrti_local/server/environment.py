"""The environment variables of ministack, which reads them on import, and of the child processes."""

from __future__ import annotations

import logging
import os

from nrti_local.server.processes.layout import Layout
from nrti_local.settings import KEY, REGION


def configure(layout: Layout, port: int, sagemaker_port: int) -> None:
    """Sets this process's environment, which the children and the Lambda workers inherit.

    With `NRTI_LOCAL_AUTH=true` in the user's environment, IAM is enforced for all but the root key.
    """
    address = f"http://127.0.0.1:{port}"
    sagemaker = f"http://127.0.0.1:{sagemaker_port}"
    direct = filter(None, ["127.0.0.1", os.environ.get("no_proxy") or os.environ.get("NO_PROXY")])
    auth = os.environ.get("NRTI_LOCAL_AUTH", "").lower() == "true"
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # nothing here may ever reach a real account
    # On import, ministack warns of a missing library that nothing here needs.
    logging.getLogger("kms").setLevel(logging.ERROR)
    os.environ.update(
        {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            # The user's own files may be of an account, or broken.
            **dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull),
            "AWS_ENDPOINT_URL": address,
            # Functions reach SageMaker directly, unless the gateway has to authorize them.
            "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": address if auth else sagemaker,
            # A proxy is for pip in a training job; everything else is on this machine.
            **dict.fromkeys(("no_proxy", "NO_PROXY"), ",".join(direct)),
            "AUTH": str(auth).lower(),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": REGION,
            "IOT_MTLS_ENABLED": "0",  # its listener would bind every interface
            "SFTP_ENABLED": "0",
            "LOG_LEVEL": os.environ.get("NRTI_LOCAL_LOG_LEVEL", "WARNING"),
            "PERSIST_STATE": "0",  # nrti_local.durability.saved does it
            "STATE_DIR": str(layout.state / "ministack"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(layout.state / "s3"),
            "NRTI_LOCAL_SAGEMAKER": sagemaker,
            "NRTI_LOCAL_STATE": str(layout.state),
            "OMP_NUM_THREADS": "1",  # scikit-learn's own threads only get in each other's way on one row
            "TMPDIR": str(layout.scratch),
        }
    )
