"""The QuickSight template: its names refer to something, and the checks that say so can fail."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pytest
import sqlglot
from botocore.session import get_session
from botocore.validate import ParamValidator

from nrti_cli.assets import asset
from nrti_cli.stack.template import parse
from tests.unit.quicksight_checks import Node, custom_sql, defects, lake_columns, nodes, query

TEMPLATE = parse(asset("cloudformation/quicksight.yaml").read_text())
PIPELINE = parse(asset("cloudformation/pipeline.yaml").read_text())

Mutation = Callable[[Node], object]


def test_every_name_refers_to_something_that_fits() -> None:
    assert defects(TEMPLATE, PIPELINE) == []


def _definition(template: Node) -> Node:
    found: Node = template["Resources"]["Dashboard"]["Properties"]["Definition"]
    return found


def _node(template: Node, kind: str, **having: object) -> Node:
    """The first mapping under the key `kind` that has these values."""
    return next(
        node
        for key, node in nodes(template["Resources"])
        if key == kind and all(node.get(name) == value for name, value in having.items())
    )


def _elements(template: Node) -> list[Node]:
    found: list[Node] = _node(template, "GridLayout")["Elements"]
    return found


def _edit_sql(before: str, after: str) -> Mutation:
    def edit(template: Node) -> None:
        text = custom_sql(template)["SqlQuery"]["Fn::Sub"]
        assert before in text
        custom_sql(template)["SqlQuery"]["Fn::Sub"] = text.replace(before, after)

    return edit


def _set(kind: str, key: str, value: Any, **having: object) -> Mutation:
    return lambda template: _node(template, kind, **having).__setitem__(key, value)


MUTATIONS: dict[str, tuple[Mutation, str]] = {
    "the query names no column of the lake": (_edit_sql("sensor,", "senzor,"), "could not be resolved"),
    "the query reads no table of the lake": (_edit_sql('"predictions"', '"predictons"'), "the query"),
    "the query is no SQL": (_edit_sql("FROM", "FORM"), "the query"),
    "the query leaves a column out": (_edit_sql("probability,", ""), "declared is"),
    "the query calls a column otherwise": (_edit_sql("AS latency_ms", "AS latency"), "declared is"),
    "the query scans every day": (_edit_sql("WHERE day >=", "WHERE sensor >="), "every day"),
    "a column is declared with another type": (
        lambda t: custom_sql(t)["Columns"][5].update(Type="STRING"),
        "declared is",
    ),
    "a visual shows a column that is not there": (
        _set("Column", "ColumnName", "latency", ColumnName="latency_ms"),
        "the column latency,",
    ),
    "a visual sums up a text": (
        lambda t: _node(t, "NumericalMeasureField").update(
            Column={"DataSetIdentifier": "predictions", "ColumnName": "sensor"}
        ),
        "does not take the STRING column",
    ),
    "an axis of time is none": (
        lambda t: _node(t, "DateDimensionField").update(
            Column={"DataSetIdentifier": "predictions", "ColumnName": "prediction"}
        ),
        "does not take the INTEGER column",
    ),
    "a visual uses an undeclared data set": (
        _set("Column", "DataSetIdentifier", "prediction", ColumnName="sensor"),
        "not declared",
    ),
    "two visuals share an id": (
        _set("KPIVisual", "VisualId", "events", VisualId="failures"),
        "is used 2 times",
    ),
    "two fields share an id": (
        _set("NumericalMeasureField", "FieldId", "failures-sum", FieldId="latency-p99-value"),
        "is used 2 times",
    ),
    "a table sorts by a field it has not": (
        _set("FieldSort", "FieldId", "when", FieldId="latest-failures-time"),
        "no field when",
    ),
    "a label is for no field": (
        _set("SelectedFieldOptions", "FieldId", "where", FieldId="latest-failures-sensor"),
        "no field where",
    ),
    "a visual is not placed": (lambda t: _elements(t).pop(), "places"),
    "a place has no visual": (lambda t: _elements(t)[0].update(ElementId="event"), "places"),
    "a visual leaves the grid": (lambda t: _elements(t)[4].update(ColumnSpan=10), "beyond the grid"),
    "a visual is too high": (lambda t: _elements(t)[-1].update(RowSpan=22), "too high"),
    "two visuals overlap": (lambda t: _elements(t)[1].update(ColumnIndex=7), "overlap"),
    "a filter is for a visual that is not there": (
        _set("SheetVisualScopingConfigurations", "VisualIds", ["failure-table"], Scope="SELECTED_VISUALS"),
        "no visual failure-table",
    ),
    "a filter is for a sheet that is not there": (
        _set("SheetVisualScopingConfigurations", "SheetId", "line", Scope="SELECTED_VISUALS"),
        "no sheet line",
    ),
    "a control is for a filter that is not there": (
        _set("Dropdown", "SourceFilterId", "sensor", FilterControlId="sensors-control"),
        "filter sensor,",
    ),
    "the dashboard uses something else": (
        lambda t: _definition(t)["DataSetIdentifierDeclarations"][0].update(
            DataSetArn={"Fn::GetAtt": ["DataSource", "Arn"]}
        ),
        "does not use the data set",
    ),
    "the data set uses something else": (
        lambda t: custom_sql(t).update(DataSourceArn={"Fn::GetAtt": ["DataSet", "Arn"]}),
        "does not use the data source",
    ),
    "a refresh is for another data set": (
        lambda t: t["Resources"]["FullRefresh"]["Properties"].update(DataSetId="x"),
        "another data set",
    ),
    "a refresh is for a direct query": (
        lambda t: t["Resources"]["FullRefresh"].pop("Condition"),
        "not imported",
    ),
    "the refresh looks back on no time": (
        _set("LookbackWindow", "ColumnName", "prediction"),
        "which is no time",
    ),
    "a parameter is no output": (
        lambda t: t["Parameters"].update(LakeBuckets={"Type": "String"}),
        "LakeBuckets is no output",
    ),
    "the owner lacks an action": (
        lambda t: t["Resources"]["Dashboard"]["Properties"]["Permissions"][0]["Actions"].pop(),
        "odd set",
    ),
}


@pytest.mark.parametrize(("mutation", "defect"), MUTATIONS.values(), ids=list(MUTATIONS))
def test_the_checks_can_fail(mutation: Mutation, defect: str) -> None:
    broken = deepcopy(TEMPLATE)
    mutation(broken)

    assert broken != TEMPLATE
    assert any(defect in found for found in defects(broken, PIPELINE)), defects(broken, PIPELINE)


def test_a_column_that_leaves_the_lake_is_missed() -> None:
    narrowed = deepcopy(PIPELINE)
    columns = narrowed["Resources"]["LakeTable"]["Properties"]["TableInput"]["StorageDescriptor"]["Columns"]
    columns[:] = [column for column in columns if column["Name"] != "received_time"]

    assert any("received_time" in found for found in defects(TEMPLATE, narrowed))


ACCOUNT = "111122223333"
API = {
    "DataSource": "CreateDataSourceRequest",
    "DataSet": "CreateDataSetRequest",
    "IncrementalRefresh": "CreateRefreshScheduleRequest",
    "FullRefresh": "CreateRefreshScheduleRequest",
    "Dashboard": "CreateDashboardRequest",
}
#: What CloudFormation sends by a call of its own, PutDataSetRefreshProperties.
APART = {"DataSetRefreshProperties"}
#: What CloudFormation's schema spells otherwise.
SPELT = {"TimeZone": "Timezone"}


def _resolved(value: Any) -> Any:
    """A part of the template as CloudFormation would send it, with something for every reference."""
    if isinstance(value, list):
        return [_resolved(each) for each in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and next(iter(value)) in {"Ref", "Fn::Sub", "Fn::GetAtt"}:
        return ACCOUNT if value == {"Ref": "AWS::AccountId"} else "arn:aws:service:region:account:resource"
    return {SPELT.get(name, name): _resolved(each) for name, each in value.items()}


def _complaints(template: Node, name: str) -> str:
    """What botocore, which knows AWS's own model of the API, says against a resource."""
    properties = template["Resources"][name]["Properties"]
    sent = {key: _resolved(each) for key, each in properties.items() if key not in APART}
    shape = get_session().get_service_model("quicksight").shape_for(API[name])
    report: str = ParamValidator().validate(sent, shape).generate_report()
    return report


@pytest.mark.parametrize("name", API)
def test_every_resource_is_a_request_that_the_api_takes(name: str) -> None:
    assert _complaints(TEMPLATE, name) == ""


def test_the_api_would_refuse_a_wrong_name_and_a_missing_one() -> None:
    broken = deepcopy(TEMPLATE)
    visual = _node(broken, "TableVisual")
    visual["Titel"] = visual.pop("Title")
    _node(broken, "RelativeDatesFilter").pop("NullOption")

    complaints = _complaints(broken, "Dashboard")

    assert 'Unknown parameter in Definition.Sheets[0].Visuals[8].TableVisual: "Titel"' in complaints
    assert "Missing required parameter" in complaints


def _lake(*ages_in_days: int) -> duckdb.DuckDBPyConnection:
    """A lake with one prediction of each age, which took 40 ms to arrive and 110 ms to be judged."""
    types = {"string": "VARCHAR", "array<double>": "DOUBLE[]"}
    columns = ", ".join(f"{name} {types.get(type_, type_)}" for name, type_ in lake_columns(PIPELINE).items())
    lake = duckdb.connect()
    lake.execute(f"CREATE SCHEMA nrti; CREATE TABLE nrti.predictions ({columns})")
    now = datetime.now(UTC).replace(tzinfo=None)
    for age in ages_in_days:
        moment = now - timedelta(days=age)
        received, predicted = moment + timedelta(milliseconds=40), moment + timedelta(milliseconds=150)
        probability, version = (1.0, "20261122153654278") if age == 0 else (None, None)
        row = (f"{age} days old", "s1", "m1", moment, int(age == 0), probability, [3.0, 99.5, 5.0])
        # score, label, version, channels, rescored and shadow
        values = [*row, received, predicted, None, "worn", version, None, False, False, f"{moment:%Y-%m-%d}"]
        lake.execute(f"INSERT INTO nrti.predictions VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608
    return lake


def test_the_query_answers_what_the_dashboard_shows() -> None:
    sql = sqlglot.transpile(query(TEMPLATE, days=7), read="athena", write="duckdb")[0]

    answer = _lake(0, 6, 8).execute(sql)
    names = [column[0] for column in answer.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    assert names == [column["Name"] for column in custom_sql(TEMPLATE)["Columns"]]
    assert {row["event_id"] for row in rows} == {"0 days old", "6 days old"}
    assert [(row["sequence"], row["latency_ms"], row["processing_ms"]) for row in rows] == [
        ("[3.0,99.5,5.0]", 150, 110)
    ] * 2
    found = {row["event_id"]: (row["version"], row["outcome"], row["probability_from"]) for row in rows}
    assert found == {
        "0 days old": ("20261122153654278", "failure", 0.95),
        "6 days old": ("unknown", "no failure", None),
    }


def test_the_sheet_shows_what_the_live_page_shows() -> None:
    shown = {node["VisualId"] for _, node in nodes(_definition(TEMPLATE)["Sheets"]) if "VisualId" in node}
    columns = {
        node["Column"]["ColumnName"] for _, node in nodes(_definition(TEMPLATE)["Sheets"]) if "Column" in node
    }

    assert shown >= {"failures-over-time", "failure-rate-by-model", "latency-over-time", "probability"}
    assert shown >= {"events", "failures", "latency-p50", "latency-p99", "latest-failures"}
    assert columns >= {"version", "score", "label", "probability", "sequence", "sensor", "outcome"}
