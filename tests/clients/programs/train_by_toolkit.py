"""Runs a training job by AWS's sagemaker-training, in the directory tree that SAGEMAKER_BASE_DIR names."""

from __future__ import annotations

import os

# Else it waits for the host's name, which a container has and this machine has not.
os.environ["SM_STUDIO_LOCAL_MODE"] = "True"

from sagemaker_training import trainer

if __name__ == "__main__":
    trainer.train()
