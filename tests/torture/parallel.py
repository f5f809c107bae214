"""Trials of one torment side by side, each in a process of its own, until there are enough."""

import multiprocessing
import traceback
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait

from .figures import Figures

Trial = Callable[[int], Figures]


def until_enough(name: str, trial: Trial, first_seed: int, wanted: int, workers: int) -> Figures:
    """Runs `trial` with one seed after another until `wanted` trials are counted; the sum of all.

    How many trials one seed makes is known when it is over. One that breaks is a finding.
    """
    total = Figures(name)
    context = multiprocessing.get_context("spawn")
    with total.timed(), ProcessPoolExecutor(workers, mp_context=context) as pool:
        seed = first_seed
        running: dict[Future[Figures], int] = {}
        while running or total.trials < wanted:
            while total.trials + len(running) < wanted and len(running) < workers:
                running[pool.submit(trial, seed)] = seed
                seed += 1
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for one in done:
                total.add(_result(name, one, running.pop(one)))
    return total


def _result(name: str, one: Future[Figures], seed: int) -> Figures:
    error = one.exception()
    if error is None:
        return one.result()
    broken = Figures(name, trials=1, seeds=[seed])
    broken.found("stuck", "the trial broke: " + "".join(traceback.format_exception(error)), seed)
    return broken
