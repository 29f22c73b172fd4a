"""The training client: it starts, steers and outlives the training process, and leaves nothing behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot
from vocabulary import XOR, assert_same_checkpoint, sigmoid_network

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset, make_dataset
from nnviz.engine.network import Architecture, Layer, make_network
from nnviz.engine.optimizers import Rates
from nnviz.engine.training import Checkpoint, Trainer, TrainingSettings, start_checkpoint
from nnviz.gui.control.training_client import TrainingClient, death_notice
from nnviz.present.runs.curve import grouped
from nnviz.process.messages import Snapshot

PATIENCE = 20_000
ADAM = TrainingSettings(optimizer="adam", rates=Rates(learning_rate=0.01))


def headless(updates: int, settings: TrainingSettings = ADAM, data: Dataset = XOR) -> Checkpoint:
    trainer = Trainer(sigmoid_network(2, 3, 1), data, settings, Convention())
    for _ in range(updates):
        trainer.update()
    return trainer.checkpoint()


class Audience:
    """Everything that a client has said."""

    def __init__(self, client: TrainingClient) -> None:
        self.snapshots: list[Snapshot] = []
        self.states: list[str] = []
        self.deaths: list[str] = []
        self.failures: list[str] = []
        client.snapshot.connect(self.snapshots.append)
        client.state_changed.connect(self.states.append)
        client.died.connect(self.deaths.append)
        client.failed.connect(self.failures.append)


@pytest.fixture
def client(qtbot: QtBot) -> Iterator[TrainingClient]:
    client = TrainingClient()
    yield client
    client.shutdown()
    assert client.pid is None
    assert client.state == "idle"
    assert not any(timer.isActive() for timer in client.findChildren(QTimer))
    assert multiprocessing.active_children() == []


@pytest.fixture
def audience(client: TrainingClient) -> Audience:
    return Audience(client)


def begin(client: TrainingClient, settings: TrainingSettings = ADAM, **more: object) -> None:
    client.start(sigmoid_network(2, 3, 1), XOR, settings, Convention(), **more)


def wait_for_state(qtbot: QtBot, client: TrainingClient, state: str) -> Snapshot:
    qtbot.waitUntil(lambda: client.state == state, timeout=PATIENCE)
    assert client.last is not None
    return client.last


def wait_for_updates(qtbot: QtBot, client: TrainingClient, updates: int = 1) -> None:
    qtbot.waitUntil(lambda: client.last is not None and client.last.checkpoint.update >= updates, timeout=PATIENCE)


def is_idle(client: TrainingClient) -> bool:
    """Whether no frame timer runs: nothing is awaited."""
    return not any(timer.isActive() and timer.interval() < 100 for timer in client.findChildren(QTimer))


def test_a_run_ends_where_the_headless_one_does(qtbot: QtBot, client: TrainingClient, audience: Audience):
    client.warm()
    pid = client.pid
    client.warm()
    assert client.pid == pid
    assert client.state == "idle"
    begin(client, epochs=2000)
    assert client.state == "running"
    last = wait_for_state(qtbot, client, "finished")
    assert client.pid == pid
    assert_same_checkpoint(last.checkpoint, headless(8000))
    assert audience.states == ["running", "finished"]
    epochs = np.concatenate([snapshot.epochs for snapshot in audience.snapshots])
    assert epochs[-1] == 2000
    assert (np.diff(epochs) > 0).all()
    qtbot.waitUntil(lambda: is_idle(client), timeout=PATIENCE)


def test_pause_tells_the_exact_place_and_resume_goes_on(qtbot: QtBot, client: TrainingClient, audience: Audience):
    begin(client)
    for _ in range(3):
        seen = len(audience.snapshots)
        qtbot.waitUntil(lambda seen=seen: len(audience.snapshots) > seen, timeout=PATIENCE)
        client.pause()
        paused = wait_for_state(qtbot, client, "paused")
        assert_same_checkpoint(paused.checkpoint, headless(paused.checkpoint.update))
        assert client.checkpoint is paused.checkpoint
        client.resume()
        assert client.state == "running"
    assert audience.states == ["running"] + ["paused", "running"] * 3


def test_commands_said_before_the_process_is_ready_are_kept_in_order(
    qtbot: QtBot, client: TrainingClient, audience: Audience
):
    begin(client, paused=True)
    client.one_epoch()
    snapshot = wait_for_state(qtbot, client, "paused")
    # The answer to a frame's question may have come behind the one that the epoch is told in.
    assert [epoch for each in audience.snapshots for epoch in each.epochs.tolist()] == [1]
    assert_same_checkpoint(snapshot.checkpoint, headless(4))


def test_one_epoch_at_a_time(qtbot: QtBot, client: TrainingClient):
    begin(client, checkpoint=headless(6), paused=True)
    qtbot.waitUntil(lambda: client.last is not None, timeout=PATIENCE)
    for epoch in (2, 3, 4):
        client.one_epoch()
        assert client.state == "running"
        assert_same_checkpoint(wait_for_state(qtbot, client, "paused").checkpoint, headless(4 * epoch))
    qtbot.waitUntil(lambda: is_idle(client), timeout=PATIENCE)


def test_ask_while_paused_is_answered(qtbot: QtBot, client: TrainingClient):
    begin(client, paused=True)
    qtbot.waitUntil(lambda: client.last is not None, timeout=PATIENCE)
    with qtbot.waitSignal(client.snapshot, timeout=PATIENCE):
        client.ask()


def test_messages_of_an_earlier_run_are_dropped(qtbot: QtBot, client: TrainingClient, audience: Audience):
    begin(client)
    wait_for_updates(qtbot, client)
    client.ask()
    client.pause()  # both answers will be late
    audience.snapshots.clear()
    other = replace(ADAM, optimizer="sgd")
    begin(client, other, epochs=50)
    assert client.last is None
    begin(client, other, epochs=60)
    last = wait_for_state(qtbot, client, "finished")
    assert len({snapshot.run for snapshot in audience.snapshots}) == 1
    assert_same_checkpoint(last.checkpoint, headless(240, other))


def test_stop_forgets_the_run_and_keeps_what_was_heard(qtbot: QtBot, client: TrainingClient, audience: Audience):
    begin(client)
    wait_for_updates(qtbot, client)
    pid, last = client.pid, client.last
    client.stop()
    assert client.state == "idle"
    assert client.last is last
    heard = len(audience.snapshots)
    for command in (client.pause, client.resume, client.one_epoch, client.ask):
        command()
    begin(client, epochs=1)
    wait_for_state(qtbot, client, "finished")
    assert client.pid == pid
    assert {snapshot.checkpoint.epoch for snapshot in audience.snapshots[heard:]} <= {0, 1}


def test_a_killed_process_is_told_and_the_run_goes_on_from_its_last_snapshot(
    qtbot: QtBot, client: TrainingClient, audience: Audience
):
    begin(client)
    wait_for_updates(qtbot, client, 100)
    pid = client.pid
    assert pid is not None
    with qtbot.waitSignal(client.died, timeout=PATIENCE) as caught:
        os.kill(pid, signal.SIGKILL)
    assert client.last is not None
    place = client.last.checkpoint
    assert client.checkpoint is place
    assert caught.args == [
        "The training process stopped unexpectedly (signal 9). Nothing is lost; "
        f"training can resume from update {grouped(place.update)}."
    ]
    assert client.state == "died"
    assert client.pid is None
    assert multiprocessing.active_children() == []
    begin(client, checkpoint=place, epochs=place.epoch + 10)
    last = wait_for_state(qtbot, client, "finished")
    assert_same_checkpoint(last.checkpoint, headless(4 * (place.epoch + 10)))
    assert audience.states == ["running", "died", "running", "finished"]
    assert len(audience.deaths) == 1


@pytest.mark.parametrize("when", ["warm", "paused", "finished"])
def test_a_start_right_after_the_kill_works(qtbot: QtBot, client: TrainingClient, audience: Audience, when: str):
    client.warm()
    if when != "warm":
        begin(client, paused=when == "paused", epochs=1)
        qtbot.waitUntil(lambda: client.last is not None and client.state == when, timeout=PATIENCE)
    pid = client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    begin(client, epochs=5)
    assert_same_checkpoint(wait_for_state(qtbot, client, "finished").checkpoint, headless(20))
    assert audience.deaths == []


def test_a_process_that_dies_without_a_run_is_cleared_away_quietly(
    qtbot: QtBot, client: TrainingClient, audience: Audience
):
    client.warm()
    assert client.pid is not None
    os.kill(client.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: client.pid is None, timeout=PATIENCE)
    assert client.state == "idle"
    assert audience.deaths == []


def test_a_process_killed_before_its_first_word(qtbot: QtBot, client: TrainingClient):
    begin(client)
    assert client.pid is not None
    with qtbot.waitSignal(client.died, timeout=PATIENCE):
        os.kill(client.pid, signal.SIGKILL)
    assert client.checkpoint is not None
    assert client.checkpoint.update == 0


def test_a_process_that_cannot_be_made(qtbot: QtBot, client: TrainingClient, monkeypatch: pytest.MonkeyPatch):
    def refuse() -> None:
        raise OSError("no more processes")

    with monkeypatch.context() as patch:
        patch.setattr("nnviz.gui.control.training_client.spawn_worker", refuse)
        with qtbot.waitSignal(client.died, timeout=PATIENCE) as caught:
            begin(client)
    assert caught.args == ["The training process could not be started: no more processes."]
    assert client.state == "died"
    begin(client, epochs=1)
    wait_for_state(qtbot, client, "finished")


def test_a_number_that_is_not_finite_fails_the_run(qtbot: QtBot, client: TrainingClient, audience: Audience):
    network = make_network(Architecture(2, (Layer(1, "linear"),), "half_squared"), [1.0, 2.0, 3.0])
    wild = TrainingSettings(rates=Rates(learning_rate=1e308), update_after="batch")
    client.start(network, XOR, wild, Convention())
    last = wait_for_state(qtbot, client, "failed")
    assert audience.failures == [last.message]
    assert last.message.endswith("is not finite")
    begin(client, epochs=1)
    wait_for_state(qtbot, client, "finished")


def test_what_was_not_foreseen_fails_the_run_and_another_can_start(
    qtbot: QtBot, client: TrainingClient, audience: Audience
):
    begin(client, checkpoint=start_checkpoint(sigmoid_network(2, 2, 1), ADAM))
    qtbot.waitUntil(lambda: client.state == "failed", timeout=PATIENCE)
    assert audience.failures[0].startswith("ValueError: ")
    begin(client, epochs=1)
    wait_for_state(qtbot, client, "finished")
    assert audience.deaths == []


def test_a_slot_may_start_the_next_run(qtbot: QtBot, client: TrainingClient, audience: Audience):
    def start_again(snapshot: Snapshot) -> None:
        if snapshot.state == "finished" and snapshot.checkpoint.epoch == 1:
            begin(client, epochs=2)

    client.snapshot.connect(start_again)
    begin(client, epochs=1)
    qtbot.waitUntil(lambda: client.last is not None and client.last.checkpoint.epoch == 2, timeout=PATIENCE)
    assert client.state == "finished"
    assert audience.states == ["running", "running", "finished"]  # the first end was over when it could be told


def test_a_large_network_and_dataset_change_hands_often(qtbot: QtBot, client: TrainingClient, audience: Audience):
    rng = np.random.default_rng(1)
    data = make_dataset(rng.uniform(size=(1500, 784)), np.eye(10)[rng.integers(10, size=1500)])
    settings = TrainingSettings(optimizer="adam", update_after=64)
    for _ in range(3):
        client.start(sigmoid_network(784, 128, 10), data, settings, Convention())
        audience.snapshots.clear()
        qtbot.waitUntil(lambda: len(audience.snapshots) >= 3, timeout=PATIENCE)
    assert audience.snapshots[-1].checkpoint.update > audience.snapshots[0].checkpoint.update


def test_shutdown_ends_a_process_that_does_not_listen(qtbot: QtBot, client: TrainingClient):
    begin(client)
    wait_for_updates(qtbot, client)
    assert client.pid is not None
    os.kill(client.pid, signal.SIGSTOP)
    client.shutdown()
    assert multiprocessing.active_children() == []


def test_a_client_can_be_used_again_after_shutdown(qtbot: QtBot, client: TrainingClient):
    client.shutdown()
    begin(client, epochs=1)
    client.shutdown()
    assert client.state == "idle"
    begin(client, epochs=1)
    wait_for_state(qtbot, client, "finished")


def test_how_a_process_ended_is_told():
    assert death_notice(-9, None) == "The training process stopped unexpectedly (signal 9). Nothing is lost."
    assert death_notice(1, headless(3)) == (
        "The training process stopped unexpectedly (exit status 1). Nothing is lost; training can resume from update 3."
    )


# A script that opens no window unless it is the program: it trains one epoch as the window would.
SCRIPT = """
import sys
from nnviz.process import worker

def main():
    import numpy as np
    from PySide6.QtCore import QCoreApplication
    from nnviz.engine.conventions import Convention
    from nnviz.engine.datasets import make_dataset
    from nnviz.engine.network import Architecture, Layer, make_network
    from nnviz.engine.training import TrainingSettings
    from nnviz.gui.control.training_client import TrainingClient
    app = QCoreApplication([])
    client = TrainingClient()
    client.state_changed.connect(lambda state: app.quit() if state == "finished" else None)
    network = make_network(Architecture(1, (Layer(1, "sigmoid"),), "half_squared"), [0.0, 0.0])
    client.start(network, make_dataset([[1.0]], [[1.0]]), TrainingSettings(), Convention(), epochs=1)
    app.exec()
    print("update", client.checkpoint.update)
    if "tidy" in sys.argv:
        client.shutdown()

if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.mark.parametrize("way", ["script", "module", "package"])
@pytest.mark.parametrize("end", ["tidy", "untidy"])
def test_it_works_from_every_kind_of_program(tmp_path: Path, way: str, end: str):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "__init__.py").touch()
    for path in ("script.py", "pack/__main__.py"):
        (tmp_path / path).write_text(SCRIPT)
    program = {"script": ["script.py"], "module": ["-m", "script"], "package": ["-m", "pack"]}[way]
    command = [sys.executable, *program, end]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE / 1000)
    assert (result.returncode, result.stdout, result.stderr) == (0, "update 1\n", "")
