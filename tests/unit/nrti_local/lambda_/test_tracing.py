from contextvars import copy_context

import pytest

from nrti_local.lambda_ import tracing

ROOT = "Root=1-5759e988-bd862e3fe1be46a994272793"


@pytest.mark.parametrize(
    ("header", "depth"),
    [("", 0), (ROOT, 0), (f"{ROOT};Lineage=1:a87bd80c:4", 4), (f"Lineage=a87bd80c:3;{ROOT}", 3)],
)
def test_the_depth_is_in_the_lineage(header: str, depth: int) -> None:
    assert tracing.depth(header) == depth


def test_the_header_goes_on_one_deeper() -> None:
    def outbound(inbound: str) -> str:
        tracing.INBOUND.set(inbound)
        return tracing.outbound("arn")

    header = copy_context().run(outbound, f"{ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a87bd80c:4")
    assert header.startswith(f"{ROOT};Parent=")
    assert "53995c3f42cd8ad8" not in header
    assert ";Sampled=1;" in header
    assert tracing.depth(header) == 5
    first = copy_context().run(outbound, "")
    assert first.startswith("Root=1-")
    assert ";Sampled=0;" in first
    assert tracing.depth(first) == 1
