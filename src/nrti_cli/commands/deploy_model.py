"""The command `nrti deploy-model`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from nrti_cli.commands.options.common import addressed
from nrti_cli.commands.options.formats import FormatOption, print_json
from nrti_cli.commands.options.publishing import PublishingOptions
from nrti_cli.commands.options.signature import SignatureOptions
from nrti_cli.completion import offers
from nrti_cli.console import note, progress
from nrti_cli.errors import NrtiError, UsageError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.models.packing import Added
    from nrti_cli.models.publication.source import ModelSource
    from nrti_cli.stack.outputs import Outputs

_SAMPLE_ROWS = 5


@addressed
def deploy_model(
    target: "Target",
    *,
    name: Annotated[
        str | None,
        typer.Option(
            autocompletion=offers.models,
            help="Model name, used in events and in the endpoint's name; default: MODEL-shadow.",
        ),
    ] = None,
    shadow_of: Annotated[
        str | None,
        typer.Option(
            "--shadow-of",
            "--shadow",
            metavar="MODEL",
            autocompletion=offers.models,
            help="Also score all events of MODEL, without affecting them.",
        ),
    ] = None,
    job: Annotated[
        str | None,
        typer.Option(
            autocompletion=offers.jobs,
            help="A completed training job of this model; default: the newest.",
        ),
    ] = None,
    artifact: Annotated[
        str | None,
        typer.Option(help="A model.tar.gz instead of a job: a local file, or s3://bucket/key."),
    ] = None,
    model_file: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="A model file instead of a job: .onnx; XGBoost .json, .ubj; scikit-learn .joblib, .skops.",
        ),
    ] = None,
    script: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The inference script; default: the artifact's own, or nrti's."),
    ] = None,
    requirements: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The requirements.txt of the inference script."),
    ] = None,
    trust: Annotated[
        str | None,
        typer.Option(metavar="TYPES", help="Additional types that a .skops model may contain, as a,b."),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(help="Serving image: xgboost:3.2-0, or an image URI; default sklearn:1.9-0."),
    ] = None,
    sample: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Rows to test the model with, in a file that nrti produce reads."),
    ] = None,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Update an endpoint even if nrti did not publish it.")
    ] = False,
    signature: SignatureOptions,
    publishing: PublishingOptions,
    format_: FormatOption = "table",
) -> None:
    """Publish a model, or roll an endpoint forward or back.

    The model is tested with rows before it goes into service. To publish the artifact of another model's
    job, name it with --artifact.

    A shadow's predictions are stored in the table and the lake. nrti models compare compares it with its
    model, and nrti models promote lets it replace the model. --shadow-of without --name publishes the newest
    training job of MODEL. A model that is already published becomes a shadow unchanged.
    """
    from nrti_cli.commands.shadow_models import begin_shadow, published_already, shadow_name
    from nrti_cli.models.signature import checked
    from nrti_cli.stack.names import endpoint_name
    from nrti_cli.stack.outputs import outputs

    trained, name = name or shadow_of, shadow_name(target, name, shadow_of)
    endpoint_name(target.stack, name)
    _refuse_mixture(job, artifact, model_file, {"--script": script, "--requirements": requirements})
    options = signature.document()
    checked(options)
    stack = outputs(target)
    size = publishing.memory, publishing.concurrency
    given = (job, artifact, model_file, image, *size, sample, *options.values())
    if shadow_of and not any(given) and (there := published_already(target, name)):
        done = there | begin_shadow(target, shadow_of, name)
        if format_ == "json":
            print_json(done)
        return
    if artifact or model_file:
        with_it = _added(script, requirements, trust)
        source = _own(target, artifact, model_file, with_it, image)
    else:
        source = _of_job(target, trained or name, job, image)
    done = put_in_service(
        target, stack, name, source, publishing, adopt=adopt, options=options, sample=sample
    )
    if shadow_of:
        done |= begin_shadow(target, shadow_of, name)
    if format_ == "json":
        print_json(done)


def _refuse_mixture(
    job: str | None, artifact: str | None, model_file: str | None, packed: "Mapping[str, str | None]"
) -> None:
    origins = {"--job": job, "--artifact": artifact, "--model-file": model_file}
    given = [option for option, value in origins.items() if value]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)} exclude each other", hint="use one of them")
    for option, value in packed.items():
        if value and not (artifact or model_file):
            raise UsageError(f"{option} applies to your own model", hint="add --artifact or --model-file")


def _added(script: str | None, requirements: str | None, trust: str | None) -> "Added":
    from nrti_cli.models.packing import Added
    from nrti_cli.tables.formats.inputs import content

    return Added(
        content(script) if script else None,
        content(requirements) if requirements else None,
        tuple(name.strip() for name in trust.split(",")) if trust else (),
    )


def _own(
    target: "Target", artifact: str | None, model_file: str | None, added: "Added", image: str | None
) -> "ModelSource":
    from nrti_cli.models.image import DEFAULT
    from nrti_cli.models.publication import source

    if artifact:
        return source.from_artifact(target, artifact, added, image or DEFAULT)
    if image:
        raise UsageError(
            "--image applies to an artifact",
            hint="leave it out: --model-file is served by scikit-learn's image",
        )
    return source.from_model_file(target, model_file or "", added)


def _of_job(target: "Target", name: str, job: str | None, image: str | None) -> "ModelSource":
    from dataclasses import replace

    from nrti_cli.models.publication import source

    found = source.from_job(target, name, job) if job else source.from_newest_job(target, name)
    return replace(found, image=image) if image else found


def put_in_service(
    target: "Target",
    stack: "Outputs",
    name: str,
    source: "ModelSource",
    publishing: PublishingOptions,
    *,
    adopt: bool = False,
    options: "Mapping[str, object] | None" = None,
    sample: str | None = None,
) -> dict[str, object]:
    """Publishes a model and reports it; returns the publication as a record."""
    from nrti_cli.models.publication.publishing import publish
    from nrti_cli.models.publication.settings import PublishSettings
    from nrti_cli.models.publication.source import declared
    from nrti_cli.stack.names import endpoint_name

    endpoint = endpoint_name(target.stack, name)
    rows = _rows(sample, source) if sample else None
    complete = declared(target, name, source, options or {}, rows)
    with progress(f"endpoint {endpoint}: preparing") as shown:
        settings = PublishSettings(**vars(publishing), adopt=adopt)
        changed = publish(target, stack, name, complete, settings, shown)
    if changed:
        note(f"endpoint [bold]{endpoint}[/bold] serves {source.origin}")
    else:
        note(f"nothing to do: endpoint {endpoint} already serves {source.origin}")
    return {"endpoint": endpoint, "source": source.origin, "changed": changed}


def _rows(file: str, source: "ModelSource") -> "Sequence[object]":
    """The first sequences of a file, as nrti produce would send them to this model."""
    from itertools import islice

    from nrti_cli.commands.options.files import layout
    from nrti_cli.producer.reading import read_events
    from nrti_cli.producer.sources import Defaults
    from nrti_cli.tables.schema import Schema

    inputs = source.metadata.signature.get("inputs")
    known = layout(Schema.of(inputs) if inputs else None, separator=None, no_header=False)
    defaults = Defaults("trial", None, ("trial",), None)
    rows = [event["data"] for event in islice(read_events(file, defaults, layout=known), _SAMPLE_ROWS)]
    if not rows:
        raise NrtiError(f"{file} has no rows", hint="use a file that has some")
    return rows
