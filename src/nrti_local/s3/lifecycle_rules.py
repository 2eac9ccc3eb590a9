"""The expiration rules in a bucket's lifecycle configuration."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET


class Listed(NamedTuple):
    """An object of a listing; its size is in bytes, and `written` is in UTC."""

    key: str
    size: int
    written: datetime


@dataclass(frozen=True)
class Rule:
    """A rule that deletes objects.

    Attributes:
        prefix: of their keys.
        tags: that they have.
        larger: only objects of more bytes.
        smaller: only objects of fewer bytes.
        days: their age, which is rounded up to the next midnight UTC; None if there is a date.
        date: from which on all of them are deleted.
    """

    prefix: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    larger: int = -1
    smaller: float = math.inf
    days: int | None = None
    date: datetime | None = None

    def expires(self, listed: Listed, now: datetime) -> bool:
        """Whether an object is to be deleted now, as far as a listing shows."""
        if not listed.key.startswith(self.prefix) or not self.larger < listed.size < self.smaller:
            return False
        due = self.date if self.days is None else _midnight(listed.written + timedelta(days=self.days))
        return due is not None and now >= due


def _midnight(moment: datetime) -> datetime:
    """The next midnight UTC, or the moment itself if it is one."""
    begins = datetime.combine(moment.date(), time(), UTC)
    return begins if begins == moment else begins + timedelta(days=1)


def rules(configuration: bytes) -> list[Rule]:
    """The enabled rules that delete current objects; the others are left out."""
    document = ET.fromstring(configuration)  # noqa: S314 (S3 has parsed it before)
    return [rule for each in _all(document, "Rule") if (rule := _rule(each))]


def _rule(element: Any) -> Rule | None:
    days, dates = _first(element, "Expiration", "Days"), _first(element, "Expiration", "Date")
    if _first(element, "Status") != "Enabled" or not (days or dates):
        return None
    tags = {_first(tag, "Key"): _first(tag, "Value") for tag in _all(element, "Tag")}
    date = datetime.fromisoformat(dates) if dates else None
    return Rule(
        prefix=next((each.text or "" for each in _all(element, "Prefix")), ""),
        tags=tags,
        larger=int(next((each.text or "" for each in _all(element, "ObjectSizeGreaterThan")), "") or -1),
        smaller=float(
            next((each.text or "" for each in _all(element, "ObjectSizeLessThan")), "") or math.inf
        ),
        days=int(days) if days else None,
        date=date.astimezone(UTC) if date and date.tzinfo else date and date.replace(tzinfo=UTC),
    )


def _first(element: Any, *path: str) -> str:
    """The text of a child, or of a child's child; empty if it does not exist."""
    for name in path:
        element = next((each for each in element if each.tag.rpartition("}")[2] == name), None)
        if element is None:
            return ""
    return element.text or ""


def _all(element: Any, name: str) -> list[Any]:
    return [each for each in element.iter() if each.tag.rpartition("}")[2] == name]
