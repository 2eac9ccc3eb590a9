"""Values of the command line: which of them need no converting, and what is said of a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from typer import BadParameter
from typer.core import TyperArgument, TyperOption

_NUMBERS: dict[Any, Callable[[str], float]] = {int: int, float: float}
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
            try:
                return convert(self, ctx, value)
            except BadParameter as error:
                said = None if value is None else _said(self, value)
                if said is None:
                    raise
                raise BadParameter(said, ctx, self) from error
        if value is None and self.multiple:
            value = ()
        return self.callback(ctx, self, value) if self.callback else value

    kind.process_value = process_value  # type: ignore[method-assign]


def _said(parameter: Parameter, value: object) -> str | None:
    """What is wrong with a number or a choice, which Typer says in the words of pydantic; else None."""
    try:
        kind = parameter.type_descriptor
        choices, number = kind.choices, _NUMBERS.get(kind.annotation)
        least, most, parser = kind.parameter_info.min, kind.parameter_info.max, kind.parameter_info.parser
    except AttributeError:  # as in `_fits`
        return None
    if choices:
        return f"{_shortened(value)} is none of {', '.join(map(str, choices))}"
    if number is None or parser:
        return None
    try:
        given = number(str(value))
    except ValueError:
        return f"{_shortened(value)} is not a {'whole ' if number is int else ''}number"
    if (least is None or given >= least) and (most is None or given <= most):
        return None  # the option's own callback has said what is wrong
    bounds = (("at least", least), ("at most", most))
    return "it has to be " + " and ".join(f"{word} {bound:,}" for word, bound in bounds if bound is not None)


def _shortened(value: object, most: int = 40) -> str:
    text = repr(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


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
