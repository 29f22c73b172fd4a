"""The training process, through a real pipe: the headless trainer's bits, obedience, and an end with its parent."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
from vocabulary import XOR, assert_same_checkpoint, sigmoid_network

from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset, make_dataset
from nnviz.engine.network import Architecture, Layer, make_network
from nnviz.engine.optimizers import Rates
from nnviz.engine.training import Checkpoint, Trainer, TrainingSettings, start_checkpoint
from nnviz.process.messages import (
    Failure,
    Message,
    OneEpoch,
    Pause,
    Ready,
    RequestSnapshot,
    Resume,
    Snapshot,
    Start,
    StopTraining,
    receive_message,
    send_message,
)
from nnviz.process.worker import spawn_worker
from nnviz.process.worker_run import LOSS_LIMIT

PATIENCE = 20.0
SLOWLY = TrainingSettings(rates=Rates(learning_rate=0.1))


def headless(settings: TrainingSettings, updates: int, data: Dataset = XOR) -> Checkpoint:
    """Where the xor network stands after so many updates with nobody watching."""
    trainer = Trainer(sigmoid_network(2, 3, 1), data, settings, Convention())
    for _ in range(updates):
        trainer.update()
    return trainer.checkpoint()


def lives(pid: int) -> bool:
    """Whether the process runs; one that has ended and is not yet reaped does not."""
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


@dataclass
class Parent:
    """A test's end of the pipe."""

    connection: Connection
    pid: int
    run: int = 0
    number: int = 0
    snapshots: list[Snapshot] = field(default_factory=list)

    def next(self) -> object:
        assert self.connection.poll(PATIENCE), "no answer"
        message = receive_message(self.connection)
        if isinstance(message, Snapshot):
            self.snapshots.append(message)
        return message

    def say(self, kind: type[Message], **more: object) -> None:
        self.number += 1
        send_message(self.connection, kind(run=self.run, number=self.number, **more))

    def start(self, settings: TrainingSettings = SLOWLY, data: Dataset = XOR, **more: object) -> None:
        self.run += 1
        network = sigmoid_network(2, 3, 1)
        values = {"architecture": network.architecture, "checkpoint": start_checkpoint(network, settings)}
        self.say(Start, **(values | {"dataset": data, "settings": settings, "convention": Convention()} | more))

    def snapshot(self, state: str = "") -> Snapshot:
        """The next one, or the next in this state."""
        while True:
            message = self.next()
            assert isinstance(message, Snapshot), message
            if state in ("", message.state):
                return message

    def ask(self) -> Snapshot:
        self.say(RequestSnapshot)
        return self.snapshot()


@pytest.fixture
def parent() -> Iterator[Parent]:
    process, connection = spawn_worker()
    assert process.pid is not None
    parent = Parent(connection, process.pid)
    assert parent.next() == Ready(0)
    yield parent
    connection.close()
    process.join(PATIENCE)
    assert process.exitcode == 0
    process.close()


def test_a_run_is_that_of_the_headless_trainer_whatever_is_asked_when(parent: Parent):
    settings = TrainingSettings(optimizer="adam", rates=Rates(learning_rate=0.01), shuffle=True, seed=3)
    parent.start(settings, epochs=1500)
    while (snapshot := parent.ask()).state == "running":
        assert_same_checkpoint(snapshot.checkpoint, headless(settings, snapshot.checkpoint.update))
        parent.say(Pause)
        paused = parent.snapshot()
        assert paused.checkpoint.update >= snapshot.checkpoint.update
        parent.say(Resume)
    assert snapshot.state == "finished"
    assert_same_checkpoint(snapshot.checkpoint, headless(settings, 6000))
    trainer = Trainer(sigmoid_network(2, 3, 1), XOR, settings, Convention())
    expected = {epoch: trainer.run_epoch() for epoch in range(1, 1501)}
    heard = {int(n): float(e) for s in parent.snapshots for n, e in zip(s.epochs, s.losses, strict=True)}
    assert heard == expected


def test_a_pause_stands_between_two_updates(parent: Parent):
    parent.start()
    assert parent.ask().state == "running"
    parent.say(Pause)
    paused = parent.snapshot("paused")
    assert paused.answered == parent.number
    assert_same_checkpoint(paused.checkpoint, headless(SLOWLY, paused.checkpoint.update))
    still = parent.ask()
    assert_same_checkpoint(still.checkpoint, paused.checkpoint)
    assert len(still.epochs) == 0
    parent.say(Resume)
    later = parent.ask()
    assert later.state == "running"
    assert later.checkpoint.update > paused.checkpoint.update
    assert later.examples_per_second > 0


def test_one_epoch_ends_with_the_current_one(parent: Parent):
    middle = headless(SLOWLY, 6)
    assert middle.position == 2
    parent.start(checkpoint=middle, paused=True)
    assert_same_checkpoint(parent.snapshot("paused").checkpoint, middle)
    for epoch in (2, 3):
        parent.say(OneEpoch)
        snapshot = parent.snapshot("paused")
        assert snapshot.epochs.tolist() == [epoch]
        assert_same_checkpoint(snapshot.checkpoint, headless(SLOWLY, 4 * epoch))


def test_commands_said_at_once_are_obeyed_in_order(parent: Parent):
    parent.start()
    parent.say(Pause)
    parent.say(OneEpoch)
    parent.say(Pause)
    parent.say(RequestSnapshot)
    while (snapshot := parent.snapshot("paused")).answered < parent.number:
        pass
    assert_same_checkpoint(snapshot.checkpoint, headless(SLOWLY, snapshot.checkpoint.update))


def test_the_last_epoch_finishes_the_run(parent: Parent):
    parent.start(paused=True, epochs=2)
    assert parent.snapshot().state == "paused"
    parent.say(OneEpoch)
    assert parent.snapshot().state == "paused"
    parent.say(OneEpoch)
    assert parent.snapshot().state == "finished"
    for command in (Resume, OneEpoch, Pause):
        parent.say(command)
        snapshot = parent.snapshot()
        assert (snapshot.state, snapshot.checkpoint.epoch) == ("finished", 2)


def test_an_end_already_reached_is_told_at_once(parent: Parent):
    parent.start(checkpoint=headless(SLOWLY, 8), epochs=2)
    assert parent.snapshot().state == "finished"


def test_accuracy_is_of_the_place_told(parent: Parent):
    parent.start(paused=True)
    assert parent.snapshot().accuracy == 0.5
    parent.start(TrainingSettings(rates=Rates(learning_rate=2.0)), epochs=3000)
    assert parent.snapshot("finished").accuracy == 1.0


def test_commands_of_an_earlier_run_are_dropped(parent: Parent):
    parent.start()
    parent.say(StopTraining)
    assert parent.next() == Ready(1)
    parent.start(paused=True)
    assert parent.snapshot().run == 2
    parent.run = 1
    for late in (Resume, OneEpoch, RequestSnapshot, StopTraining):
        parent.say(late)
    parent.run = 2
    snapshot = parent.ask()
    assert (snapshot.run, snapshot.state, snapshot.checkpoint.update) == (2, "paused", 0)


def test_many_losses_are_thinned_evenly_and_the_last_is_kept(parent: Parent):
    parent.start(TrainingSettings(update_after="batch"), epochs=3 * LOSS_LIMIT)
    snapshot = parent.snapshot("finished")
    assert LOSS_LIMIT // 2 <= len(snapshot.epochs) <= LOSS_LIMIT
    assert snapshot.epochs[-1] == 3 * LOSS_LIMIT
    assert set(np.diff(snapshot.epochs)[:-1]) == {4}


def test_arrays_come_read_only(parent: Parent):
    parent.start(TrainingSettings(optimizer="adam"), paused=True)
    snapshot = parent.snapshot()
    for array in (snapshot.checkpoint.parameters, snapshot.checkpoint.memory, snapshot.epochs, snapshot.losses):
        assert not array.flags.writeable


def test_a_number_that_is_not_finite_ends_the_run_with_its_place(parent: Parent):
    wild = TrainingSettings(rates=Rates(learning_rate=1e308), update_after="batch")
    line = Architecture(2, (Layer(1, "linear"),), "half_squared")
    network = make_network(line, [1.0, 2.0, 3.0])
    parent.start(wild, architecture=line, checkpoint=start_checkpoint(network, wild))
    failed = parent.snapshot("failed")
    assert failed.message.endswith("is not finite")
    assert failed.message.startswith(f"update {failed.checkpoint.update} ")
    assert failed.accuracy is None
    assert not np.isfinite(failed.checkpoint.parameters).all()


def test_what_was_not_foreseen_is_told_in_one_line_and_another_run_can_start(parent: Parent, capfd):
    parent.start(checkpoint=start_checkpoint(sigmoid_network(2, 2, 1), SLOWLY))
    message = parent.next()
    assert isinstance(message, Failure)
    assert "\n" not in message.message
    assert message.message.startswith("ValueError: 13 parameters are needed")
    assert isinstance(parent.next(), Ready)
    parent.start(epochs=1)
    assert parent.snapshot("finished").checkpoint.update == 4
    assert capfd.readouterr().err == ""


def test_an_interrupt_is_for_the_parent(parent: Parent):
    parent.start()
    os.kill(parent.pid, signal.SIGINT)
    assert parent.ask().state == "running"


def test_a_large_run_goes_through_the_pipe(parent: Parent):
    rng = np.random.default_rng(1)
    data = make_dataset(rng.uniform(size=(1500, 784)), np.eye(10)[rng.integers(10, size=1500)])
    network = sigmoid_network(784, 128, 10)
    settings = TrainingSettings(optimizer="adam", update_after=64, shuffle=True)
    place = start_checkpoint(network, settings)
    parent.start(settings, data, architecture=network.architecture, checkpoint=place, epochs=2)
    last = parent.snapshot("finished")
    trainer = Trainer(network, data, settings, Convention())
    assert last.losses.tolist() == [trainer.run_epoch(), trainer.run_epoch()]
    assert_same_checkpoint(last.checkpoint, trainer.checkpoint())


# A parent that starts a worker, says its id, lets it train, and then ends as it is told.
PARENT = """
import os, select, sys
from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import make_dataset
from nnviz.engine.network import Architecture, Layer, make_network
from nnviz.engine.training import TrainingSettings, start_checkpoint
from nnviz.process.worker import spawn_worker
from nnviz.process.messages import RequestSnapshot, Start, receive_message, send_message

process, pipe = spawn_worker()
print(process.pid, flush=True)
if sys.argv[1] == "training":
    receive_message(pipe)
    architecture = Architecture(1, (Layer(1, "sigmoid"),), "half_squared")
    place = start_checkpoint(make_network(architecture, [0.0, 0.0]), TrainingSettings())
    send_message(pipe, Start(run=1, architecture=architecture, checkpoint=place, dataset=make_dataset([[1]], [[1]]),
                             settings=TrainingSettings(), convention=Convention()))
    send_message(pipe, RequestSnapshot(run=1))
    assert receive_message(pipe).state == "running"
    print("trains", flush=True)
elif sys.argv[1] == "inherited":
    receive_message(pipe)
    if os.fork() == 0:  # a child that keeps the pipe open, so that its end is never seen
        print(os.getpid(), flush=True)
        os.close(1)
        closed = select.poll()
        closed.register(0, 0)  # until the test closes it; what it says is the parent's to read
        closed.poll()
        os._exit(0)
sys.stdin.readline()
os._exit(0)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("way", ["exit", "kill", "abort"])
@pytest.mark.parametrize("busy", ["training", "starting", "inherited"])
def test_the_worker_does_not_outlive_its_parent(way: str, busy: str):
    command = [sys.executable, "-c", PARENT, busy]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        if busy != "starting":
            assert process.stdout.readline().strip()
            assert lives(pid)
        if way == "exit":
            process.stdin.write("\n")
            process.stdin.flush()
        else:
            process.send_signal(signal.SIGKILL if way == "kill" else signal.SIGABRT)
        process.wait(PATIENCE)
        wait_until(lambda: not lives(pid))


def test_the_process_imports_itself_and_the_engine_alone():
    code = "import sys, nnviz.process.worker; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = result.stdout.split()
    assert {name.partition(".")[0] for name in modules}.isdisjoint({"PySide6", "pyqtgraph", "pydantic", "rich"})
    ours = {".".join(name.split(".")[:2]) for name in modules if name.startswith("nnviz.")}
    assert ours == {"nnviz.engine", "nnviz.process"}


def test_the_script_that_starts_it_is_not_run_again(tmp_path: Path) -> None:
    """A person's script calls nnviz.debug at its top level, without asking for its own name."""
    script = tmp_path / "mine.py"
    script.write_text(
        "from nnviz.process.messages import receive_message\nfrom nnviz.process.worker import spawn_worker\n"
        "print('ran', flush=True)\nprocess, pipe = spawn_worker()\nprint(receive_message(pipe))\n"
        "pipe.close()\nprocess.join()\n",
        encoding="utf-8",
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["ran", "Ready(run=0)"]
