"""Gets the admin token from where the settings say, and never shows it."""

import os
import select
import signal
import stat
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from subprocess import DEVNULL, PIPE

from pydantic import SecretStr

from state.host.environ import TOKEN_VARIABLE
from state.settings import Api
from state.text import printable, redact

#: How long the token command may take, in seconds: somebody may have to type a passphrase elsewhere.
PATIENCE = 20.0

_LARGEST = 64 * 1024


class TokenError(Exception):
    """There is no usable token: one sentence with the mend, never with the token."""


def read_token(api: Api, env: Mapping[str, str], patience: float = PATIENCE) -> SecretStr:
    """The token from token_command, else token_file, else ARTIFORTRESS_ADMIN_TOKEN; raises TokenError."""
    if api.token_command is not None:
        return _checked(_from_command(api.token_command, env, patience), "api.token_command")
    if api.token_file is not None:
        return _checked(_from_file(api.token_file), f"api.token_file {api.token_file}")
    if env.get(TOKEN_VARIABLE) is None:
        raise TokenError(
            f"There is no admin token: set api.token_command or api.token_file in drawbridge.toml, "
            f"or the variable {TOKEN_VARIABLE}."
        )
    return _checked(env[TOKEN_VARIABLE], TOKEN_VARIABLE)


def _checked(text: str, source: str) -> SecretStr:
    token = text.strip()
    if not token:
        raise TokenError(f"{source} gave no token: it is empty. Put the admin token there.")
    if "\n" in token or "\r" in token:
        raise TokenError(f"{source} gave several lines. It must give the token alone.")
    if " " in token:
        raise TokenError(f"{source} gave several words. It must give the token alone, without 'Bearer'.")
    if not (token.isascii() and token.isprintable()):
        raise TokenError(f"{source} gave control or non-ASCII characters, which no token has.")
    return SecretStr(token)


def _from_file(path: Path) -> str:
    try:
        # Non-blocking, so that a named pipe without a writer is refused and not waited for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise TokenError(
            f"api.token_file {path} cannot be read ({error.strerror}): mend its path, owner or mode."
        ) from None
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise TokenError(f"api.token_file {path} is not a regular file: name the one with the token.")
        if about.st_mode & 0o077:
            raise TokenError(f"api.token_file {path} can be read by others: chmod 600 {path}")
        return os.read(descriptor, _LARGEST).decode("utf-8", "replace")
    finally:
        os.close(descriptor)


def _from_command(argv: tuple[str, ...], env: Mapping[str, str], patience: float) -> str:
    from plumbum import CommandNotFound, local

    # plumbum merges onto a snapshot of the environment made at its import: the token goes from there too.
    if TOKEN_VARIABLE in local.env:
        del local.env[TOKEN_VARIABLE]
    environment = {name: value for name, value in env.items() if name != TOKEN_VARIABLE}
    name = printable(argv[0])
    try:
        process = local[argv[0]][argv[1:]].popen(
            env=environment, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, new_session=True
        )
    except (CommandNotFound, OSError):
        raise TokenError(f"api.token_command {name} cannot be run: install it or mend its path.") from None
    assert process.stdout is not None and process.stderr is not None and process.pid is not None
    with process.stdout as out, process.stderr as err:
        token, complaint = _listen(out.fileno(), err.fileno(), process.poll, patience)
        code = process.poll()
        if code is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if code is None:
        raise TokenError(f"api.token_command {name} gave no token within {patience:g} s: try it by hand.")
    if code != 0:
        why = redact(printable(complaint.strip().rpartition("\n")[2]), [token.strip()])[:200]
        raise TokenError(f"api.token_command {name} failed with status {code}{': ' + why if why else ''}.")
    return token


def _listen(out: int, err: int, status: Callable[[], int | None], patience: float) -> tuple[str, str]:
    """What comes on both pipes until the process ends, the patience (seconds) does, or it is too much.

    The end of the process counts, not that of the pipes: an agent that it started may keep them open.
    """
    heard = {out: bytearray(), err: bytearray()}
    poll = select.poll()
    for descriptor in heard:
        os.set_blocking(descriptor, False)
        poll.register(descriptor, select.POLLIN)
    deadline = time.monotonic() + patience
    while status() is None and time.monotonic() < deadline and len(heard[out]) < _LARGEST:
        for descriptor, _ in poll.poll(20):
            if not _take(descriptor, heard[descriptor]):
                poll.unregister(descriptor)
    for descriptor, taken in heard.items():
        _take(descriptor, taken)
    return heard[out].decode("utf-8", "replace"), heard[err].decode("utf-8", "replace")


def _take(descriptor: int, taken: bytearray) -> bool:
    """Adds what is in the pipe, of which only the last part is kept; False at its end."""
    try:
        came = os.read(descriptor, _LARGEST)
    except BlockingIOError:
        return True
    taken += came
    del taken[:-_LARGEST]
    return bool(came)
