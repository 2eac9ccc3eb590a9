"""The objects of a table, and its partitions.

A projected table has those partitions of its objects that its parameters declare. Any other partitioned table
has those that the catalog has, each at its own location; MSCK REPAIR, ALTER TABLE and Glue's API add some.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote, urlsplit

from nrti_local.athena.catalog.projection import declared
from nrti_local.athena.catalog.tables import GlueTable, Store, Values
from nrti_local.server.shared.times import now

#: Returns those of some partitions that a query wants.
Select = Callable[[set[Values]], set[Values]]
#: Up to this number partitions are listed one by one; beyond it one listing of the whole table is faster.
_FEW = 20


@dataclass(frozen=True)
class StoredObject:
    """An object of a table: its place, its size in bytes, and the partition it belongs to."""

    bucket: str
    key: str
    size: int
    values: Values


def objects(table: GlueTable, store: Store, select: Select | None = None) -> list[StoredObject]:
    """Returns a table's objects, without hidden ones, whose names begin with _ or a dot.

    Args:
        table: the table.
        store: the objects.
        select: returns those of some partitions that are wanted; None for all of them.
    """
    if table.partition_keys and not table.projected:
        places = dict(store.partitions(*table.name))
        wanted = select(set(places)) if select else set(places)
        return list(_registered(table, store, {places[values]: values for values in wanted}))
    projected = declared(table, now().replace(tzinfo=None))
    folders = _folders(table, store) if select else None
    if select is None or folders is None:
        found = list(_listed(table, store, table.prefix))
        wanted = projected({each.values for each in found})
        wanted = select(wanted) if select else wanted
    else:
        wanted = select(projected(set(folders.values())))
        prefixes = [folder for folder, values in folders.items() if values in wanted]
        prefixes = prefixes if len(prefixes) <= _FEW else [table.prefix]
        found = [each for prefix in prefixes for each in _listed(table, store, prefix)]
    return [each for each in found if each.values in wanted]


def partitions(table: GlueTable, store: Store) -> list[Values]:
    """Returns the values of all partitions, in order."""
    if table.projected:
        return sorted({each.values for each in objects(table, store)})
    return sorted(registered(table, store))


def registered(table: GlueTable, store: Store) -> set[Values]:
    """Returns the values of the partitions that the catalog has."""
    return {values for values, _ in store.partitions(*table.name)}


def unregistered(table: GlueTable, store: Store) -> list[tuple[Values, str]]:
    """Returns the partitions by Hive's convention that the catalog lacks: values and locations."""
    found = {each.values for each in _listed(table, store, table.prefix)}
    return [(values, place(table, values)) for values in sorted(found - registered(table, store))]


def place(table: GlueTable, values: Values) -> str:
    """Returns the location that a partition has by Hive's convention."""
    filled = table.template
    for key, value in zip(table.partition_keys, values, strict=True):
        filled = filled.replace(f"${{{key['Name']}}}", quote(value, safe=" "))
    return filled


def _registered(table: GlueTable, store: Store, places: dict[str, Values]) -> Iterator[StoredObject]:
    """The objects of partitions, by the locations of these."""
    known = {f"{place.rstrip('/')}/": values for place, values in places.items()}
    root = f"s3://{table.bucket}/{table.prefix}"
    inside = [place for place in known if place.startswith(root)]
    listed = [root] if len(inside) > _FEW else inside
    for start in [*listed, *(place for place in known if not place.startswith(root))]:
        address = urlsplit(start)
        for key, size in store.objects(address.netloc, address.path.lstrip("/")):
            uri = f"s3://{address.netloc}/{key}"
            home = _home(uri, known)
            if home and not re.search(r"/[_.]", uri[len(home) - 1 :]):
                yield StoredObject(address.netloc, key, size, known[home])


def _home(uri: str, places: dict[str, Values]) -> str:
    """The innermost place that an object is in, or an empty text; a folder is no object."""
    folder, _, name = uri.rpartition("/")
    while name and folder.count("/") > 1:
        if f"{folder}/" in places:
            return f"{folder}/"
        folder = folder.rpartition("/")[0]
    return ""


def _folders(table: GlueTable, store: Store) -> dict[str, Values] | None:
    """Returns the partitions by their prefixes, or None if they cannot be listed in one request."""
    if re.sub(r"\$\{\w+\}/$", "", table.key_template) != table.prefix or not table.partition_keys:
        return None
    found = {folder: _values(table, folder[:-1]) for folder in store.folders(table.bucket, table.prefix)}
    return {folder: values for folder, values in found.items() if values is not None}


def _listed(table: GlueTable, store: Store, prefix: str) -> Iterator[StoredObject]:
    """The objects whose keys show their partitions."""
    for key, size in store.objects(table.bucket, prefix):
        folder, _, name = key.rpartition("/")
        values = _values(table, folder) if name else None
        if values is not None and name[0] not in "_.":
            yield StoredObject(table.bucket, key, size, values)


def _values(table: GlueTable, folder: str) -> Values | None:
    return _partition(table.key_template, tuple(key["Name"] for key in table.partition_keys), folder)


@lru_cache(maxsize=100_000)
def _partition(template: str, names: tuple[str, ...], folder: str) -> Values | None:
    """Returns the partition of a folder's objects, or None if they are hidden or not the table's.

    Cached: a lake has many objects, and every query looks at all of them.
    """
    pieces = re.split(r"\$\{(\w+)\}", template)
    pattern = "".join(f"(?P<{p}>[^/]+)" if i % 2 else re.escape(p) for i, p in enumerate(pieces))
    match = re.match(pattern, f"{folder}/")
    if not match or re.search(r"(^|/)[_.]", folder[len(pieces[0]) :]):
        return None
    return tuple(unquote(match[name]) for name in names)
