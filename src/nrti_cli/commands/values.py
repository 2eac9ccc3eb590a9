"""Values of the command line that need no converting, and how they get past what converts the others."""

from __future__ import annotations

from functools import cache, wraps
from typing import Any

from typer.core import TyperArgument, TyperOption

Parameter = TyperOption | TyperArgument


@cache
def pass_by() -> None:
    """Makes Typer take a value as it is where it would find nothing to say about it and nothing to change.

    Typer asks pydantic about every value, also about those that were not given. Loading pydantic takes as
    long as loading half of the AWS SDK, so it is left to numbers, paths and what else has to be converted.
    """
    for kind in (TyperOption, TyperArgument):
        _pass_by(kind)


def _pass_by(kind: type[Parameter]) -> None:
    convert = kind.process_value

    @wraps(convert)
    def process_value(self: Any, ctx: Any, value: Any) -> Any:
        if not _fits(self, value):
            return convert(self, ctx, value)
        if value is None and self.multiple:
            value = ()
        return self.callback(ctx, self, value) if self.callback else value

    kind.process_value = process_value  # type: ignore[method-assign]


def _fits(parameter: Parameter, value: Any) -> bool:
    try:
        kind = parameter.type_descriptor
        plain = not kind.parameter_info.parser and not kind.is_ranged
        choices, annotation = kind.choices, kind.annotation
    except AttributeError:  # these are Typer 0.29's; by another version all is converted
        return False
    if value is None:
        return not parameter.required and parameter.nargs == 1
    if choices:
        return value in choices and not parameter.multiple
    return plain and type(value) is annotation
