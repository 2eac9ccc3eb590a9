"""How a change of a stack, and a step on the way to it, are shown."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nrti_cli.aws.change_sets import Change
    from nrti_cli.stack.operation import Step

_REPLACING = {"True": "replace", "Conditional": "may replace"}


def step_line(step: "Step") -> str:
    """A resource that reached a status, with its type and how long it took."""
    from rich.markup import escape

    colour = "red" if step.status.endswith("FAILED") else "green"
    status = f"[{colour}]{step.status.lower().replace('_', ' '):<15}[/{colour}]"
    what = f"{_short(step.type)}  {step.seconds:.1f} s {escape(step.reason)}".rstrip()
    return f"{status}  {step.logical_id:<24} [dim]{what}[/dim]"


def change_line(change: "Change") -> str:
    """What would happen to a resource, without markup: add, modify, (may) replace, remove or import."""
    action = _REPLACING.get(change.replacement) if change.action == "Modify" else None
    return (
        f"{action or change.action.lower():<11} {change.logical_id:<24} {_short(change.type):<31} "
        f"{', '.join(change.properties)}"
    ).rstrip()


def _short(resource_type: str) -> str:
    """A type so short that its line fits 80 columns: all of them begin alike."""
    return resource_type.removeprefix("AWS::")
