"""Formats predictions for people."""

from __future__ import annotations


def show_verdict(
    prediction: int, probability: float | None = None, score: float | None = None, label: str | None = None
) -> str:
    """`failure 0.9312`; with a label or an unbounded score, `normal  valve-ok 0.87` or `failure 3.2`."""
    number = f"{probability:.4f}" if probability is not None else "" if score is None else f"{score:.5g}"
    verdict = "failure" if prediction == 1 else "normal"
    return " ".join(filter(None, (f"{verdict:<7}", label, number))).rstrip()
