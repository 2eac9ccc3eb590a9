"""The command `nrti doctor`."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from nrti_cli.commands.options.common import ProfileOption, RegionOption, StackOption, TargetOption
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.errors import ExitStatus, NrtiError, UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.doctor.finding import Finding

_COLOURS = {"ok": "green", "warn": "yellow", "failed": "bold red"}


# Not `addressed`: a target that cannot be resolved is one of the findings.
def doctor(
    target: TargetOption = None,
    stack: StackOption = None,
    region: RegionOption = None,
    profile: ProfileOption = None,
    format_: FormatOption = "table",
) -> None:
    """Check this machine and the account for what nrti needs.

    Each finding says what to do. The exit code is 1 if a check failed.
    """
    from nrti_cli.doctor.examination import examine

    addressed = _target(target, stack, region, profile)
    findings = examine(addressed)
    failed = any(finding.state == "failed" for finding in findings)
    if format_ == "json":
        checks = [asdict(finding) for finding in findings]
        print_json(
            {"target": addressed.name, "stack": addressed.stack, "healthy": not failed, "checks": checks}
        )
    else:
        _show(findings)
    if failed:
        raise typer.Exit(ExitStatus.FAILED)


def _target(name: TargetOption, stack: StackOption, region: RegionOption, profile: ProfileOption) -> "Target":
    """The target; if what bootstrap remembered cannot be read, as if there were nothing."""
    from nrti_cli.aws.addressing import resolve
    from nrti_cli.aws.target import DEFAULT_STACK, Target
    from nrti_cli.embedded import files
    from nrti_cli.stack.names import require_stack_name
    from nrti_local import process

    def address() -> str:
        running = process.running(files())
        return running.endpoint_url if running else ""

    if stack:
        require_stack_name(stack)
    try:
        return resolve(name, stack, region, profile, start=address)
    except UsageError:
        raise
    except NrtiError:
        return Target(name or "local", stack or DEFAULT_STACK, region, profile)


def _show(findings: "list[Finding]") -> None:
    from rich.markup import escape

    from nrti_cli.console import out

    for finding in findings:
        state = f"[{_COLOURS[finding.state]}]{finding.state:<6}[/]"
        out().print(f"{finding.check:<13} {state}  {escape(finding.found)}", soft_wrap=True)
        if finding.advice:
            out().print(f"{'':<22}{escape(finding.advice)}", soft_wrap=True)
