"""Makes a model of each kind that nrti serves, by the packages of the group `models`, in a directory."""

from __future__ import annotations

import sys
from pathlib import Path

import joblib
import numpy as np
import skops.io
import xgboost
from skl2onnx import to_onnx
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier


def main(directory: Path) -> None:
    """A failure is a second value well above the first."""
    rows = np.random.default_rng(0).integers(0, 100, (2000, 3)).astype(float)
    failures = (rows[:, 1] - rows[:, 0] > 50).astype(int)
    forest = RandomForestClassifier(20, random_state=0).fit(rows, failures)
    joblib.dump(forest, directory / "model.joblib")
    skops.io.dump(forest, directory / "model.skops")
    skops.io.dump(
        HistGradientBoostingClassifier(max_iter=5).fit(rows, failures), directory / "untrusted.skops"
    )
    onnx = to_onnx(forest, rows[:1].astype(np.float32), options={"zipmap": False})
    (directory / "model.onnx").write_bytes(onnx.SerializeToString())
    boosted = xgboost.XGBClassifier(n_estimators=20).fit(rows, failures)
    boosted.save_model(directory / "model.json")
    boosted.save_model(directory / "model.ubj")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
