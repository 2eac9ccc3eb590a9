"""The trial of an endpoint that is in service: the inference function asks it about some rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.functions import FunctionError, call
from nrti_cli.models.polling import looks
from nrti_cli.models.signature import CSV, shown
from nrti_cli.tables.faults import listed

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.polling import Sleep

#: A serverless endpoint that was not asked for a while refuses requests until its model is loaded.
_ATTEMPTS = 12
#: What a model for which nothing is declared may take instead of nrti's own form.
_OTHER_FORMS: Mapping[str, Mapping[str, str]] = {
    "--content-type text/csv --accept text/csv": {"content_type": CSV, "accept": CSV},
    "--content-template '$records'": {"content_template": "$records"},
}
_SHOWN_ROWS = 3


@dataclass(frozen=True)
class Question:
    """What a version of a model is tried with.

    Attributes:
        function: the inference function of the stack.
        signature: what is declared about the answers.
        rows: sequences; None if nothing is known of the model's inputs.
        real: whether they are somebody's data, and not zeros.
        known: whether nrti's own training made the model: how its answers are read goes without saying.
    """

    function: str
    signature: Mapping[str, Any]
    rows: Sequence[Any] | None
    real: bool
    known: bool = False

    def defect(
        self,
        target: Target,
        endpoint: str,
        progress: Progress,
        sleep: Sleep = time.sleep,
        cause: Callable[[], str] = str,
    ) -> str | None:
        """Asks an endpoint, and shows what it answers.

        Args:
            target: where.
            endpoint: its name.
            progress: shows that it is being asked, and the answer.
            sleep: waits until it is asked again if it is busy.
            cause: the last error in its log, to follow what is wrong if it does not answer at all; it is
                asked for before other forms are tried, which fail for reasons of their own.

        Returns:
            What is wrong with the answer, or None.
        """
        if self.rows is None:
            progress.log(
                "[yellow]not tried: its inputs are not known; --sample FILE tries rows of yours[/yellow]"
            )
            return None
        told: dict[str, Any] = {}
        attempts = looks(lambda: self._ask(target, endpoint, self.signature), target, sleep)
        for told, seconds in islice(attempts, _ATTEMPTS):
            progress.update(f"endpoint {endpoint}: trying it, {seconds:.0f} s")
            if not told.get("passing"):
                break
        reason = self._reason(told)
        if reason is None:
            if not self.known:
                self._show(told, progress)
            return None
        if "answer" not in told:
            reason += cause()
        if not self.signature and (option := self._other_form(target, endpoint)):
            reason += f"; it can be read with {option}"
        return reason

    def _ask(self, target: Target, endpoint: str, signature: Mapping[str, Any]) -> dict[str, Any]:
        asked = {"endpoint": endpoint, "signature": dict(signature) or None, "rows": self.rows}
        try:
            return dict(call(target, self.function, {"trial": asked}))
        except FunctionError as error:
            if "request_id" in str(error):
                reason = (
                    "the stack's inference function is of an earlier version, which nrti bootstrap updates"
                )
                return {"reason": reason, "passing": False}
            return {"reason": f"function {self.function} failed: {error}", "passing": False}

    def _reason(self, told: Mapping[str, Any]) -> str | None:
        if "reason" in told:
            return str(told["reason"])
        for number, row in enumerate(told["rows"], 1):
            if "error" in row:
                what = f"row {number} of the sample" if self.real else "a sequence of zeros of its own length"
                return f"{what}: {row['error']}"
        return None

    def _other_form(self, target: Target, endpoint: str) -> str | None:
        """The options with which the model can be asked and read, if there are some."""
        for options, form in _OTHER_FORMS.items():
            if self._reason(self._ask(target, endpoint, form)) is None:
                return options
        return None

    def _show(self, told: Mapping[str, Any], progress: Progress) -> None:
        from rich.markup import escape

        form = "by its signature" if told["form"] == "declared" else f"as {told['form']}"
        verdicts = ", ".join(map(_text, told["rows"][:_SHOWN_ROWS]))
        more = ", …" if len(told["rows"]) > _SHOWN_ROWS else ""
        progress.log(f"  [dim]tried, read {escape(f'{form}: {verdicts}{more}')}[/dim]")
        progress.log(f"  [dim]answer: {escape(' '.join(told['answer'].split()))}[/dim]")
        progress.log(f"  [dim]signature: {escape(shown(self.signature))}[/dim]")
        self._warn(told["rows"], progress)

    def _warn(self, rows: Sequence[Mapping[str, Any]], progress: Progress) -> None:
        """Labels that mean failure and never come find none, and look like a machine that is well."""
        from rich.markup import escape

        if not (failures := self.signature.get("failure_labels")) or any(row["prediction"] for row in rows):
            return
        labels = listed(sorted({row["label"] for row in rows if "label" in row}))
        progress.log(
            f"[yellow]no row that was tried is a failure: labels {escape(labels)}, and failures are "
            f"{escape(listed(failures))}[/yellow]"
        )


def _text(row: Mapping[str, Any]) -> str:
    """`1 (0.93)`: what is predicted, and what that is from."""
    about = [row["label"]] if "label" in row else []
    about += [f"{row[name]:.4g}" for name in ("probability", "score") if name in row]
    return f"{row['prediction']} ({', '.join(about)})" if about else str(row["prediction"])
