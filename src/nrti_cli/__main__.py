"""`python -m nrti_cli` is `nrti`."""

from nrti_cli.entry import run

run()
