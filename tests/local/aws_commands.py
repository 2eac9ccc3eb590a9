"""Commands of the AWS CLI in one process: to load it, and a service's model, takes longer than to run one.

A line of stdin has the arguments of one, a JSON array; a line of stdout its exit code, stdout and stderr.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from awscli.clidriver import create_clidriver

#: For all commands, which keeps the models that it has read.
_DRIVER = create_clidriver()


def run(arguments: list[str]) -> tuple[int, str, str]:
    """Does what `aws` does with these arguments."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        try:
            status = _DRIVER.main(arguments)
        except SystemExit as leaving:  # argparse's way to refuse arguments
            status = leaving.code
    return status, out.getvalue(), err.getvalue()


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), flush=True)
