"""Whether `nrti train` publishes what it has trained, and why not."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nrti_cli.console import note
from nrti_cli.errors import ExitStatus, NrtiError

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.commands.options.publishing import PublishingOptions
    from nrti_cli.models.training.evaluation import Evaluation


@dataclass(frozen=True)
class AfterTraining:
    """What happens to a trained model.

    Attributes:
        publishing: the options of the publication.
        deploy: whether to publish it.
        force: publish it even if it is no better than a guess.
        if_better: publish it only if it is better than the version in service.
    """

    publishing: "PublishingOptions"
    deploy: bool
    force: bool
    if_better: bool = False


def why_not(
    target: "Target", model: str, evaluated: "Evaluation", wanted: AfterTraining, command: str
) -> NrtiError | None:
    """The error with which the command ends instead of publishing; None if nothing is against it.

    Args:
        target: the AWS.
        model: the model's name.
        evaluated: the evaluation of the new version.
        wanted: what the user wants.
        command: the one that publishes it all the same.
    """
    if not wanted.deploy:
        return None
    if evaluated.is_a_guess and not wanted.force:
        low, high = evaluated.intervals["average_precision"]
        return NrtiError(
            f"not published: average precision {low:.4f} to {high:.4f} may be no better than the base rate, "
            f"{evaluated.base_rate:.4f}",
            hint=f"{command} publishes it, and so does --force",
        )
    return _not_better(target, model, evaluated, command) if wanted.if_better else None


def _not_better(target: "Target", model: str, evaluated: "Evaluation", command: str) -> NrtiError | None:
    from nrti_cli.aws.sagemaker.endpoints import SageMaker
    from nrti_cli.commands.output.evaluation import NAMES, span
    from nrti_cli.models.training.evaluation import DECIDING
    from nrti_cli.stack.names import endpoint_name

    if not evaluated.incumbent and not SageMaker(target).endpoint(endpoint_name(target.stack, model)):
        note(f"no version of {model} is in service that could be better")
        return None
    if evaluated.is_better is None:
        reason = (evaluated.incumbent or {}).get("reason", "its artifact is not in the stack's bucket")
        return NrtiError(
            f"not published: it could not be compared with the version in service: {reason}",
            hint=f"{command} publishes it",
        )
    if evaluated.is_better:
        return None
    former = evaluated.incumbent or {}
    changes = ", ".join(f"{NAMES[name]} {span(former['difference'][name], signed=True)}" for name in DECIDING)
    return NrtiError(
        f"not published: not better than the version in service by more than the interval ({changes})",
        hint=f"{command} publishes it",
        exit_status=ExitStatus.NOT_BETTER,
    )
