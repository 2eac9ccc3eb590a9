"""The command `nrti predict`."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.characters import printable
from nrti_cli.commands.index import group
from nrti_cli.commands.options.common import addressed, sensors
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.completion import offers
from nrti_cli.console import note
from nrti_cli.counts import show_count
from nrti_cli.errors import NrtiError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.endpoint import PublishedModel
    from nrti_cli.producer.client import Answer
    from nrti_cli.producer.predict import Prediction

_SENSOR = "nrti-predict"

app = group("predict")


# A negative number looks like an unknown option.
@app.command(context_settings={"ignore_unknown_options": True})
@addressed
def predict(
    target: "Target",
    values: Annotated[
        list[str],
        typer.Argument(help="The sequence, as 12,80,9 or as separate numbers; - is standard input."),
    ],
    model: Annotated[
        str | None,
        typer.Option(
            autocompletion=offers.models,
            help="Model that scores the event; default: the last one published.",
        ),
    ] = None,
    sensor: Annotated[
        str,
        typer.Option(callback=sensors, autocompletion=offers.sensors, help="The sensor of the event."),
    ] = _SENSOR,
    format_: FormatOption = "table",
) -> None:
    """Send one event and show its prediction.

    The event goes through the API and is stored like any other. The exit code is 1 if it could not be scored.
    """
    from nrti_cli.aws.apigateway import api_key
    from nrti_cli.producer.predict import predict as ask
    from nrti_cli.producer.predict import read_values
    from nrti_cli.stack.outputs import outputs

    data = read_values([sys.stdin.read()] if values == ["-"] else values)
    stack = outputs(target)
    chosen = _model(target, model, len(data))
    event = {"sensor": sensor, "model": chosen.name, "data": data}
    address, key = stack.api_url(target, "predictions"), api_key(target, stack.api_key_id)
    answer = ask(address, key, event, _say_again)
    if format_ == "json":
        print_json(answer.outcome)
    else:
        _show(answer)


def _model(target: "Target", name: str | None, length: int) -> "PublishedModel":
    """The model that is meant. The length of the sequence is checked before the event is sent."""
    from nrti_cli.models.default import newest
    from nrti_cli.models.endpoint import find

    model = find(target, name) if name else newest(target)
    if model.length not in {None, length}:
        raise NrtiError(
            f"{show_count(length, 'number')}, but the model {model.name} takes {model.length}",
            hint="correct the sequence, or name another model with --model",
        )
    return model


def _say_again(answer: "Answer") -> None:
    from rich.markup import escape

    note(f"[yellow]retrying: {escape(str(answer))}[/yellow]")


def _show(answer: "Prediction") -> None:
    from nrti_cli.durations import show_duration

    outcome = answer.outcome
    lines = {
        "prediction": "1, failure" if outcome["prediction"] == 1 else "0, normal",
        **{name: _text(outcome[name]) for name in ("label", "probability", "score") if name in outcome},
        "model": f"{outcome['model']}, endpoint {outcome['endpoint']}",
        "event": f"{outcome['event_id']} of sensor {outcome['sensor']}",
        "answered in": show_duration(answer.seconds),
    }
    for name, value in lines.items():
        print(f"{name:<13}{printable(value)}")


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.4f}"
