"""Finds and imports a function's handler."""

from __future__ import annotations

import importlib
import site
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nrti_local.lambda_.runtime.faults import FaultError

Handler = Callable[[Any, Any], Any]


def extend_path(code: Path, layers: Path) -> None:
    """Has modules looked for in the function's code, then in its layers, then in what is installed."""
    python = layers / "python"
    directories = [code, *sorted(python.glob("lib/python*/site-packages")), python]
    sys.path[:0] = [str(directory) for directory in directories if directory.exists()]
    for directory in directories[1:-1]:
        site.addsitedir(str(directory))


def load(name: str) -> Handler:
    """Imports a handler such as `package/module.function`.

    Raises:
        FaultError: there is none, or its module cannot be imported.
    """
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise FaultError("Runtime.MalformedHandlerName", f"Bad handler '{name}': it has no dot")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        message = f"Unable to import module '{module_name}': {error}"
        raise FaultError("Runtime.ImportModuleError", message) from error
    except SyntaxError as error:
        message = f"Syntax error in module '{module_name}': {error}"
        trace = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        raise FaultError("Runtime.UserCodeSyntaxError", message, (trace,)) from error
    handler = getattr(module, function_name, None)
    if handler is None:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise FaultError("Runtime.HandlerNotFound", message)
    return handler  # type: ignore[no-any-return]
