"""`make bench`: runs the benchmarks, shows the table and writes RESULTS.md.

Name some to run and show only these. The exit code is then 1 if one of their figures misses its target.
"""

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
    shadow,
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
    "A shadow": shadow.run,
    "The model": model.run,
    "Overload": overload.run,
    "Queries": queries.run,
    "Models in production": quality.run,
    "The tail": tail.run,
    "The live page": dashboard.run,
    "Raw signals": windows.run,
    "Drift": drift.run,
}


def main() -> int:
    """Returns the exit code."""
    # An installed command is compiled already.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    wanted = [word.lower() for word in sys.argv[1:]]
    chosen = [title for title in BENCHMARKS if not wanted or any(word in title.lower() for word in wanted)]
    if not chosen:
        print(f"no benchmark has such a name; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    results = {title: BENCHMARKS[title]() for title in chosen}
    page = render(results.items())
    print(page)
    if not wanted:
        RESULTS.write_text(page)
        return 0
    return int(not all(measured.met for section in results.values() for measured in section))


if __name__ == "__main__":
    sys.exit(main())
