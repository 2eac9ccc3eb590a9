"""The List operations: sorting, paging and filters, for every kind of resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nrti_local.sagemaker.errors import invalid
from nrti_local.sagemaker.store import Document
from nrti_local.server.shared import tokens

_DEFAULT_PAGE = 10


@dataclass(frozen=True)
class Listing:
    """How one kind of resource is listed.

    Attributes:
        answer: the response's member with the summaries.
        name: the member with a resource's name.
        status: the member with its status, if it has one.
        descending: the default order.
    """

    answer: str
    name: str
    status: str = ""
    descending: bool = True

    def page(self, documents: list[Document], request: dict[str, Any]) -> dict[str, Any]:
        """Returns a page, with the token of the next one.

        As on AWS, filters apply to a page after it was cut: it may be short or even empty and still have a
        NextToken.

        Raises:
            ServiceError: the token is not valid.
        """
        default = "Descending" if self.descending else "Ascending"
        backwards = request.get("SortOrder", default) == "Descending"
        ordered = sorted(documents, key=lambda document: self._rank(document, request), reverse=backwards)
        start = self._start(ordered, request, backwards=backwards)
        window = ordered[start : start + request.get("MaxResults", _DEFAULT_PAGE)]
        result: dict[str, Any] = {self.answer: [found for found in window if self._matches(found, request)]}
        if start + len(window) < len(ordered):
            result["NextToken"] = _token(self._rank(window[-1], request))
        return result

    def _rank(self, document: Document, request: dict[str, Any]) -> tuple[Any, str]:
        member = {"Name": self.name, "Status": self.status}.get(request.get("SortBy", ""), "CreationTime")
        return document[member], document[self.name]

    def _start(self, ordered: list[Document], request: dict[str, Any], *, backwards: bool) -> int:
        """Returns the start of the page: after the last resource of the previous page, deleted or not."""
        if "NextToken" not in request:
            return 0
        last = _rank_of(request["NextToken"])
        ranks = [self._rank(document, request) for document in ordered]
        try:
            return sum(rank >= last if backwards else rank <= last for rank in ranks)
        except TypeError:  # the token belongs to a listing with another order
            raise _bad_token() from None

    def _matches(self, document: Document, request: dict[str, Any]) -> bool:
        if request.get("NameContains", "").lower() not in document[self.name].lower():
            return False
        if self.status and request.get("StatusEquals", document[self.status]) != document[self.status]:
            return False
        return all(
            _between(document[member], request.get(f"{member}After"), request.get(f"{member}Before"))
            for member in ("CreationTime", "LastModifiedTime")
            if member in document
        )


def _between(time: float, after: float | None, before: float | None) -> bool:
    return (after is None or time >= after) and (before is None or time <= before)


def _token(rank: tuple[Any, str]) -> str:
    return tokens.encode(rank)


def _rank_of(token: str) -> tuple[Any, str]:
    try:
        value, name = tokens.decode(token)
    except ValueError:
        raise _bad_token() from None
    return value, name


def _bad_token() -> Exception:
    return invalid('Invalid pagination token because "{0}".')  # the braces are in AWS's text
