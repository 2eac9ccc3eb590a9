"""A few rows to test a model before it goes into service."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from nrti_cli.aws.s3.objects import S3
from nrti_cli.stack.names import artifacts_bucket

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.training.dataset import Dataset

#: How many rows of each class to use, and how many rows to search for them.
_EACH, _LOOKED_AT = 3, 100


def of_dataset(dataset: Dataset) -> list[Any]:
    """The first sequences of each class without missing values, which events cannot have."""
    found: list[Any] = []
    for label in (0, 1):
        some = np.flatnonzero(dataset.labels == label)[:_LOOKED_AT]
        rows = (dataset.sequences[int(at) : int(at) + 1][0] for at in some)
        found += [row.tolist() for row in islice((row for row in rows if np.isfinite(row).all()), _EACH)]
    return found


def keep(s3: S3, bucket: str, job: str, rows: list[Any]) -> None:
    """Stores the rows for testing the model of a training job."""
    s3.put(bucket, _key(job), json.dumps(rows).encode())


def kept(target: Target, job: str) -> list[Any] | None:
    """The rows that were stored for a training job, or None."""
    s3, bucket = S3(target), artifacts_bucket(target)
    if not s3.object_exists(bucket, _key(job)):
        return None
    return list(json.loads(s3.get(f"s3://{bucket}/{_key(job)}"))) or None


def _key(job: str) -> str:
    return f"samples/{job}.json"
