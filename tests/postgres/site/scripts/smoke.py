"""Smoke checks of the site: whose token it is, readiness, the summary, and an event that gets delivered."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

_DELIVERY = 15.0  # seconds


def _get(path: str) -> dict[str, Any]:
    token = Path(os.environ["TOKEN_FILE"]).read_text(encoding="ascii").strip()
    request = urllib.request.Request(f"http://127.0.0.1:{os.environ['API_PORT']}{path}")
    request.add_header("Authorization", f"Bearer {token}")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=10) as answer:
            return dict(json.loads(answer.read()))
    except urllib.error.HTTPError as error:
        sys.exit(f"FAILED  {path}: {error.code} {error.read().decode(errors='replace')}")
    except OSError as error:
        sys.exit(f"FAILED  {path}: {error}")


def _sql(text: str) -> str:
    database = os.environ.get("POSTGRES_DB", "artifortress")
    command = ["psql", "-XAtq", "--set=ON_ERROR_STOP=1", f"--dbname={database}", f"--command={text}"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    if result.returncode:
        sys.exit(f"FAILED  {result.stderr.strip()}")
    return result.stdout.strip()


def _deliver() -> None:
    event = _sql(
        "insert into outbox_events (event_type, aggregate_id) values ('smoke.checked', 'smoke')"
        " returning event_id"
    )
    deadline = time.monotonic() + _DELIVERY
    while (
        _sql(f"select 1 from outbox_events where event_id = {int(event)} and delivered_at is not null") != "1"
    ):
        if time.monotonic() > deadline:
            sys.exit(
                f"FAILED  event {event} was not delivered within {_DELIVERY:g} s: is the worker draining?"
            )
        time.sleep(0.1)
    print(f"ok  event {event} delivered")


def main() -> None:
    """All checks; ends with status 1 at the first that fails."""
    print(f"ok  whoami: {_get('/v1/auth/whoami')['subject']}")
    print(f"ok  readiness: {_get('/health/ready')['status']}")
    print(f"ok  ops summary: {_get('/v1/admin/ops/summary')['pendingOutboxEvents']} pending outbox events")
    _deliver()
    print("Smoke checks passed.")


if __name__ == "__main__":
    main()
