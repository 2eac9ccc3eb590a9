"""The transform jobs of one account in one region."""

from __future__ import annotations

import secrets
from functools import partial

from nrti_local.sagemaker.batch.job import TransformJob
from nrti_local.sagemaker.jobs import Jobs
from nrti_local.sagemaker.logs import Logs, LogStream
from nrti_local.sagemaker.settings import Settings
from nrti_local.sagemaker.store import Document, Store

KIND = "transform-job"
_LOG_GROUP = "/aws/sagemaker/TransformJobs"


def transform_jobs(settings: Settings, store: Store, logs: Logs) -> Jobs:
    """Returns the jobs; none runs yet."""

    def make(document: Document) -> TransformJob:
        name = document["TransformJobName"]
        stream = f"{name}/i-{secrets.token_hex(8)}-{int(document['CreationTime'])}"
        model, data = (LogStream(_LOG_GROUP, each) for each in (stream, f"{stream}/data-log"))
        return TransformJob(
            document,
            settings.transforms / name,
            settings.clients,
            save=partial(store.put, KIND, name),
            write=partial(logs.write, model),
            log_data=lambda line: logs.write(data, f"[sagemaker logs]: {line}"),
        )

    return Jobs(KIND, settings.transforms, store, make, logs.flush)
