"""The shadows of models: `shadows/<model>.json` in the artifacts bucket.

An object names the shadow of one model: `{"shadow": "failure-v3"}`. It is read at most once in a few seconds,
not for every event.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from .validation import is_model_name

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

#: Seconds for which an answer of S3 is valid.
FRESH_SECONDS = 10.0
#: Models that are remembered: an event may name any.
_MOST = 1_000


@dataclass
class Shadows:
    """The shadows of a stack's models.

    Attributes:
        s3: creates a client of S3.
        bucket: has the objects.
        clock: returns seconds.
    """

    s3: Callable[[], S3Client]
    bucket: str
    clock: Callable[[], float] = time.monotonic
    _known: dict[str, tuple[float, str]] = field(default_factory=dict)

    def any_of(self, models: Iterable[str]) -> bool:
        """Whether one of these models has a shadow."""
        return any(map(self.of, models))

    def of(self, model: str) -> str:
        """The shadow of a model, or an empty text.

        If S3 does not answer, it is as before: a shadow must not cost an event.
        """
        read_at, shadow = self._known.get(model, (None, ""))
        now = self.clock()
        if read_at is None or now - read_at >= FRESH_SECONDS:
            shadow = self._read(model, shadow)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[model] = now, shadow
        return shadow

    def _read(self, model: str, former: str) -> str:
        key = f"shadows/{model}.json"
        try:
            document: dict[str, object] = json.loads(
                self.s3().get_object(Bucket=self.bucket, Key=key)["Body"].read()
            )
            return document["shadow"] if is_model_name(document["shadow"]) else ""
        except ClientError as error:
            missing = error.response["Error"].get("Code") == "NoSuchKey"
            return "" if missing else former
        except BotoCoreError:
            return former
        except (LookupError, TypeError, ValueError):
            return ""
