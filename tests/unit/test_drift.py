"""What counts as a change of a private name between two releases of ministack."""

from __future__ import annotations

from pathlib import Path

import pytest

from nrti_local.ministack.patch import Name
from tests.drift import definition

SOURCE = """
from .inner import there as here
from ministack.other import whole

_LIMIT = 3

class Worker:
    def invoke(self):
        return 1

def _put(item):
    '''Puts.'''
    return item
"""


def _definition(packages: Path, attribute: str, source: str) -> str:
    (packages / "ministack").mkdir(exist_ok=True)
    for name, text in (
        ("service", source),
        ("inner", "def there(): return 1"),
        ("other", "def whole(): return 2"),
    ):
        (packages / "ministack" / f"{name}.py").write_text(text)
    return definition(packages, Name("ministack.service", attribute))


@pytest.mark.parametrize(
    ("attribute", "source"),
    [
        ("_LIMIT", "_LIMIT = 3"),
        ("_LIMIT._data", "_LIMIT = 3"),
        ("Worker.invoke", "def invoke(self):\n    return 1"),
        ("here", "def there():\n    return 1"),
        ("whole", "def whole():\n    return 2"),
        ("_gone", ""),
    ],
)
def test_a_definition_is_found_through_classes_and_imports(
    tmp_path: Path, attribute: str, source: str
) -> None:
    assert _definition(tmp_path, attribute, SOURCE) == source


def test_comments_and_docstrings_are_no_change(tmp_path: Path) -> None:
    documented = SOURCE.replace("Puts.", "Puts an item.").replace("return item", "return item  # as it is")

    assert _definition(tmp_path, "_put", SOURCE) == _definition(tmp_path, "_put", documented) != ""
    assert _definition(tmp_path, "_put", SOURCE.replace("return item", "return [item]")) != _definition(
        tmp_path, "_put", SOURCE
    )
