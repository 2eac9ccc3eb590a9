"""The embedded AWS as a process: it keeps its state, and every way of not starting has its reason."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from nrti_cli.aws.target import Target
from nrti_local import process
from nrti_local.durability.saved.database import transaction
from nrti_local.errors import LocalError, Remedy
from nrti_local.server.processes import lock
from nrti_local.server.processes.layout import Layout
from tests.waiting import eventually


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    layout = Layout(tmp_path / "local")
    yield layout
    process.destroy(layout)


def _target(running: process.Running) -> Target:
    return Target(name="local", stack="nrti", endpoint_url=running.endpoint_url)


def _children(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in listed.stdout.split()]


def test_starting_twice_is_one_process_and_stopping_twice_is_no_error(layout: Layout) -> None:
    found: list[process.Running] = []
    threads = [threading.Thread(target=lambda: found.append(process.start(layout))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    first, _ = found
    assert {running.pid for running in found} == {first.pid}
    _target(first).client("sqs").create_queue(QueueName="kept")
    assert process.stop(layout)
    assert not process.stop(layout)
    assert process.running(layout) is None

    second = process.start(layout)

    assert second.endpoint_url == first.endpoint_url
    assert _target(second).client("sqs").list_queues()["QueueUrls"][0].endswith("/kept")


def test_a_server_that_was_only_just_started_is_ended_too(layout: Layout) -> None:
    server = process._spawn(layout, None)
    assert server

    assert process.destroy(layout)

    assert server.wait(timeout=10)
    assert not layout.root.exists()


def test_a_stop_leaves_alone_the_server_that_another_command_starts_meanwhile(layout: Layout) -> None:
    next_one = subprocess.Popen(["sleep", "60"])
    handing_over = (
        "import signal; from pathlib import Path; from nrti_local.server.processes import lock; "
        f"path = Path({str(layout.lock)!r}); lock.sign(lock.acquire(path)); "
        f"signal.signal(signal.SIGTERM, lambda *_: path.write_text({str(next_one.pid)!r})); "
        "print(flush=True); [signal.pause() for _ in range(9)]"
    )
    with subprocess.Popen([sys.executable, "-c", handing_over], stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout
            server.stdout.readline()

            assert process.stop(layout)

            assert next_one.poll() is None
        finally:
            server.kill()
            next_one.kill()
            next_one.wait()


def test_a_server_that_a_signal_ends_before_it_is_ready_is_reported_with_the_signal(layout: Layout) -> None:
    ended: list[int] = []

    def end() -> None:
        ended.append(eventually(lambda: lock.owner(layout.lock) or 0, bool))
        os.kill(ended[0], signal.SIGKILL)

    ending = threading.Thread(target=end)
    ending.start()
    with pytest.raises(LocalError, match="did not start: SIGKILL ended it before it wrote to its log"):
        process.start(layout)
    ending.join()


def test_one_that_hangs_is_distinguished_from_one_that_stops_and_is_killed(layout: Layout) -> None:
    running, reply = process.start(layout), list[str]()
    everything = [running.pid, *_children(running.pid)]
    os.kill(running.pid, signal.SIGSTOP)
    with pytest.raises(LocalError, match=rf"{running.pid}\) does not end, after 1 s of no answer") as raised:
        process.stop(layout, patience=1)
    assert raised.value.remedy is Remedy.KILL
    assert process.silent(layout) == process.Silent(running.pid, "")
    with pytest.raises(LocalError, match=rf"process {running.pid}\) and does not answer"):
        process.check(layout, patience=0.1)

    assert process.kill(layout) == running.pid

    eventually(lambda: [pid for pid in everything if _runs(pid)], lambda alive: not alive)
    assert process.kill(layout) is None
    assert process.start(layout).started
    assert process.stop(layout, reply.append)
    assert reply[-1] == "saving its state"
    assert set(reply) <= {
        "delivering to the lake what it holds",
        "working off what it has accepted",
        "stopping the models",
        "saving its state",
    }


def test_a_start_says_nothing_and_it_listens_on_the_loopback_only(layout: Layout) -> None:
    running = process.start(layout)
    port = int(running.endpoint_url.rpartition(":")[2])
    listeners = Path("/proc/net/tcp").read_text().splitlines()[1:]
    addresses = {line.split()[1] for line in listeners if line.split()[3] == "0A"}
    ours = {address for address in addresses if int(address.split(":")[1], 16) == port}

    assert not layout.log.read_text()
    assert {address.split(":")[0] for address in ours} == {"0100007F"}


def test_nothing_is_left_of_one_that_is_destroyed(layout: Layout) -> None:
    running = process.start(layout)
    everything = [running.pid, *_children(running.pid)]

    assert process.destroy(layout)

    assert not layout.root.exists()
    assert process.running(layout) is None
    eventually(lambda: [pid for pid in everything if _runs(pid)], lambda alive: not alive)
    assert not process.destroy(layout)


def _runs(pid: int) -> bool:
    """Whether there is such a process and it is no zombie."""
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")


def test_a_child_that_dies_is_started_again(layout: Layout) -> None:
    running = process.start(layout)
    sagemaker = _target(running).client("sagemaker", retries={"max_attempts": 10, "mode": "standard"})
    assert sagemaker.list_models()["Models"] == []
    for child in _children(running.pid):
        os.kill(child, signal.SIGKILL)

    assert sagemaker.list_models()["Models"] == []


def test_a_port_that_is_taken_is_named(layout: Layout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(LocalError, match=f"port {port} cannot be used.*--port"):
            process.start(layout, port=port)


def test_a_corrupt_state_stops_the_start_and_can_be_set_aside(layout: Layout) -> None:
    process.start(layout)
    process.stop(layout)
    for name in ("services.db", "journal.db"):
        sound = (layout.state / name).read_bytes()
        (layout.state / name).write_text("{")
        with pytest.raises(LocalError, match=f"{name} cannot be used") as raised:
            process.start(layout)
        assert raised.value.remedy is Remedy.RESET
        (layout.state / name).write_bytes(sound)
    (layout.state / "journal.db").write_text("{")

    aside = process.set_aside(layout)

    assert aside
    assert (aside / "journal.db").read_text() == "{"
    assert process.start(layout).started


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(LocalError, match="cannot be used") as raised:
        process.start(Layout(tmp_path / "file" / "local"))
    assert raised.value.remedy is Remedy.PLACE


def _saved(layout: Layout, service: str) -> str:
    with transaction(layout.state / "services.db") as db:
        row = db.execute("SELECT state FROM service WHERE name = ?", (service,)).fetchone()
    return str(row[0]) if row else ""


def test_a_kill_ends_its_children_and_loses_nothing_that_a_snapshot_has_seen(layout: Layout) -> None:
    first = process.start(layout)
    children = _children(first.pid)
    assert len(children) >= 2
    _target(first).client("sqs").create_queue(QueueName="kept")
    eventually(lambda: _saved(layout, "sqs"), lambda saved: "kept" in saved)
    os.kill(first.pid, signal.SIGKILL)

    # One that outlived its parent for longer would write into the state of the next.
    eventually(
        lambda: [child for child in children if Path(f"/proc/{child}").exists()],
        lambda alive: not alive,
        seconds=5,
    )
    assert process.running(layout) is None
    again = process.start(layout)

    assert again.pid != first.pid
    assert _target(again).client("sqs").list_queues()["QueueUrls"][0].endswith("/kept")
