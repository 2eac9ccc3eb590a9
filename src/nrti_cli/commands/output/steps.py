"""Shows the progress of a stack operation, and the changes of a plan."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nrti_cli.aws.cloudformation.change_sets import Change
    from nrti_cli.console import Progress
    from nrti_cli.stack.operation import Step

_REPLACING = {"True": "replace", "Conditional": "may replace"}
#: The group of a resource, by its AWS service.
_GROUPS = {
    "ApiGateway": "API",
    "StepFunctions": "workflow",
    "Lambda": "workflow",
    "Scheduler": "workflow",
    "SQS": "workflow",
    "DynamoDB": "storage",
    "S3": "storage",
    "Glue": "storage",
    "Athena": "storage",
    "Kinesis": "delivery",
    "KinesisFirehose": "delivery",
    "IAM": "roles",
    "CloudWatch": "monitoring",
    "Logs": "monitoring",
    "SNS": "monitoring",
    "KMS": "monitoring",
    "SSM": "monitoring",
    "SageMaker": "models",
    "QuickSight": "dashboard",
}
_DONE = {
    "CREATE_COMPLETE": "created",
    "UPDATE_COMPLETE": "updated",
    "DELETE_COMPLETE": "deleted",
    "DELETE_SKIPPED": "kept",
    "IMPORT_COMPLETE": "imported",
}
#: Shorter times are not shown; locally a resource takes almost none.
_WORTH_SAYING_SECONDS = 0.1


class Groups:
    """Shows steps by groups of resources, so that sixty resources take six lines.

    On a terminal the lines are updated in place; otherwise each is written once its group is complete. A
    failure is shown at once on a line of its own, with its reason.

    Args:
        shown: the output.
        doing: the operation, such as `deleting stack nrti`.
        verbose: shows each resource instead, with its type and duration.
    """

    def __init__(self, shown: "Progress", doing: str, *, verbose: bool) -> None:
        self._shown = shown
        self._doing = doing
        self._verbose = verbose
        self._expected: Counter[str] = Counter()
        #: By group: the last status of each resource, by type and name.
        self._reached: defaultdict[str, dict[tuple[str, str], str]] = defaultdict(dict)
        self._written: set[str] = set()

    def expect(self, doing: str, types: Iterable[str]) -> None:
        """Starts an operation whose resource types are known beforehand."""
        self.end()
        self._doing = doing
        self._expected = Counter(map(_group, types))
        self._reached.clear()
        self._written.clear()
        self._update()

    def take(self, step: "Step") -> None:
        """Shows that a resource has reached a status."""
        if self._verbose or step.status not in _DONE:
            self._shown.log(step_line(step))
        if step.status not in _DONE:
            return
        group = _group(step.type)
        self._reached[group][step.type, step.logical_id] = step.status
        self._update()
        if len(self._reached[group]) >= self._expected[group] > 0:
            self._write(group)

    def end(self) -> None:
        """Writes the lines of the groups that are not complete."""
        for group in self._reached:
            self._write(group)

    def _write(self, group: str) -> None:
        if not self._verbose and group not in self._written:
            self._written.add(group)
            self._shown.milestone(self._line(group, so_far=False))

    def _update(self) -> None:
        groups = dict.fromkeys([*self._expected, *self._reached])
        lines = [f"  {self._line(group, so_far=True)}" for group in groups]
        self._shown.update("\n".join([self._doing, *lines]))

    def _line(self, group: str, *, so_far: bool) -> str:
        reached = Counter(_DONE[status] for status in self._reached[group].values())
        counts = ", ".join(f"{count} {status}" for status, count in reached.items()) or "0"
        left = so_far and self._expected[group] > len(self._reached[group])
        return f"{group:<11} {counts}{f' of {self._expected[group]}' if left else ''}"


def _group(resource_type: str) -> str:
    return _GROUPS.get(_short(resource_type).partition("::")[0], "other")


def step_line(step: "Step") -> str:
    """A resource that reached a status, with its type and, if it is long enough, the duration."""
    from rich.markup import escape

    colour = "red" if step.status.endswith("FAILED") else "green"
    status = f"[{colour}]{step.status.lower().replace('_', ' '):<15}[/{colour}]"
    took = f"{step.seconds:.1f} s" if step.seconds >= _WORTH_SAYING_SECONDS else ""
    what = "  ".join(filter(None, [_short(step.type), took, escape(step.reason)]))
    return f"{status}  {escape(step.logical_id):<24} [dim]{what}[/dim]"


def change_line(change: "Change") -> str:
    """The change of a resource, without markup: add, modify, (may) replace, remove or import."""
    action = _REPLACING.get(change.replacement) if change.action == "Modify" else None
    return (
        f"{action or change.action.lower():<11} {change.logical_id:<24} {_short(change.type):<31} "
        f"{', '.join(change.properties)}"
    ).rstrip()


def _short(resource_type: str) -> str:
    """Shortens a resource type so that the line fits 80 columns; all types begin alike."""
    return resource_type.removeprefix("AWS::")
