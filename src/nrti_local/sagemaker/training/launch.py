"""Executes a training command that ends when the SageMaker process does."""

import os
import sys

from nrti_local.server.processes.orphans import die_with_parent

if __name__ == "__main__":
    die_with_parent()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606
