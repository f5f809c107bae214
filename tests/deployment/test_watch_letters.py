"""What letters ask of the watch comes back as one reading each, in order, while the polling goes on."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from state.console.effects import follow
from state.console.known_secrets import KnownSecrets
from state.console.observation import Observation
from state.events import WindowDeclared
from state.host.background import Background
from state.host.environ import environment
from state.journal.readings import ReadingsReader
from state.policy import Policy
from state.readings import Ask, Reading, ReadingClass
from state.settings import load
from state.watch.command import WatchCommand
from state.watch.start import is_alive
from state.window import Window

from .place import TOKEN, Place, making, until

SINCE = 1_770_818_400.0
RECONCILE, AUDIT = "/v1/admin/reconcile/blobs?limit=20", "/v1/audit?limit=1000"
HOOK = "/services/T0SECRET/B0SECRET"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with making(tmp_path) as made:
        yield made


def test_each_letter_is_answered_by_one_reading(place: Place) -> None:
    place.start(webhook=SecretStr(place.server.url + HOOK))
    place.tell("audit", since=SINCE)
    place.tell("smoke", repository=None)
    place.tell("post", id="m-1", text="the window is open")
    post: Reading = until(lambda: place.latest(Ask.POST))
    audit, smoke = place.latest(Ask.AUDIT), place.latest(Ask.SMOKE)
    assert (audit.reading_class, audit.values) == (
        ReadingClass.OK,
        {"since": SINCE, "count": 1, "complete": True, "actions": {"upload.committed": 1}},
    )
    assert smoke.reading_class is ReadingClass.OK
    assert len(smoke.values["actions"]) == 4
    assert (post.reading_class, post.values) == (ReadingClass.OK, {"id": "m-1"})
    assert [(path, json.loads(body)) for path, body in place.server.posted] == [
        (HOOK, {"text": "the window is open"})
    ]
    assert audit.id < smoke.id < post.id
    # A console that opens the window now sees them as well.
    anew = ReadingsReader(place.directory / "readings.db")
    assert {Ask.AUDIT, Ask.SMOKE, Ask.POST} <= {ask for ask, _ in anew.look(time.time()).latest}
    anew.close()


def test_store_and_database_are_compared_by_itself_and_on_request(place: Place) -> None:
    place.start(reconcile_every=0.3)
    until(lambda: place.server.asked[RECONCILE] >= 3, 10)
    assert place.latest(Ask.RECONCILE).values == {
        "missingArtifactBlobRefs": 1,
        "missingManifestBlobRefs": 0,
        "orphanBlobCount": 2,
    }
    place.tell("stop", why="slower")
    until(place.gone)
    asked = place.server.asked[RECONCILE]
    place.start(reconcile_every=60.0)
    until(lambda: place.server.asked[RECONCILE] == asked + 1)
    place.tell("reconcile")
    until(lambda: place.server.asked[RECONCILE] == asked + 2)


def test_an_errand_that_hangs_delays_no_poll_and_the_next_waits_for_it(place: Place) -> None:
    place.server.hang = {AUDIT}
    place.start(reconcile_every=60.0)
    until(lambda: place.server.asked[RECONCILE] == 1)
    place.tell("audit", since=SINCE)
    until(lambda: place.server.asked[AUDIT] == 1)
    place.tell("reconcile")
    polled = place.server.asked["/health/ready"]
    until(lambda: place.server.asked["/health/ready"] >= polled + 10)
    assert place.server.asked[RECONCILE] == 1
    place.server.ending.set()
    until(lambda: place.server.asked[RECONCILE] == 2)
    assert until(lambda: place.latest(Ask.AUDIT)).reading_class is ReadingClass.OK


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("audit", {}),
        ("audit", {"since": "today"}),
        ("audit", {"since": True}),
        ("audit", {"since": float("nan")}),
        ("smoke", {}),
        ("smoke", {"repository": ""}),
        ("smoke", {"repository": "x" * 200}),
        ("post", {"id": "m"}),
        ("post", {"id": "", "text": "x"}),
        ("post", {"id": "m\x1b[2J", "text": "x"}),
    ],
)
def test_a_letter_that_does_not_say_what_it_should(place: Place, kind: str, body: dict[str, object]) -> None:
    place.start()
    place.tell(kind, **body)
    log = place.directory / "watch.log"
    until(lambda: f"a letter of kind {kind} that does not say what it should" in log.read_text())
    assert is_alive(place.directory)
    assert place.latest(Ask(kind)) is None


def test_a_repository_cannot_lead_elsewhere(place: Place) -> None:
    place.start()
    place.tell("smoke", repository="../../health")
    smoke: Reading = until(lambda: place.latest(Ask.SMOKE))
    assert smoke.reading_class is ReadingClass.BAD_BODY
    assert {path for path, _ in place.server.posted} == {"/v1/repos/..%2F..%2Fhealth/uploads"}


def test_the_last_message_is_posted_although_the_watch_is_told_to_end(place: Place) -> None:
    place.start(webhook=SecretStr(place.server.url + HOOK))
    until(lambda: place.latest(Ask.RECONCILE))
    place.tell("post", id="last", text="closed")
    place.tell("stop", why="the window is closed")
    until(place.gone)
    assert place.latest(Ask.POST).values == {"id": "last"}
    assert len(place.server.posted) == 1
    assert place.last_words() == "the window is closed"


def test_a_hanging_errand_does_not_keep_the_watch_from_ending(place: Place) -> None:
    place.server.hang = {AUDIT}
    place.start()
    place.tell("audit", since=SINCE)
    until(lambda: place.server.asked[AUDIT] == 1)
    place.tell("stop", why="enough")
    until(place.gone, 8)
    assert place.last_words() == "enough"
    assert "before it has done all" in (place.directory / "watch.log").read_text()


def test_the_webhook_travels_whole_and_never_shows(place: Place) -> None:
    command = place.command(webhook=SecretStr("https://hooks.example" + HOOK), reconcile_every=7.0)
    assert WatchCommand.from_line(command.to_line()) == command
    assert "SECRET" not in repr(command)
    assert command.secrets == (TOKEN, "https://hooks.example" + HOOK)


def _observation(
    place: Place, comms: str = 'webhook_env = "CHANNEL_HOOK"', token_command: tuple[str, ...] = ()
) -> tuple[Observation, Policy]:
    path = place.directory / "drawbridge.toml"
    token = f"token_command = {json.dumps(token_command)}\n" if token_command else ""
    path.write_text(
        f'environment = "test"\n[api]\nurls = ["{place.server.url}"]\nready_every = "200ms"\n{token}'
        f'[make]\ndirectory = "."\nbackup_directory = "."\n'
        f'[smoke]\nrepository = "tools"\n[comms]\n{comms}\n'
    )
    settings = load(path)
    secrets = KnownSecrets(settings, environment())
    return Observation(place.directory, settings, Background(), secrets), settings.policy({}, "none")


def test_a_watch_that_is_still_being_started_when_its_window_is_closed_ends(place: Place) -> None:
    """Its token took so long that the window was closed meanwhile: nobody would end it any more."""
    begun, go = place.directory / "begun", place.directory / "go"
    source = f"touch {begun}; until [ -e {go} ]; do sleep 0.02; done; echo {TOKEN}"
    observation, policy = _observation(place, token_command=("sh", "-c", source))
    observation.keep_going(policy)
    asked = time.time()
    # The times of files are coarser than the clock.
    until(lambda: begun.exists() and (begun.touch() or begun.stat().st_mtime > asked))
    follow(WindowDeclared("success", "", {}), Window(), observation, place.directory)
    go.touch()
    until(place.pids)
    until(place.gone)
    assert place.last_words() == "the window is closed"


def test_a_console_asks_its_watch(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    address = place.server.url + HOOK
    monkeypatch.setenv("ARTIFORTRESS_ADMIN_TOKEN", TOKEN)
    monkeypatch.setenv("CHANNEL_HOOK", address)
    # plumbum took its copy of the environment when it was imported: the test puts it there too.
    from plumbum import local

    local.env["CHANNEL_HOOK"] = address
    observation, policy = _observation(place)
    assert observation.can_post
    observation.keep_going(policy)
    until(place.pids)
    environ = Path(f"/proc/{place.pids()[-1]}/environ").read_bytes()
    assert b"PATH=" in environ
    assert b"CHANNEL_HOOK" not in environ
    observation.reconcile()
    observation.audit_since(SINCE)
    observation.smoke()
    observation.post("m-7", "rolled back")
    assert until(lambda: place.latest(Ask.POST)).values == {"id": "m-7"}
    assert place.latest(Ask.AUDIT).values["since"] == SINCE
    # The small server takes no upload: it is told as such.
    assert place.latest(Ask.SMOKE).reason.startswith("begin upload: ")
    assert observation.problem == ""
    for path in place.directory.rglob("*"):
        if path.is_file():
            assert b"B0SECRET" not in path.read_bytes(), path


def test_a_message_that_is_too_long_is_refused_in_words(place: Place) -> None:
    observation, _ = _observation(place)
    observation.post("m", "x" * 8193)
    assert observation.problem == "The message is longer than 8 KiB: shorten it. It was not posted."
    assert list((place.directory / "mail").iterdir()) == []


def test_without_an_address_nothing_can_be_posted(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHANNEL_HOOK", raising=False)
    assert not _observation(place)[0].can_post
    monkeypatch.setenv("CHANNEL_HOOK", " ")
    assert not _observation(place)[0].can_post
    monkeypatch.setenv("CHANNEL_HOOK", "https://hooks.example/x")
    assert not _observation(place, "")[0].can_post
    assert os.environ["CHANNEL_HOOK"]
    place.start()
    place.tell("post", id="m-8", text="x")
    post: Reading = until(lambda: place.latest(Ask.POST))
    assert (post.reading_class, post.values) == (ReadingClass.DNS, {"id": "m-8"})
    assert "webhook_env" in post.reason
