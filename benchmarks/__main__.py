"""`make bench`: runs the benchmarks, shows the table and writes RESULTS.md; name some to run only these."""

from __future__ import annotations

import os
import sys

from benchmarks import (
    dashboard,
    drift,
    latency,
    lifecycle,
    model,
    overload,
    pipeline,
    predictions,
    producer,
    quality,
    queries,
    startup,
    tail,
    windows,
)
from benchmarks.report import RESULTS, render

BENCHMARKS = {
    "Start-up": startup.run,
    "Deployment and training": lifecycle.run,
    "The producer": producer.run,
    "Latency of an event": latency.run,
    "Synchronous predictions": predictions.run,
    "The pipeline": pipeline.run,
    "The model": model.run,
    "Overload": overload.run,
    "Queries": queries.run,
    "Models in production": quality.run,
    "The tail": tail.run,
    "The live page": dashboard.run,
    "Raw signals": windows.run,
    "Drift": drift.run,
}


def main() -> None:
    # An installed command is compiled already.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    wanted = [word.lower() for word in sys.argv[1:]]
    chosen = [title for title in BENCHMARKS if not wanted or any(word in title.lower() for word in wanted)]
    page = render((title, BENCHMARKS[title]()) for title in chosen)
    print(page)
    if not wanted:
        RESULTS.write_text(page)


if __name__ == "__main__":
    main()
