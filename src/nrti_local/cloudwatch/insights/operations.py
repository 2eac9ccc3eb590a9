"""The operations on queries, and GetLogRecord, which finds the event of a row."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from ministack.core.responses import get_account_id, get_region

from nrti_local.cloudwatch import logs
from nrti_local.cloudwatch.groups import name_of, no_group_to_query, wrong
from nrti_local.cloudwatch.insights import events
from nrti_local.cloudwatch.insights.commands import MOST_ROWS, Query
from nrti_local.cloudwatch.insights.values import MalformedQueryError, text
from nrti_local.server.shared import tokens
from nrti_local.server.shared.errors import ServiceError

Members = dict[str, Any]
#: Queries whose results are kept; AWS keeps those of a week.
_KEPT = 100
_LANGUAGE = "CWLI"
#: Times from this on are milliseconds and not seconds, as AWS takes both.
_MILLISECONDS = 10**11


@dataclass(frozen=True)
class _Done:
    """A query that ran.

    Attributes:
        scope: the account and region.
        described: as DescribeQueries answers.
        groups: that it read.
        rows: of its result.
        statistics: what it read.
    """

    scope: tuple[str, str]
    described: Members
    groups: tuple[str, ...]
    rows: list[dict[str, str]]
    statistics: dict[str, float]


_queries: OrderedDict[str, _Done] = OrderedDict()


def _start(request: Members) -> Members:
    if request.get("queryLanguage", _LANGUAGE) != _LANGUAGE:
        raise wrong(f"queryLanguage {request['queryLanguage']} is not in the embedded AWS")
    groups = _groups(request)
    start, end = _milliseconds(request["startTime"]), _milliseconds(request["endTime"])
    if start > end:
        raise wrong("startTime must not be after endTime")
    last = end + 999
    try:
        query = Query(request["queryString"])
    except MalformedQueryError as error:
        raise _malformed(error) from None
    read = [row for group in groups for row in events.of_group(group, start, last, discover=query.discovers)]
    read.sort(key=lambda row: row.fields["@timestamp"], reverse=True)
    size = sum(len(row.fields["@message"].encode()) for row in read)
    rows = query.run(read)[: request.get("limit", MOST_ROWS)]
    statistics = {"recordsMatched": query.matched, "recordsScanned": len(read), "bytesScanned": size}
    identity = str(uuid4())
    described = {
        "queryLanguage": _LANGUAGE,
        "queryId": identity,
        "queryString": f"{_source(groups)} START={start} END={last} | {request['queryString']}",
        "status": "Complete",
        "createTime": int(time.time() * 1000),
        "logGroupName": groups[0],
    }
    counted = {name: float(number) for name, number in statistics.items()}
    _queries[identity] = _Done(_scope(), described, tuple(groups), rows, counted)
    while len(_queries) > _KEPT:
        _queries.popitem(last=False)
    return {"queryId": identity}


def _malformed(error: MalformedQueryError) -> ServiceError:
    """The error of a query, with its place if that is known."""
    compile_error: Members = {"message": str(error)}
    if error.place:
        compile_error["location"] = dict(zip(("startCharOffset", "endCharOffset"), error.place, strict=True))
    return ServiceError("MalformedQueryException", str(error), members={"queryCompileError": compile_error})


def _source(groups: list[str]) -> str:
    """How DescribeQueries names the log groups of a query."""
    return "SOURCE " + ", ".join(f'"{name}"' for name in groups)


def _groups(request: Members) -> list[str]:
    """The log groups of a request, which exist."""
    ways = [name for name in ("logGroupName", "logGroupNames", "logGroupIdentifiers") if request.get(name)]
    if len(ways) != 1:
        raise wrong("Exactly one of logGroupName, logGroupNames and logGroupIdentifiers must be specified")
    named = request[ways[0]]
    names = [named] if isinstance(named, str) else [name_of(each) for each in named]
    for name in names:
        if logs.streams(name) is None:
            raise no_group_to_query(name)
    return list(dict.fromkeys(names))


def _milliseconds(moment: int) -> int:
    return moment if moment >= _MILLISECONDS else moment * 1000


def _results(request: Members) -> Members:
    done = _existing(request)
    first = _position(request.get("nextToken"))
    last = first + request.get("maxItems", MOST_ROWS)
    answer: Members = {
        "queryLanguage": _LANGUAGE,
        "status": "Complete",
        "statistics": done.statistics,
        "results": [
            [{"field": name, "value": value} for name, value in row.items()] for row in done.rows[first:last]
        ],
    }
    if last < len(done.rows):
        answer["nextToken"] = tokens.encode(last)
    return answer


def _position(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(tokens.decode(token))
    except (TypeError, ValueError):
        raise wrong("The specified nextToken is invalid.") from None


def _stop(request: Members) -> Members:
    _existing(request)
    raise wrong("Query is not in Running or Scheduled state")


def _describe(request: Members) -> Members:
    group, status = request.get("logGroupName"), request.get("status", "Complete")
    found = [
        done.described
        for done in reversed(_queries.values())
        if done.scope == _scope() and (group is None or group in done.groups) and status == "Complete"
    ]
    return {"queries": found[: request.get("maxResults", _KEPT)]}


def _record(request: Members) -> Members:
    row = events.found_by(request["logRecordPointer"])
    if row is None:
        raise wrong("Invalid logRecordPointer provided")
    fields = {"@ptr": request["logRecordPointer"], **row.fields}
    return {"logRecord": {name: text(value) for name, value in fields.items()}}


def _existing(request: Members) -> _Done:
    done = _queries.get(request["queryId"])
    if done is None or done.scope != _scope():
        raise ServiceError(
            "ResourceNotFoundException", f"The specified query does not exist: {request['queryId']}"
        )
    return done


def _scope() -> tuple[str, str]:
    return get_account_id(), get_region()


OPERATIONS: Mapping[str, Callable[[Members], Members]] = {
    "DescribeQueries": _describe,
    "GetLogRecord": _record,
    "GetQueryResults": _results,
    "StartQuery": _start,
    "StopQuery": _stop,
}
