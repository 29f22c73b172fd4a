"""A function applied to many items in several processes, or on a Dask cluster, through joblib."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

SECONDS = 10  # to wait for a cluster
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class ParallelError(Exception):
    """Work that cannot be done in parallel; its text is the reason in one line."""


def in_parallel(
    function: Callable[[Item], Answer], items: Iterable[Item], *, workers: int = -1, cluster: str = ""
) -> Iterator[Answer]:
    """Yield the answer to each item as it is done, in any order; items are taken as workers become free.

    `workers` of -1 is one for each core. `cluster` is the address of a Dask scheduler whose workers have nnviz. Whoever
    stops iterating ends the work. Raises ParallelError if an extra is missing or the cluster does not answer.
    """
    try:
        import joblib
    except ImportError:
        raise ParallelError("a sweep needs joblib: pip install 'nnviz-debugger[sweep]'") from None
    with _backend(joblib, cluster):
        with _without_interrupts():  # Ctrl-C reaches every process of a terminal, and is for this one alone
            answers = joblib.Parallel(n_jobs=workers, return_as="generator_unordered")(
                joblib.delayed(function)(item) for item in items
            )
        try:
            yield from answers
        finally:
            answers.close()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Ignore Ctrl-C while the context lasts, in processes that are started in it for as long as they live."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


@contextmanager
def _backend(joblib: Any, cluster: str) -> Iterator[None]:
    """Have joblib work on a cluster while the context lasts; without one, in local processes, which end with it."""
    if not cluster:
        try:
            yield
        finally:
            joblib.externals.loky.get_reusable_executor(reuse=True).shutdown()
        return
    try:
        from distributed import Client
    except ImportError:
        raise ParallelError("a cluster needs Dask: pip install 'dask[distributed]'") from None
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what fails is said in one line here
    try:
        client = Client(cluster, timeout=SECONDS)
    except (OSError, ValueError) as error:
        raise ParallelError(f"--cluster {cluster}: no Dask scheduler answers there: {error}") from None
    with client, joblib.parallel_config("dask", client=client):
        yield
