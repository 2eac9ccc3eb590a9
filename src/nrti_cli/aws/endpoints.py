"""botocore's list of endpoints, of which one service is wanted and not all 400 in eight partitions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

#: How the file sets off the services of a partition, and one of them. No text in JSON holds a line break, so
#: a line like this is what it seems to be; in a file that is set otherwise none is found, and all is read.
_SERVICES, _SERVICES_END = '\n    "services" : {', "\n    }"
_SERVICE, _SERVICE_END = '\n      "{}" : {{', "\n      }"


class Services(Mapping[str, Any]):
    """The services of a partition, each read when it is asked for.

    Args:
        text: of the JSON object that holds them, by name.
    """

    def __init__(self, text: str) -> None:
        self._text = text

    def __getitem__(self, name: str) -> Any:
        start = self._text.find(_SERVICE.format(name))
        if start < 0:
            raise KeyError(name)
        end = self._text.index(_SERVICE_END, start)
        return json.loads(f"{{{self._text[start:end]}}}}}")[name]

    def __iter__(self) -> Iterator[str]:
        return iter(json.loads(self._text))

    def __len__(self) -> int:
        return len(json.loads(self._text))


def read_endpoints(text: str) -> dict[str, Any]:
    """What botocore's endpoints.json says.

    It is a megabyte, by far the largest file that a client needs: all of it takes 15 ms, this 2.
    """
    rest, found, position = [], [], 0
    while (start := text.find(_SERVICES, position)) >= 0:
        begins, ends = start + len(_SERVICES) - 1, text.index(_SERVICES_END, start) + len(_SERVICES_END)
        rest.append(text[position:begins] + "{}")
        found.append(Services(text[begins:ends]))
        position = ends
    endpoints: dict[str, Any] = json.loads("".join([*rest, text[position:]]))
    for partition, services in zip(endpoints["partitions"], found, strict=False):
        partition["services"] = services
    return endpoints
