"""The mapping templates of the API by Apache Velocity, beside the embedded AWS's renderer.

Java writes some text otherwise: numbers with an exponent, a few escapes. Then it has to say the same.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from nrti_cli.assets import asset
from nrti_cli.stack.template import parse
from nrti_local.apigateway.request_body import problem_with
from nrti_local.apigateway.vtl import render
from tests.clients import velocity
from tests.clients.answers_of_executions import EXECUTIONS, REFUSALS
from tests.clients.special_texts import TEXTS, requests
from tests.clients.velocity import Velocity
from tests.local import fuzz_bodies

pytestmark = pytest.mark.clients

#: They are the same ones each time.
MANY = settings(max_examples=600, phases=(Phase.generate, Phase.shrink))
FEW = settings(MANY, max_examples=60)
CONTEXT: dict[str, Any] = {
    "extendedRequestId": "aGk-_0123456789=",
    "requestId": "r1",
    "requestTimeEpoch": 1_764_300_000_000,
    "responseOverride": {"header": {}},
}
#: JsonPath's parser reads no more levels; the schemas allow a few.
DEEPEST = 400
#: Digits that a float keeps.
EXACT = 15
#: The functions of `$input` and `$util`, as AWS's examples use them.
FUNCTIONS = (
    "$input.body",
    "$input.json('$.none')",
    "$input.json('$.text')",
    "$input.json('$.map')",
    "$input.path('$.text')",
    "$input.path('$.list').size()",
    "#foreach($each in $input.path('$.list'))$each;#end",
    "$input.params('a')|$input.params('b')|$input.params('none')",
    """#foreach($place in $input.params().keySet())#set($values = $input.params().get($place))"$place": {\
#foreach($name in $values.keySet())"$name": "$util.escapeJavaScript($values.get($name))"\
#if($foreach.hasNext),#end#end}#end""",
    "$util.escapeJavaScript($input.path('$.text'))",
    "$util.parseJson($input.path('$.json')).text",
    "$util.urlEncode($input.path('$.text'))",
    "$util.urlDecode($util.urlEncode($input.path('$.text')))",
    "$util.base64Encode($input.path('$.text'))",
    "$util.base64Decode($util.base64Encode($input.path('$.text')))",
    "[$context.requestId] [$stageVariables.none] [$none] [$input.path('$.none')] [$!none]",
    "#if($none)a#end#if(!$none)b#end#if($none || false)c#end#if($none && true)d#end#if($none == '')e#end",
    "#set($x = $input.path('$.none'))$x#if($x)a#end#if($x == $none)b#end#if($x == '')c#end",
    "#if($input.path('$.none').contains('a'))a#end#if($input.path('$.text').contains('a'))b#end",
    "#if($input.path('$.zero'))a#end#if($input.path('$.null') == '')b#end#if($input.params('none'))c#end",
    "#if($input.path('$.empty'))a#end#if($input.path('$.empty') == '')b#end$input.path('$.empty').size()",
    "#set($all = $input.path('$'))$all.none#if($all.none == '')a#end#if($all.none.none)b#end$all.isEmpty()",
    "$input.path('$') $input.path('$.list') $input.path('$.map') $input.path('$.numbers')",
    "#foreach($each in $input.path('$.numbers'))$each;#end#foreach($each in $none)$each#end",
)
#: Of all kinds, for the functions.
VALUES = {
    "map": {"map": {"list": [1, {"a": None}]}, "null": None, "true": True, "text": "a/b"},
    "numbers": [0, -1, 0.0, -0.0, 1.5, 0.001, 0.00099, 1234567.0, 1e7, 1e38, 5e-324, 1.25e300],
    "empty": [],
    "null": None,
    "zero": 0,
}
#: Template, body, what is rendered here, and by Velocity with an empty text for an absent reference.
DIFFERENCES = (
    ("$input.json('$')", "[1e38, 5e-324]", "[1e+38,5e-324]", "[1.0E38,4.9E-324]"),
    ("$input.json('$')", "[12345678901234567.25e0]", "[1.2345678901234568e+16]", "[12345678901234567.25]"),
    ("$input.path('$.a')", '{"a": "\\n\x7f"}', "\n\x7f", "\n"),
    ("#if(false)a\n#else\nb#end", "{}", "\nb", "b"),
)


@pytest.fixture(scope="module")
def judge() -> Iterator[Velocity]:
    with velocity.running() as started:
        yield started


@pytest.fixture(scope="module")
def tally() -> Iterator[Counter[str]]:
    """How the renderings ended."""
    counted: Counter[str] = Counter()
    yield counted
    print("\nby Velocity and here: " + ", ".join(f"{count:,} {what}" for what, count in counted.items()))


def _integrations() -> Iterator[tuple[str, dict[str, Any]]]:
    resources = parse(asset("cloudformation/pipeline.yaml").read_text())["Resources"]
    for name, resource in resources.items():
        if resource["Type"] == "AWS::ApiGateway::Method":
            yield name, resource["Properties"]["Integration"]


def _substituted(template: Any) -> str:
    """The text of a template, also of one in Fn::Sub."""
    if isinstance(template, str):
        return template
    made, names = template["Fn::Sub"]
    for name, value in {**names, "StateMachine": "arn:a", "LabelsStateMachine": "arn:b"}.items():
        made = made.replace(f"${{{name}}}", value)
    return str(made)


REQUESTS = {
    name: _substituted(each["RequestTemplates"]["application/json"]) for name, each in _integrations()
}
RESPONSES = {
    f"{name}-{response['StatusCode']}": _substituted(response["ResponseTemplates"]["application/json"])
    for name, each in _integrations()
    for response in each["IntegrationResponses"]
}


def _ours(
    template: str, body: str, parameters: Mapping[str, Mapping[str, str]] | None = None
) -> dict[str, Any]:
    context = deepcopy(CONTEXT)
    try:
        rendered = render(template, body, parameters or {}, context)
    except Exception:  # noqa: BLE001 (answered by 500, whatever it is)
        return {"error": True}
    return {"text": rendered, "override": context["responseOverride"]}


def _compare(judge: Velocity, tally: Counter[str], template: str, body: str) -> None:
    """Renders a template of the API here and by Velocity, whatever that takes an absent reference for."""
    ours = _ours(template, body)
    for theirs in judge.render(template, body, {}, CONTEXT).values():
        tally["with the same text" if ours == theirs else "with the same values"] += 1
        assert ours == theirs or _meaning(ours) == _meaning(theirs)


def _meaning(result: dict[str, Any]) -> dict[str, Any]:
    """What a client or Step Functions reads in a result: JSON, and JSON in the input of an execution."""
    document = _read(result["text"])
    if "input" in document:
        document["input"] = _read(document["input"])
    # As a text again: 1 and true are equal in Python.
    return {"document": json.dumps(document), "override": result["override"]}


def _read(text: str) -> Any:
    """A document of JSON; Java may write a large number with a fraction in digits alone."""
    return json.loads(text, parse_int=lambda digits: float(digits) if len(digits) > EXACT else int(digits))


@pytest.mark.parametrize("name", REQUESTS)
@MANY
@given(body=st.one_of(requests(), requests(), fuzz_bodies.labels(), fuzz_bodies.HOSTILE))
def test_requests_are_rendered_alike(judge: Velocity, tally: Counter[str], name: str, body: bytes) -> None:
    # What the API's validator refuses, whatever its schema, reaches no template.
    refused = problem_with(body, '{"type": ["object", "array"]}', {})
    if refused or body.count(b"[") + body.count(b"{") > DEEPEST:
        tally["bodies that the validator refuses"] += 1
    else:
        _compare(judge, tally, REQUESTS[name], body.decode())


@pytest.mark.parametrize("name", RESPONSES)
@MANY
@given(answer=st.one_of(EXECUTIONS, REFUSALS))
def test_answers_are_rendered_alike(judge: Velocity, tally: Counter[str], name: str, answer: Any) -> None:
    _compare(judge, tally, RESPONSES[name], json.dumps(answer))


@pytest.mark.parametrize("template", FUNCTIONS)
@FEW
@given(
    content=TEXTS,
    items=st.lists(TEXTS | st.integers()),
    places=st.fixed_dictionaries(
        dict.fromkeys(
            ("path", "querystring", "header"), st.dictionaries(st.sampled_from("abc"), fuzz_bodies.TEXT)
        )
    ),
)
def test_functions_answer_alike(
    judge: Velocity,
    tally: Counter[str],
    template: str,
    content: str,
    items: list[Any],
    places: dict[str, dict[str, str]],
) -> None:
    body = json.dumps({"text": content, "list": items, "json": json.dumps({"text": content}), **VALUES})

    assert _ours(template, body, places) == judge.render(template, body, places, CONTEXT)["empty"]
    tally["with the same text"] += 1


@pytest.mark.parametrize(("template", "body", "here", "there"), DIFFERENCES)
def test_these_differ(judge: Velocity, template: str, body: str, here: str, there: str) -> None:
    assert _ours(template, body)["text"] == here
    assert judge.render(template, body, {}, CONTEXT)["empty"]["text"] == there
