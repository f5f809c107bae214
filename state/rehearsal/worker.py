"""The worker process: drains the outbox and the search jobs in sweeps, and collects garbage."""

import sys
import time
from pathlib import Path

from state.rehearsal import processes
from state.rehearsal.database import DatabaseUnavailable, transaction
from state.rehearsal.layout import Layout, load
from state.rehearsal.releases import NEW, installed

#: Seconds of practice time between sweeps, and between collections of garbage. Not a multiple of the
#: polling: the saw-tooth would always be seen at the same tooth.
SWEEP_EVERY, COLLECT_EVERY = 3.0, 45.0
BATCH = 100


def sweep(layout: Layout) -> tuple[int, int]:
    """Finish the search jobs of the last sweep, deliver what is due: how many jobs and events."""
    now = time.time()
    with transaction(layout.database()) as link:
        jobs = link.execute(
            "update search_index_jobs set state = 'completed', attempts = attempts + 1, finished_at = ?"
            " where id in (select id from search_index_jobs where state = 'pending' order by id limit ?)",
            (now, BATCH),
        ).rowcount
        due = link.execute(
            "select id, event_type, aggregate_id from outbox_events"
            " where delivered_at is null and available_at <= ? order by id limit ?",
            (now, BATCH),
        ).fetchall()
        for event, kind, aggregate in due:
            link.execute("update outbox_events set delivered_at = ? where id = ?", (now, event))
            if kind == "version.published":
                link.execute(
                    "insert into search_index_jobs (version_id, state, created_at) values (?, 'pending', ?)",
                    (int(aggregate), now),
                )
    return jobs, len(due)


def collect(layout: Layout) -> None:
    """One garbage collection; it finishes those that a killed worker left open, too."""
    with transaction(layout.database()) as link:
        link.execute("insert into gc_runs (mode, started_at) values ('sweep', ?)", (time.time(),))
    with transaction(layout.database()) as link:
        link.execute("update gc_runs set finished_at = ? where finished_at is null", (time.time(),))


def main(root: Path) -> None:
    """Work until ended. An unreachable database is tried again at the next sweep."""
    layout = load(root)
    processes.enter(layout, "worker")
    release = installed(layout)
    print(f"worker {release.version} started", flush=True)
    drains = layout.scenario.worker_drains or release.version != NEW
    collected = -COLLECT_EVERY  # at once: a killed predecessor may have left a collection open
    while True:
        layout.pause(SWEEP_EVERY)
        if not drains:
            continue
        try:
            sweep(layout)
            if time.monotonic() - collected > COLLECT_EVERY * layout.pace:
                collect(layout)
                collected = time.monotonic()
        except DatabaseUnavailable as error:
            print(f"sweep failed: {error}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
