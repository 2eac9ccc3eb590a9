"""The rule about drift: compares the events of models with the references of their versions in service."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from .counted import Counted, fitting
from .counting import Chosen, Period, counts
from .drift import Verdict, verdict
from .lake import Lake, LakeError
from .readings import Reading
from .rules import Rule, span

EVERY_SECONDS = 3600.0
WINDOW = timedelta(days=1)
#: The digits of a version at the end of the name of an endpoint configuration.
_VERSION_DIGITS = 17
#: So many columns are named in a message.
_NAMED = 3
_MISSING = {"NoSuchKey", "404", "ValidationException"}


class Drift:
    """The models of a stack, their references and their events.

    Args:
        s3: client of S3.
        bucket: with the references.
        sagemaker: client of SageMaker.
        stack: its name.
        lake: with the events.
    """

    def __init__(self, s3: Any, bucket: str, sagemaker: Any, stack: str, lake: Lake) -> None:
        self._s3, self._bucket, self._sagemaker = s3, bucket, sagemaker
        self._stack, self._lake = stack, lake

    def reading(self, rule: Rule, kept: dict[str, Any], now: int) -> Reading | None:
        """The models that drift, of those with a reference or of the one that the rule names.

        Each model is judged by one query an hour. With too few events for a verdict the former one stays.

        Args:
            rule: of kind drift.
            kept: for each model its last verdict, and the query that runs.
            now: epoch milliseconds.

        Returns:
            None if no model is due.

        Raises:
            LakeError: a query failed.
        """
        models: dict[str, dict[str, Any]] = kept.setdefault("models", {})
        if self._lake.due(kept, now, EVERY_SECONDS):
            kept["asked_at"] = now
            names = [rule.model] if rule.model else list(self._with_references())
            kept["models"] = models = {name: models.get(name, {}) for name in names}
        elif not any("query" in each for each in models.values()):
            return None
        for name, each in models.items():
            self._judge(name, each, now)
        if errors := [each["error"] for each in models.values() if each.get("error")]:
            raise LakeError(errors[0])
        return _reading(rule, models)

    def _judge(self, model: str, kept: dict[str, Any], now: int) -> None:
        if not self._lake.due(kept, now, EVERY_SECONDS):
            return
        version = self._version(model)
        reference = self._reference(model, version) if version else None
        if reference is None:
            kept["note"] = "no reference" if version else "no version of nrti is in service"
            return
        period = _period(reference, datetime.fromtimestamp(now / 1000, UTC))
        write = partial(counts, Chosen(model, version), period=period)
        columns, sql = fitting(reference["columns"], lambda columns: write(columns=columns))
        try:
            rows = self._lake.ask(sql, kept, now)
        except LakeError as error:
            kept["error"] = str(error)
            return
        kept["error"] = ""
        if rows is None:
            return
        counted = Counted(columns)
        counted.fill(rows)
        _note(kept, verdict({"columns": columns}, counted.of(1)))

    def _with_references(self) -> Iterable[str]:
        prefix = f"references/{self._stack}-"
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        keys = (found["Key"] for page in pages for found in page.get("Contents", ()))
        return dict.fromkeys(key.removeprefix(prefix).partition("/")[0] for key in keys)

    def _version(self, model: str) -> str | None:
        """The version in service; None without an endpoint, and for one that nrti did not publish."""
        try:
            found = self._sagemaker.describe_endpoint(EndpointName=f"{self._stack}-{model}")
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        version = str(found["EndpointConfigName"])[-_VERSION_DIGITS:]
        return version if version.isdecimal() and len(version) == _VERSION_DIGITS else None

    def _reference(self, model: str, version: str) -> dict[str, Any] | None:
        key = f"references/{self._stack}-{model}/{version}.json"
        try:
            body = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        document: dict[str, Any] = json.loads(body)
        return document


def _reading(rule: Rule, models: dict[str, dict[str, Any]]) -> Reading:
    drifted = {name: each["drift"] for name, each in models.items() if each.get("drift")}
    notes = [f"{name}: {each['note']}" for name, each in models.items() if "note" in each]
    known = any("drift" in each for each in models.values())
    active = {"": drifted[rule.model]} if rule.model in drifted else drifted
    return Reading(active, "; ".join(notes) or "no model has a reference", known=known)


def _period(reference: dict[str, Any], now: datetime) -> Period:
    """The last day, or what is left of it after the events that the reference was made of."""
    since = now - WINDOW
    made_until = reference.get("until")
    return Period(max(since, datetime.fromisoformat(made_until)) if made_until else since, now)


def _note(kept: dict[str, Any], found: Verdict) -> None:
    window = span(WINDOW.total_seconds())
    if found.state == "too_few_events":
        kept["note"] = f"{found.events:,} events in {window}, too few for a verdict"
        return
    drifted = found.drifted
    named = ", ".join(f"{each.name} ({' and '.join(each.reasons)})" for each in drifted[:_NAMED])
    more = f" and {len(drifted) - _NAMED} more" if len(drifted) > _NAMED else ""
    kept["drift"] = f"{named}{more} in {found.events:,} events of {window}" if drifted else ""
    kept["note"] = kept["drift"] or f"no drift in {found.events:,} events of {window}"
