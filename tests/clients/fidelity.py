"""The figures in docs/fidelity.md, which the judges that they are from hold to be true."""

from __future__ import annotations

from tests.clients.venv import ROOT


def says(figure: str) -> None:
    """Fails unless the page has a text; line breaks do not matter."""
    page = " ".join((ROOT / "docs" / "fidelity.md").read_text().split())
    assert figure in page, f"docs/fidelity.md does not say: {figure}"
