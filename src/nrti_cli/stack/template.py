"""The dependencies between the resources of a template, and the template without some of them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Set
from contextlib import suppress
from typing import Any

#: `${Name}` or `${Name.Attribute}` in Fn::Sub, but not the escape `${!Literal}`.
_SUBSTITUTION = re.compile(r"\$\{([A-Za-z0-9]+)[.}]")

Template = dict[str, Any]


def parse(text: str) -> Template:
    """Parses a template in YAML or JSON; intrinsic functions are in their long form."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Parses CloudFormation's tags."""

    def intrinsic(loader: Any, tag: str, node: yaml.Node) -> dict[str, Any]:
        value = {
            yaml.ScalarNode: loader.construct_scalar,
            yaml.SequenceNode: lambda node: loader.construct_sequence(node, deep=True),
            yaml.MappingNode: lambda node: loader.construct_mapping(node, deep=True),
        }[type(node)](node)
        if tag == "GetAtt" and isinstance(value, str):
            value = value.split(".", 1)
        return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": value}

    Loader.add_multi_constructor("!", intrinsic)
    # CloudFormation has no dates: "2010-09-09" and "2012-10-17" are versions, hence texts.
    Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))
    parsed: Template = yaml.load(text, Loader)  # noqa: S506 (a SafeLoader)
    return parsed


def compact(template: Template) -> str:
    """The template as JSON without blanks; the same template always gives the same text.

    Metadata is a comment for linters and is left out. JSON documents within the template, such as the schema
    of a request, lose their line breaks.
    """
    resources = {
        name: {key: _without_blanks(value) for key, value in resource.items() if key != "Metadata"}
        for name, resource in template["Resources"].items()
    }
    return _dense({**template, "Resources": resources})


def _without_blanks(value: Any) -> Any:
    """The value, with JSON documents in its texts on one line."""
    if isinstance(value, dict):
        return {name: _without_blanks(each) for name, each in value.items()}
    if isinstance(value, list):
        return list(map(_without_blanks, value))
    if isinstance(value, str) and "\n" in value:
        with suppress(ValueError):
            return _dense(json.loads(value))
    return value


def _dense(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))


def references(value: object) -> Iterator[str]:
    """The logical ids that a part of a template refers to, including parameters and pseudo parameters."""
    if isinstance(value, list):
        for each in value:
            yield from references(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _named(key, each)
            yield from references(each)


def _named(key: str, value: Any) -> Iterator[str]:
    if key == "Ref":
        yield value
    elif key == "Fn::GetAtt":
        yield value.split(".")[0] if isinstance(value, str) else value[0]
    elif key == "Fn::Sub":
        text, own = (value, {}) if isinstance(value, str) else value
        yield from (name for name in _SUBSTITUTION.findall(text) if name not in own)
    elif key == "DependsOn":
        yield from [value] if isinstance(value, str) else value


def with_dependents(template: Template, logical_ids: Set[str], keep: Set[str]) -> frozenset[str]:
    """These resources, and all that require them.

    Args:
        template: as `parse` returns it.
        logical_ids: where to begin.
        keep: resources to leave out; `without` makes them independent.
    """
    resources = template["Resources"].items()
    needs = {name: set(references(resource)) for name, resource in resources if name not in keep}
    found = frozenset(logical_ids)
    while True:
        wider = found | {name for name, needed in needs.items() if needed & found}
        if wider == found:
            return found
        found = wider


def without(template: Template, logical_ids: Set[str]) -> str:
    """The template without these resources and without references to them.

    A remaining resource loses the attributes and properties that refer to them; an output is removed.
    """
    remaining = {
        name: independent(resource, logical_ids)
        for name, resource in template["Resources"].items()
        if name not in logical_ids
    }
    outputs = _unrelated(template.get("Outputs", {}), logical_ids)
    return compact({**template, "Resources": remaining, "Outputs": outputs})


def independent(resource: Template, logical_ids: Set[str]) -> Template:
    """The resource without the attributes and properties that refer to these resources."""
    properties = _unrelated(resource.get("Properties", {}), logical_ids)
    return _unrelated({**resource, "Properties": properties}, logical_ids)


def _unrelated(parts: Template, logical_ids: Set[str]) -> Template:
    return {name: part for name, part in parts.items() if not set(references({name: part})) & logical_ids}
