"""What cfn-lint cannot see in the QuickSight template: whether its names refer to something, and fit it.

`defects` takes parsed templates, so that a test can also hand it broken ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, ParseError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

Node = dict[str, Any]

GRID_COLUMNS = 36
LARGEST_ROW_SPAN = 21
NUMBERS = {"INTEGER", "DECIMAL"}
#: What a field well or a filter of this kind can hold.
FITS = {
    "NumericalMeasureField": NUMBERS,
    "CategoricalMeasureField": {"STRING"},
    "CategoricalDimensionField": {"STRING"},
    "NumericalDimensionField": NUMBERS,
    "DateDimensionField": {"DATETIME"},
    "RelativeDatesFilter": {"DATETIME"},
    "CategoryFilter": {"STRING"},
    "NumericEqualityFilter": NUMBERS,
    "NumericRangeFilter": NUMBERS,
}
#: QuickSight's type of what Athena answers. A JSON text is beyond what sqlglot infers.
ATHENA_TYPES = {
    "TEXT": "STRING",
    "VARCHAR": "STRING",
    "UNKNOWN": "STRING",
    "TIMESTAMP": "DATETIME",
    "INT": "INTEGER",
    "BIGINT": "INTEGER",
    "DOUBLE": "DECIMAL",
}
IDENTITIES = ("SheetId", "VisualId", "FieldId", "FilterId", "FilterGroupId", "FilterControlId")
#: The sets that QuickSight's console grants to an owner; it refuses any other combination.
OWNER = {
    "DataSource": {
        "DeleteDataSource",
        "DescribeDataSource",
        "DescribeDataSourcePermissions",
        "PassDataSource",
        "UpdateDataSource",
        "UpdateDataSourcePermissions",
    },
    "DataSet": {
        "CancelIngestion",
        "CreateIngestion",
        "DeleteDataSet",
        "DescribeDataSet",
        "DescribeDataSetPermissions",
        "DescribeIngestion",
        "ListIngestions",
        "PassDataSet",
        "UpdateDataSet",
        "UpdateDataSetPermissions",
    },
    "Dashboard": {
        "DeleteDashboard",
        "DescribeDashboard",
        "DescribeDashboardPermissions",
        "ListDashboardVersions",
        "QueryDashboard",
        "UpdateDashboard",
        "UpdateDashboardPermissions",
        "UpdateDashboardPublishedVersion",
    },
}


def nodes(value: Any, key: str = "") -> Iterator[tuple[str, Node]]:
    """Every mapping of a part of a template, with the key under which it stands (also as a list's member)."""
    if isinstance(value, list):
        for each in value:
            yield from nodes(each, key)
    elif isinstance(value, dict):
        yield key, value
        for name, each in value.items():
            yield from nodes(each, name)


def _values(value: Any, key: str) -> list[str]:
    return [node[key] for _, node in nodes(value) if isinstance(node.get(key), str)]


def custom_sql(template: Node) -> Node:
    """The data set's query and columns."""
    tables = template["Resources"]["DataSet"]["Properties"]["PhysicalTableMap"]
    found: Node = next(iter(tables.values()))["CustomSql"]
    return found


def query(template: Node, *, database: str = "nrti", days: int = 7) -> str:
    """The data set's SQL with the parameters filled in."""
    sql: str = custom_sql(template)["SqlQuery"]["Fn::Sub"]
    return sql.replace("${Database}", database).replace("${Days}", str(days))


def lake_columns(pipeline: Node) -> dict[str, str]:
    """The Glue table's columns and partition keys, with their types."""
    table = pipeline["Resources"]["LakeTable"]["Properties"]["TableInput"]
    columns = [*table["StorageDescriptor"]["Columns"], *table["PartitionKeys"]]
    return {column["Name"]: column["Type"] for column in columns}


def defects(template: Node, pipeline: Node) -> list[str]:
    """What is wrong, a sentence each; nothing if all is well."""
    columns = {column["Name"]: column["Type"] for column in custom_sql(template)["Columns"]}
    dashboard = template["Resources"]["Dashboard"]["Properties"]["Definition"]
    return [
        *_query_defects(template, pipeline),
        *_wiring_defects(template, columns),
        *_parameter_defects(template, pipeline),
        *_permission_defects(template),
        *_column_defects(dashboard, columns),
        *_identity_defects(dashboard),
        *_field_defects(dashboard),
        *_scope_defects(dashboard),
        *(defect for sheet in dashboard["Sheets"] for defect in _layout_defects(sheet)),
    ]


def _query_defects(template: Node, pipeline: Node) -> Iterator[str]:
    table = pipeline["Resources"]["LakeTable"]["Properties"]["TableInput"]
    try:
        select = _typed_select(query(template), {"nrti": {table["Name"]: lake_columns(pipeline)}})
    except (OptimizeError, ParseError) as error:
        yield f"the query: {error}"
        return
    selected = [(each.alias_or_name, _quicksight_type(each)) for each in select.selects]
    declared = [(column["Name"], column["Type"]) for column in custom_sql(template)["Columns"]]
    if selected != declared:
        yield f"the query gives {selected}, declared is {declared}"
    where = select.find(exp.Where)
    compared = {column.name for column in where.find_all(exp.Column)} if where else set()
    raw = pipeline["Resources"]["RawTable"]["Properties"]["TableInput"]
    if not compared & {key["Name"] for key in raw["PartitionKeys"]}:
        yield "the query reads every day there is"


def _typed_select(sql: str, schema: dict[str, object]) -> exp.Select:
    """The query with every name resolved and typed; raises if one cannot be."""
    resolved = qualify(sqlglot.parse_one(sql, dialect="athena"), schema=schema, dialect="athena")
    typed = annotate_types(resolved, schema=schema, dialect="athena")
    if not isinstance(typed, exp.Select):
        raise ParseError("it is no SELECT")
    return typed


def _quicksight_type(column: exp.Expr) -> str:
    return ATHENA_TYPES.get(column.type.sql() if column.type else "UNKNOWN", "no type of QuickSight")


def _wiring_defects(template: Node, columns: dict[str, str]) -> Iterator[str]:
    resources = template["Resources"]
    data_set = resources["DataSet"]["Properties"]
    if custom_sql(template)["DataSourceArn"] != {"Fn::GetAtt": ["DataSource", "Arn"]}:
        yield "the data set does not use the data source"
    for declared in resources["Dashboard"]["Properties"]["Definition"]["DataSetIdentifierDeclarations"]:
        if declared["DataSetArn"] != {"Fn::GetAtt": ["DataSet", "Arn"]}:
            yield "the dashboard does not use the data set"
    for name, resource in resources.items():
        if resource["Type"] == "AWS::QuickSight::RefreshSchedule":
            if resource["Properties"]["DataSetId"] != data_set["DataSetId"]:
                yield f"{name} refreshes another data set"
            if resource.get("Condition") != "Spice":
                yield f"{name} refreshes what is not imported"
    for key, node in nodes(data_set):
        if key == "LookbackWindow" and columns.get(node["ColumnName"]) != "DATETIME":
            yield f"the refresh looks back on {node['ColumnName']}, which is no time"


def _parameter_defects(template: Node, pipeline: Node) -> Iterator[str]:
    own = {"PipelineStack", "QuickSightUserArn", "ImportMode", "Days"}
    for name in sorted(set(template["Parameters"]) - own - set(pipeline["Outputs"])):
        yield f"parameter {name} is no output of the pipeline"


def _permission_defects(template: Node) -> Iterator[str]:
    for kind, actions in OWNER.items():
        for grant in template["Resources"][kind]["Properties"]["Permissions"]:
            odd = {action.removeprefix("quicksight:") for action in grant["Actions"]} ^ actions
            if odd:
                yield f"{kind} grants an odd set of actions: {sorted(odd)}"


def _column_defects(dashboard: Node, columns: dict[str, str]) -> Iterator[str]:
    declared = {each["Identifier"] for each in dashboard["DataSetIdentifierDeclarations"]}
    for key, node in nodes(dashboard):
        if not isinstance(node.get("Column"), dict):
            continue
        column, identifier = node["Column"]["ColumnName"], node["Column"]["DataSetIdentifier"]
        if identifier not in declared:
            yield f"{key} refers to the data set {identifier}, which is not declared"
        if column not in columns:
            yield f"{key} refers to the column {column}, which the data set has not"
        elif key in FITS and columns[column] not in FITS[key]:
            yield f"{key} does not take the {columns[column]} column {column}"


def _identity_defects(dashboard: Node) -> Iterator[str]:
    for kind in IDENTITIES:
        # Sorting and labelling repeat the id of a field, scopes that of a sheet: only definitions count.
        defined = Counter(
            node[kind]
            for key, node in nodes(dashboard)
            if kind in node
            and key not in {"FieldSort", "SelectedFieldOptions", "SheetVisualScopingConfigurations"}
        )
        yield from (f"{kind} {name} is used {count} times" for name, count in defined.items() if count > 1)


def _visuals(sheet: Node) -> list[Node]:
    return [content for visual in sheet["Visuals"] for content in visual.values()]


def _field_defects(dashboard: Node) -> Iterator[str]:
    for sheet in dashboard["Sheets"]:
        for visual in _visuals(sheet):
            fields = set(_values(visual["ChartConfiguration"]["FieldWells"], "FieldId"))
            used = set(_values(visual, "FieldId"))
            yield from (f"visual {visual['VisualId']} has no field {name}" for name in sorted(used - fields))


def _scope_defects(dashboard: Node) -> Iterator[str]:
    sheets = {sheet["SheetId"]: {v["VisualId"] for v in _visuals(sheet)} for sheet in dashboard["Sheets"]}
    filtered: dict[str, set[str]] = {}
    for group in dashboard["FilterGroups"]:
        scopes = [node for key, node in nodes(group) if key == "SheetVisualScopingConfigurations"]
        for name in _values(group["Filters"], "FilterId"):
            filtered[name] = {scope["SheetId"] for scope in scopes}
        for scope in scopes:
            if scope["SheetId"] not in sheets:
                yield f"filter group {group['FilterGroupId']} is for no sheet {scope['SheetId']}"
            strangers = set(scope.get("VisualIds", [])) - sheets.get(scope["SheetId"], set())
            yield from (
                f"filter group {group['FilterGroupId']} is for no visual {name}" for name in strangers
            )
    for sheet in dashboard["Sheets"]:
        for name in _values(sheet.get("FilterControls", []), "SourceFilterId"):
            if sheet["SheetId"] not in filtered.get(name, set()):
                yield f"a control of sheet {sheet['SheetId']} is for filter {name}, which does not act on it"


def _layout_defects(sheet: Node) -> Iterator[str]:
    elements = sheet["Layouts"][0]["Configuration"]["GridLayout"]["Elements"]
    placed = Counter(element["ElementId"] for element in elements)
    visuals = Counter(visual["VisualId"] for visual in _visuals(sheet))
    if placed != visuals:
        yield f"sheet {sheet['SheetId']} places {sorted(placed.elements())}, has {sorted(visuals.elements())}"
    for element in elements:
        if element["ColumnIndex"] + element["ColumnSpan"] > GRID_COLUMNS:
            yield f"{element['ElementId']} reaches beyond the grid"
        if element["RowSpan"] > LARGEST_ROW_SPAN:
            yield f"{element['ElementId']} is too high"
    for one, other in combinations(elements, 2):
        if _overlap(one, other, "Column") and _overlap(one, other, "Row"):
            yield f"{one['ElementId']} and {other['ElementId']} overlap"


def _overlap(one: Node, other: Node, axis: str) -> bool:
    first, second = one[f"{axis}Index"], other[f"{axis}Index"]
    return bool(first < second + other[f"{axis}Span"] and second < first + one[f"{axis}Span"])
