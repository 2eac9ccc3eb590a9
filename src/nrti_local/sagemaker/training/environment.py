"""The environment variables of script mode, as AWS's training toolkit sets them."""

from __future__ import annotations

import json
import os
from pathlib import PurePath
from typing import Any

from nrti_local.sagemaker.store import Document
from nrti_local.sagemaker.training.hyperparameters import Hyperparameters
from nrti_local.sagemaker.training.workspace import Workspace

_INFO = 20
#: The toolkit uses other names for these within SM_TRAINING_ENV.
_RENAMED = {"hps": "hyperparameters", "framework_params": "additional_framework_parameters"}
_NOT_NESTED = frozenset({"channels", "user_args"})


def environment(job: Document, workspace: Workspace) -> dict[str, str]:
    """Returns the environment of the training process; the job's `Environment` takes precedence."""
    parameters = Hyperparameters.of(job)
    facts = _facts(job, workspace, parameters)
    channels = {name: workspace.data / name for name in facts["channels"]}
    variables = {
        **facts,
        "training_env": _training_env(facts, channels, job),
        **{f"channel_{name}": path for name, path in channels.items()},
        **{f"hp_{name}": value for name, value in parameters.script.items()},
    }
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": os.pathsep.join((str(workspace.code), str(workspace.packages))),
        "SAGEMAKER_BASE_DIR": str(workspace.root),
        "TRAINING_JOB_NAME": job["TrainingJobName"],
        "TRAINING_JOB_ARN": job["TrainingJobArn"],
        **{f"SM_{name.upper()}": _text(value) for name, value in variables.items()},
        **job.get("Environment", {}),
    }


def _facts(job: Document, workspace: Workspace, parameters: Hyperparameters) -> dict[str, Any]:
    return {
        **_places(workspace),
        **_machines(json.loads((workspace.config / "resourceconfig.json").read_text(encoding="utf-8"))),
        "input_data_config": json.loads(
            (workspace.config / "inputdataconfig.json").read_text(encoding="utf-8")
        ),
        "channels": sorted(channel["ChannelName"] for channel in job.get("InputDataConfig", [])),
        "log_level": parameters.framework.get("sagemaker_container_log_level", _INFO),
        "module_name": str(PurePath(parameters.program).with_suffix("")),
        "module_dir": parameters.submit_directory,
        "framework_module": None,
        "user_entry_point": parameters.program,
        "user_args": parameters.arguments(),
        "hps": parameters.script,
        "framework_params": parameters.additional(),
    }


def _places(workspace: Workspace) -> dict[str, Any]:
    return {
        "model_dir": workspace.model,
        "output_dir": workspace.output,
        "output_data_dir": workspace.output / "data",
        "output_intermediate_dir": workspace.output / "intermediate",
        "input_dir": workspace.data.parent,
        "input_config_dir": workspace.config,
    }


def _machines(resources: dict[str, Any]) -> dict[str, Any]:
    """Returns the facts about the machine and its instance group."""
    group, groups = resources["current_group_name"], resources["instance_groups"]
    return {
        "resource_config": resources,
        "hosts": resources["hosts"],
        "current_host": resources["current_host"],
        "current_instance_type": resources["current_instance_type"],
        "current_instance_group": group,
        "current_instance_group_hosts": resources["hosts"],
        "instance_groups": [each["instance_group_name"] for each in groups],
        "instance_groups_dict": {each["instance_group_name"]: each for each in groups},
        "distribution_instance_groups": [],
        "is_hetero": False,
        "network_interface_name": resources["network_interface_name"],
        "num_cpus": os.cpu_count() or 1,
        "num_gpus": 0,
        "num_neurons": 0,
    }


def _training_env(facts: dict[str, Any], channels: dict[str, Any], job: Document) -> dict[str, Any]:
    nested = {_RENAMED.get(name, name): value for name, value in facts.items() if name not in _NOT_NESTED}
    return {
        **nested,
        "channel_input_dirs": channels,
        "distribution_hosts": [],
        "is_master": True,
        "job_name": job["TrainingJobName"],
        "master_hostname": facts["current_host"],
    }


def _text(value: Any) -> str:
    """Returns the text of a variable: strings unchanged, everything else as compact JSON."""
    if isinstance(value, str | PurePath):
        return str(value)
    return "" if value is None else json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)
