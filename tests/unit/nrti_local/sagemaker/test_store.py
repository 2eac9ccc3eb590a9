from __future__ import annotations

from pathlib import Path

from nrti_local.sagemaker.store import Store


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


def test_what_a_full_disk_does_not_take_is_answered_all_the_same_and_written_later(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    store.put("job", "before", {"n": 0})
    [pages] = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    store.put("job", "large", {"text": "x" * 100_000})

    assert store.get("job", "large") == {"text": "x" * 100_000}
    assert [len(document) for document in store.all("job")] == [1, 1]
    assert Store(tmp_path / "state.db").get("job", "large") is None

    store._db.execute("PRAGMA max_page_count = 1000000")
    store.put("job", "after", {"n": 1})
    assert Store(tmp_path / "state.db").get("job", "large") == {"text": "x" * 100_000}
