"""The admin token: from where it comes, and that no error ever shows it."""

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from state.deployment.token import TokenError, read_token
from state.settings import Api

TOKEN = "s3cret-token"


def _read(env: Mapping[str, str] | None = None, patience: float = 20.0, **source: Any) -> str:
    context = {"base": Path("/"), "path": Path("/drawbridge.toml"), "digest": ""}
    api = Api.model_validate({"urls": ["http://127.0.0.1:1"], **source}, context=context)
    return read_token(api, {**os.environ, **(env or {})}, patience).get_secret_value()


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _file(tmp_path: Path, text: str, mode: int = 0o600) -> str:
    path = tmp_path / "token"
    path.write_bytes(text.encode())
    path.chmod(mode)
    return str(path)


def test_from_the_variable_the_file_and_the_command(tmp_path: Path) -> None:
    env = {"ARTIFORTRESS_ADMIN_TOKEN": TOKEN}
    assert _read(env) == TOKEN
    assert _read(env, token_file=_file(tmp_path, "from-file\n")) == "from-file"
    assert _read(env, token_command=_python("print('from-command')")) == "from-command"


def test_the_command_does_not_get_the_token_of_the_variable() -> None:
    code = "import os; print(os.environ.get('ARTIFORTRESS_ADMIN_TOKEN', 'none'))"
    assert _read({"ARTIFORTRESS_ADMIN_TOKEN": TOKEN}, token_command=_python(code)) == "none"


def test_the_command_has_a_session_of_its_own_and_nothing_to_read() -> None:
    code = "import os, sys; print(os.getsid(0) == os.getpid(), len(sys.stdin.read()), sep='-')"
    assert _read(token_command=_python(code)) == "True-0"


def test_none_at_all() -> None:
    env = {name: value for name, value in os.environ.items() if name != "ARTIFORTRESS_ADMIN_TOKEN"}
    with pytest.raises(TokenError, match=r"set api\.token_command or api\.token_file"):
        read_token(Api(urls=("http://127.0.0.1:1",)), env)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        (f"{TOKEN}\nsecond", "several lines"),
        (f"Bearer {TOKEN}", "without 'Bearer'"),
        (f"{TOKEN}\x1b[31m", "control or non-ASCII"),
        (f"{TOKEN}é", "control or non-ASCII"),
    ],
)
def test_what_is_no_token(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(TokenError, match=sentence) as caught:
        _read(token_file=_file(tmp_path, text))
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read(tmp_path: Path, mode: int) -> None:
    with pytest.raises(TokenError, match=r"can be read by others: chmod 600 .*/token$"):
        _read(token_file=_file(tmp_path, TOKEN, mode))


def test_files_that_are_none(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for name, sentence in (
        ("gone", "No such file"),
        ("pipe", "not a regular file"),
        (".", "not a regular file"),
    ):
        with pytest.raises(TokenError, match=sentence):
            _read(token_file=str(tmp_path / name))


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(TokenError, match="cannot be run: install it"):
        _read(token_command=["no-such-command-here"])


def test_a_command_that_fails_says_why_without_the_token() -> None:
    code = f"import sys; print('{TOKEN}'); print('\\x1b[31mno key for {TOKEN}', file=sys.stderr); sys.exit(3)"
    with pytest.raises(TokenError, match=r"failed with status 3: no key for \*\*\*\.$"):
        _read(token_command=_python(code))


def test_a_command_that_hangs_ends_with_its_whole_group(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(child.pid))\n"
        "time.sleep(60)\n"
    )
    with pytest.raises(TokenError, match="gave no token within 2 s"):
        _read(patience=2.0, token_command=_python(code))
    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while _alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_command_that_never_stops_talking_is_cut() -> None:
    started = time.monotonic()
    with pytest.raises(TokenError):
        _read(token_command=["/bin/sh", "-c", "while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done"])
    assert time.monotonic() - started < 15


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
