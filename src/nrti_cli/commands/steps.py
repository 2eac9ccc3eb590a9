"""How a step of a stack operation is shown."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nrti_cli.stack.operation import Step


def step_line(step: "Step") -> str:
    """A resource that reached a status, with its type and how long it took."""
    from rich.markup import escape

    colour = "red" if step.status.endswith("FAILED") else "green"
    status = f"[{colour}]{step.status.lower().replace('_', ' '):<16}[/{colour}]"
    return (
        f"  {status} {step.logical_id:<28} [dim]{step.type}  {step.seconds:.1f} s {escape(step.reason)}[/dim]"
    )
