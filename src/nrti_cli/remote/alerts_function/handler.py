"""Evaluates the alert rules; EventBridge Scheduler calls it every minute while there are rules.

It reads the table, the dead-letter queue, kept requests, the lake and references, and publishes messages.
It writes one object, its own state (store.py); Athena also writes the results of its queries with the
caller's permissions.

    {"test": rule ids or null}   sends a test message by all channels of these rules, or of all
    {"probe": rule id}           connects to the rule's webhook and sends nothing
    anything else                evaluates the rules
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.config import Config
from botocore.session import Session

from . import messages, outbox
from .channels import Channels
from .deadletters import DeadLetters
from .drift_rule import Drift
from .evaluation import Sources, evaluate
from .lake import Lake
from .rules import Rule
from .store import ConflictError, Store
from .table import Table

_CONNECTIONS = 16
#: SNS publishes a request that is repeated twice.
_ONCE = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 1})


_session = cache(Session)


@cache
def _client(service: str) -> Any:
    return _session().create_client(service, config=Config(max_pool_connections=_CONNECTIONS))


@cache
def _store() -> Store:
    return Store(_client("s3"), os.environ["ARTIFACTS"])


@cache
def _channels() -> Channels:
    topic = os.environ["TOPIC"]
    return Channels(_session().create_client("sns", config=_ONCE) if topic else None, topic, _client("ssm"))


@cache
def _sources() -> Sources:
    lake = Lake(_client("athena"), os.environ["WORKGROUP"], os.environ["DATABASE"])
    return Sources(
        Table(_client("dynamodb"), os.environ["TABLE"]),
        lake,
        DeadLetters(_client("sqs"), os.environ["DEAD_LETTERS"], _client("s3"), os.environ["ARTIFACTS"]),
        Drift(_client("s3"), os.environ["ARTIFACTS"], _client("sagemaker"), os.environ["STACK"], lake),
    )


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 (Lambda passes it)
    """The entry point, called by Lambda."""
    if "probe" in event:
        return _probe(event["probe"])
    if "test" in event:
        return _test(event["test"])
    return _evaluate(time.time_ns() // 1_000_000)


def _evaluate(now: int) -> dict[str, Any]:
    rules = {rule.id: rule for rule in _store().rules()}
    if not rules:
        return {"rules": 0}
    state, etag = _store().state()
    evaluate(list(rules.values()), state, _sources(), _channels(), os.environ["STACK"], now)
    try:
        _store().put(state, etag)
    except ConflictError:
        return {"rules": len(rules), "skipped": "another evaluation was faster"}
    summary = {
        "rules": len(rules),
        "active": [rule for rule, kept in state["rules"].items() if kept.get("active")],
        "problems": {rule: kept["problem"] for rule, kept in state["rules"].items() if kept["problem"]},
        "sent": _deliver(rules, now) if state["outbox"] else [],
    }
    print(json.dumps(summary))
    return summary


def _deliver(rules: Mapping[str, Rule], now: int) -> list[dict[str, Any]]:
    def send(message: outbox.Message) -> Any:
        return _channels().send(message["channel"], rules[message["rule"]], message["text"])

    return outbox.deliver(_store(), send, now)


def _test(wanted: list[str] | None) -> dict[str, Any]:
    results = []
    for rule in _store().rules():
        if wanted is None or rule.id in wanted:
            text = messages.test(rule, os.environ["STACK"])
            for channel in _channels().of(rule):
                answer = _channels().send(channel, rule, text)
                delivered = {"delivered": answer.delivered, "answer": answer.text}
                results.append({"rule": rule.id, "channel": channel, "host": rule.host, **delivered})
    return {"results": results}


def _probe(wanted: str) -> dict[str, Any]:
    (rule,) = [rule for rule in _store().rules() if rule.id == wanted]
    answer = _channels().probe(rule)
    return {"reachable": answer.delivered, "answer": answer.text}
