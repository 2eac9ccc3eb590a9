"""`python -m nrti_cli` is `nrti`."""

from nrti_cli.main import run

run()
