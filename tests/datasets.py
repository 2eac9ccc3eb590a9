"""Data sets that more than one test trains on."""

from __future__ import annotations

import numpy as np

from nrti_cli.models.training.dataset import Dataset


def machine_temperature(rows: int, seed: int) -> Dataset:
    """Windows of eight temperatures; in one of ten the machine drifts up or has a spike."""
    random = np.random.default_rng(seed)
    moments = np.arange(8)
    phase = random.uniform(0, 2 * np.pi, (rows, 1))
    values = 60 + 5 * np.sin(phase + 0.3 * moments) + random.normal(0, 1, (rows, 8))
    events = random.random(rows) < 0.1
    drifts = random.random(rows) < 0.5
    drift = np.outer(random.uniform(1, 2.5, rows), moments)
    spike = np.zeros((rows, 8))
    spike[np.arange(rows), random.integers(1, 7, rows)] = random.uniform(6, 15, rows)
    values += np.where(events[:, None], np.where(drifts[:, None], drift, spike), 0)
    names = tuple(f"t{moment}" for moment in moments)
    return Dataset("machine temperature", names, values.round(2), events.astype(np.int8))


def rare_failures(rows: int, seed: int) -> Dataset:
    """Two of 1,000 rows are failures, by a sum of their values and some noise."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, 6))
    risk = values @ [1.5, -1, 1, 0.5, 0, 0] + random.normal(scale=0.5, size=rows)
    failures = risk > np.quantile(risk, 0.998)
    return Dataset("rare failures", tuple("abcdef"), values, failures.astype(np.int8))
