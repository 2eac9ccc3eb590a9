"""The environment variables of script mode."""

from __future__ import annotations

import json
import os
from pathlib import PurePath
from typing import Any

from nrti_cli.local.sagemaker.store import Document
from nrti_cli.local.sagemaker.training.hyperparameters import Hyperparameters
from nrti_cli.local.sagemaker.training.workspace import HOST, Workspace


def environment(job: Document, workspace: Workspace) -> dict[str, str]:
    """Everything that the training process finds in its environment; the job's own `Environment` wins."""
    parameters = Hyperparameters.of(job)
    facts = _facts(job, workspace, parameters)
    channels = {f"channel_{name}": workspace.data / name for name in facts["channels"]}
    hps = {f"hp_{name}": value for name, value in parameters.script.items()}
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": os.pathsep.join((str(workspace.code), str(workspace.packages))),
        "SAGEMAKER_BASE_DIR": str(workspace.root),
        "TRAINING_JOB_NAME": job["TrainingJobName"],
        "TRAINING_JOB_ARN": job["TrainingJobArn"],
        "SM_TRAINING_ENV": _text(facts),
        **{f"SM_{name.upper()}": _text(value) for name, value in {**facts, **channels, **hps}.items()},
        **job.get("Environment", {}),
    }


def _facts(job: Document, workspace: Workspace, parameters: Hyperparameters) -> dict[str, Any]:
    channels = sorted(channel["ChannelName"] for channel in job.get("InputDataConfig", []))
    return {
        "job_name": job["TrainingJobName"],
        "model_dir": workspace.model,
        "output_dir": workspace.output,
        "output_data_dir": workspace.output / "data",
        "output_intermediate_dir": workspace.output / "intermediate",
        "input_dir": workspace.data.parent,
        "input_config_dir": workspace.config,
        "input_data_config": json.loads((workspace.config / "inputdataconfig.json").read_text()),
        "resource_config": json.loads((workspace.config / "resourceconfig.json").read_text()),
        "channels": channels,
        "current_host": HOST,
        "current_instance_type": job.get("ResourceConfig", {}).get("InstanceType", "local"),
        "hosts": [HOST],
        "network_interface_name": "lo",
        "num_cpus": os.cpu_count() or 1,
        "num_gpus": 0,
        "log_level": parameters.framework.get("sagemaker_container_log_level", 20),
        "module_name": PurePath(parameters.program).stem,
        "module_dir": parameters.submit_directory,
        "user_entry_point": parameters.program,
        "user_args": parameters.arguments(),
        "hps": parameters.script,
        "framework_params": parameters.framework,
    }


def _text(value: Any) -> str:
    """A variable's text: strings as they are, everything else as compact JSON."""
    if isinstance(value, str | PurePath):
        return str(value)
    return "" if value is None else json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
