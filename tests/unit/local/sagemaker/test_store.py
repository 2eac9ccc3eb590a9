from __future__ import annotations

from pathlib import Path

from nrti_cli.local.sagemaker.store import Store


def test_it_remembers_documents_and_tags(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.db"
    store = Store(path)
    store.put("model", "b", {"n": 1})
    store.put("model", "a", {"n": 2})
    store.put("model", "b", {"n": 3})
    store.tag("arn", {"z": "1", "a": "2"})
    store.tag("arn", {"z": "3"})
    store.close()
    store = Store(path)
    assert store.all("model") == [{"n": 2}, {"n": 3}]
    assert list(store.tags("arn").items()) == [("z", "3"), ("a", "2")]
    store.delete("model", "a")
    store.untag("arn", ["z", "none"])
    assert store.get("model", "a") is None
    assert store.tags("arn") == {"a": "2"}
    store.close()
