"""Tests an endpoint in service: the inference function invokes it with some rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from nrti_cli.aws.functions import FunctionError, call
from nrti_cli.models.polling import poll
from nrti_cli.models.signature import CSV, shown
from nrti_cli.tables.faults import listed

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.polling import Sleep

#: A serverless endpoint without recent traffic refuses requests until its model is loaded.
_ATTEMPTS = 12
#: Formats to try if a model without a declared signature does not accept nrti's own.
_OTHER_FORMS: Mapping[str, Mapping[str, str]] = {
    "--content-type text/csv --accept text/csv": {"content_type": CSV, "accept": CSV},
    "--content-template '$records'": {"content_template": "$records"},
}
_SHOWN_ROWS = 3


@dataclass(frozen=True)
class EndpointTest:
    """How a version of a model is tested.

    Attributes:
        function: the inference function of the stack.
        signature: the declared signature.
        rows: sequences; None if the model's inputs are unknown.
        real: whether they are real data, not zeros.
        known: whether nrti's own training made the model, whose responses need no signature.
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
        """Tests an endpoint, and shows its responses.

        Args:
            target: the AWS.
            endpoint: its name.
            progress: shows the test and the response.
            sleep: sleeps between retries if the endpoint is busy.
            cause: returns the last error in its log, to explain why it does not respond; it is called before
                other formats are tried, since these fail for reasons of their own.

        Returns:
            What is wrong with the response, or None.
        """
        if self.rows is None:
            progress.log(
                "[yellow]not tested: its inputs are unknown; --sample FILE tests it with your rows[/yellow]"
            )
            return None
        response: dict[str, Any] = {}
        attempts = poll(lambda: self._ask(target, endpoint, self.signature), target, sleep)
        for response, seconds in islice(attempts, _ATTEMPTS):
            progress.update(f"endpoint {endpoint}: testing, {seconds:.0f} s")
            if not response.get("passing"):
                break
        reason = self._reason(response)
        if reason is None:
            if not self.known:
                self._show(response, progress)
            return None
        if "answer" not in response:
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
                reason = "the stack's inference function is of an earlier version: nrti bootstrap updates it"
                return {"reason": reason, "passing": False}
            return {"reason": f"function {self.function} failed: {error}", "passing": False}

    def _reason(self, response: Mapping[str, Any]) -> str | None:
        if "reason" in response:
            return str(response["reason"])
        for number, row in enumerate(response["rows"], 1):
            if "error" in row:
                what = f"row {number} of the sample" if self.real else "a sequence of zeros of its own length"
                return f"{what}: {row['error']}"
        return None

    def _other_form(self, target: Target, endpoint: str) -> str | None:
        """The options with which the model can be invoked, if there are any."""
        for options, form in _OTHER_FORMS.items():
            if self._reason(self._ask(target, endpoint, form)) is None:
                return options
        return None

    def _show(self, response: Mapping[str, Any], progress: Progress) -> None:
        from rich.markup import escape

        form = "by its signature" if response["form"] == "declared" else f"as {response['form']}"
        verdicts = ", ".join(map(_text, response["rows"][:_SHOWN_ROWS]))
        more = ", …" if len(response["rows"]) > _SHOWN_ROWS else ""
        progress.log(f"  [dim]tested, read {escape(f'{form}: {verdicts}{more}')}[/dim]")
        progress.log(f"  [dim]response: {escape(' '.join(response['answer'].split()))}[/dim]")
        progress.log(f"  [dim]signature: {escape(shown(self.signature))}[/dim]")
        self._warn(response["rows"], progress)

    def _warn(self, rows: Sequence[Mapping[str, Any]], progress: Progress) -> None:
        """Warns if no row has a failure label: with wrong labels, every machine would look healthy."""
        from rich.markup import escape

        if not (failures := self.signature.get("failure_labels")) or any(row["prediction"] for row in rows):
            return
        labels = listed(sorted({row["label"] for row in rows if "label" in row}))
        progress.log(
            f"[yellow]no row of the test is a failure: labels {escape(labels)}, and failures are "
            f"{escape(listed(failures))}[/yellow]"
        )


def _text(row: Mapping[str, Any]) -> str:
    """`1 (0.93)`: the prediction, and the values that it is based on."""
    about = [row["label"]] if "label" in row else []
    about += [f"{row[name]:.4g}" for name in ("probability", "score") if name in row]
    return f"{row['prediction']} ({', '.join(about)})" if about else str(row["prediction"])
