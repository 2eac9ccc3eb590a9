"""Follows a training job: its steps, its log, and its end."""

from __future__ import annotations

import re
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from nrti_cli.aws.cloudwatch.log_follower import LogFollower
from nrti_cli.aws.sagemaker.training_jobs import TrainingJob, TrainingJobs
from nrti_cli.errors import NrtiError
from nrti_cli.models.leftovers import Leftovers, reporting_leftovers
from nrti_cli.models.polling import poll
from nrti_cli.models.publication.rollout import ERROR
from nrti_cli.stack.names import TRAINING_LOG_GROUP

if TYPE_CHECKING:
    from nrti_cli.aws.target import Target
    from nrti_cli.console import Progress
    from nrti_cli.models.polling import Sleep

_ENDED = frozenset({"Completed", "Failed", "Stopped"})
#: Lines in which SageMaker finds the metrics, and warnings; they are not shown, since the evaluation has
#: both.
_FIGURE = re.compile(r"\w+=[-+.\de]+|warning: .*")
#: How training scripts report their progress: `Epoch 3/10`, `[12/300]`, `step 5 / 20: loss 0.3`.
_STEP = re.compile(
    r"\W*(?:(?:epoch|iteration|round|step|tree)s?\W+)?(\d+)\s*/\s*(\d+)(?![\d/])", re.IGNORECASE
)
#: How train.py's last line begins when it refuses the data. AWS's toolkit logs errors of its own after it.
_DATA_ERROR = "ERROR: the data cannot be trained on: "


def going_on(name: str) -> AbstractContextManager[None]:
    """While a job is followed: an interrupt or error does not end the job, and the message says so.

    Raises:
        NrtiError: there was an interrupt, or an error of AWS.
    """
    left = Leftovers(f"but training job {name} continues", f"nrti train --attach {name} follows it again")
    return reporting_leftovers(lambda: left)


def follow(
    target: Target, name: str, progress: Progress, sleep: Sleep = time.sleep, *, from_now: bool = False
) -> TrainingJob:
    """Shows a job's steps and its log until it ends.

    Args:
        target: the AWS.
        name: the job's.
        progress: shows each step and each line of the log.
        sleep: sleeps between two polls.
        from_now: skips what was logged before.

    Raises:
        NrtiError: it failed; the message has SageMaker's reason.
    """
    from rich.markup import escape

    jobs, log = TrainingJobs(target), LogFollower(target, TRAINING_LOG_GROUP, f"{name}/")
    earlier = sum(1 for _ in log.lines()) if from_now else 0
    if earlier:
        progress.log(
            f"  [dim]… {earlier} earlier lines are in CloudWatch's log group {TRAINING_LOG_GROUP}[/dim]"
        )
    share: float | None = None
    error = ""
    for job, seconds in poll(lambda: jobs.job(name), target, sleep):
        progress.update(f"{name}: {job.step}, {seconds:.0f} s")
        for line in log.lines():
            if not _FIGURE.fullmatch(line):
                progress.log(f"  [dim]{escape(line)}[/dim]")
            share = _share(line) or share
            if ERROR.match(line) and not error.startswith(_DATA_ERROR):
                error = line
        progress.advance(share)
        if job.status in _ENDED:
            break
    return completed(job, error)


def _share(line: str) -> float | None:
    """The completed share of a training, if a line of its log has it, as `Epoch 3/10` does."""
    found = _STEP.match(line)
    return int(found[1]) / int(found[2]) if found and int(found[2]) else None


def completed(job: TrainingJob, error: str = "") -> TrainingJob:
    """Returns the job if it has an artifact.

    Args:
        job: the job.
        error: the last error in its log; SageMaker's reason may be a traceback of AWS's toolkit.

    Raises:
        NrtiError: it has none.
    """
    if job.status == "Completed":
        return job
    reason = job.reason or {"InProgress": "wait until it is done"}.get(job.status, "it left no artifact")
    if error.removeprefix(_DATA_ERROR) not in reason:
        reason = f"{reason.rstrip('.')}; the last error in its log: {error}"
    raise NrtiError(f"training job {job.name} is {job.status}: {reason}")
