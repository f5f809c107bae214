"""A site whose make target and whose API say everything that a console must not pass on."""

import json
import random
import string
from contextlib import suppress
from pathlib import Path

from ..session.place import Handler

_SOURCE = random.Random()
_LETTERS = string.ascii_letters + string.digits


def _made(length: int, letters: str = _LETTERS) -> str:
    return "".join(_SOURCE.choices(letters, k=length))


#: What only the watch may hold.
TOKEN = f"tok-{_made(28)}"
HOOK = f"https://hooks.example.test/services/{_made(28)}"
#: What the login has in its environment, for commands.
LOGIN = {
    "PGPASSWORD": _made(24),
    "DATABASE": f"postgres://app:{_made(24)}@db/x",
    "GH": f"ghp_{_made(36)}",
    "AWS_SECRET_ACCESS_KEY": _made(40),
}
BEARER, ADDRESS, LAST = _made(40), _made(24), _made(24)
AKIA = f"AKIA{_made(16, string.ascii_uppercase + string.digits)}"
KEY = [_made(64) for _ in range(24)]
BODY_ADDRESS, BODY_BEARER = _made(24), _made(32)

#: The part of each that says it all, by what it is called in a failure.
SECRETS = {
    "token": TOKEN[4:],
    "webhook": HOOK.rpartition("/")[2],
    "password": LOGIN["PGPASSWORD"],
    "password in an address": LOGIN["DATABASE"][15:39],
    "GitHub token": LOGIN["GH"][4:],
    "AWS secret": LOGIN["AWS_SECRET_ACCESS_KEY"],
    "bearer": BEARER,
    "address": ADDRESS,
    "last line": LAST,
    "AWS key id": AKIA[4:],
    **{f"line {number} of the key": line for number, line in enumerate(KEY)},
    "address in a body": BODY_ADDRESS,
    "bearer in a body": BODY_BEARER,
}
FOR_COMMANDS = {"password", "password in an address", "GitHub token", "AWS secret"}

#: Each line as it is printed, and what of it may stand on the screen.
HOSTILE: tuple[tuple[bytes, str], ...] = (
    (b"H01 \x1b]52;c;ZXZpbA==\x07clipboard", "H01 clipboard"),
    (b"H02 \x1b]0;owned\x07title\x1b]2;owned\x1b\\ again", "H02 title again"),
    (b"H03 \x1b[2J\x1b[H\x1b[10;10Hmoved\x1b[999A\x1b[?1049l\x1b[?1000h", "H03 moved"),
    (b"H04 \x1bcreset\x1b(0\x1b#8\x1b=\x1bN", "H04 reset"),
    (b"H05 \xc2\x9b2Jc1\xc2\x9d52;c;ZXZpbA==\xc2\x9c raw \x9b2J", "H05 c1 raw �2J"),
    (b"H06 \x1bPq#0;2;0\x1b\\dcs\x1b_Ga=T;ZXZp\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\", "H06 dcs"),
    (b"H07 10%\rH07 20%\rH07 done\r", "H07 done"),
    (b"H08 a\x00b\x08\x0b\x0c\x7f bell\x07", "H08 a^@b^H^K^L^? bell^G"),
    (b"H09 \xff\xfe\xc0\xaf\xed\xa0\x80 invalid", "invalid"),
    (
        b"H10 \xe2\x80\xaertl\xe2\x81\xa6\xe2\x80\x8bzero\xef\xbb\xbf",
        "H10 <U+202E>rtl<U+2066><U+200B>zero<U+FEFF>",
    ),
    (b"H11 [red]a[/red] [/x] [@click=app.quit]q[/]", "H11 [red]a[/red] [/x] [@click=app.quit]q[/]"),
    (b"H12 \x1b]8;;http://evil.test\x1b\\link\x1b]8;;\x1b\\", "H12 link"),
    (b"H13 \x1b]52;c;never closed", "H13 52;c;never closed"),
    (b"H14 z" + "\u0301".encode() * 200 + b" marks", "marks"),
    (b"H15 \x1b[31mcolour\x1b[0m\x1b[5mblink\x1b]22;none\x07", "H15 colourblink"),
)


def _secrets() -> bytes:
    key = f"-----BEGIN RSA PRIVATE KEY-----\n{'{}'.join(KEY)}\n-----END RSA PRIVATE KEY-----\n"
    return "\n".join(
        (
            f"< Authorization: Bearer {TOKEN}",
            f"bare {TOKEN} and {HOOK}",
            f"curl -H 'Authorization: Bearer {BEARER}' x",
            f"\x1b[1mtoken\x1b[0m=\x1b[33m{BEARER}\x1b[0m",
            f"using postgres://app:{ADDRESS}@db/x",
            f"id {AKIA}, \x1b[32m{LOGIN['GH']}\x1b[0m, logged in with {LOGIN['PGPASSWORD']}",
            key.replace("{}", "\n"),
            key.replace("{}", "\\n"),
        )
    ).encode()


MAKEFILE = """
deploy:
	@cat secrets.txt; env; cat hostile.txt
	@touch said; while [ -e hold ]; do sleep 0.05; done
	@head -c 100000000 /dev/zero | tr '\\0' x; echo; echo THE END; touch ended
	@while [ -e still ]; do sleep 0.05; done
	@cat last.txt; exit 3
"""


def build(site: Path) -> None:
    """The Makefile and what it prints; `hold` and `still` keep its target from going on."""
    (site / "Makefile").write_text(MAKEFILE)
    (site / "secrets.txt").write_bytes(_secrets())
    (site / "hostile.txt").write_bytes(b"".join(raw + b"\n" for raw, _ in HOSTILE))
    (site / "last.txt").write_text(f"\x1b[31mcannot reach postgres://app:{LAST}@db/x\n")
    for name in ("hold", "still"):
        (site / name).touch()


class HostileHandler(Handler):
    """A deployment that is ready, and whose names and errors are not fit for a screen."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/health/ready":
            name = "pg\x1b]52;c;ZXZpbA==\x07[red]\u202e"
            body = {"status": "ready", "dependencies": [{"name": name, "healthy": True}]}
            self._answer(200, body)
        elif path == "/v1/admin/ops/summary":
            said = f"\x1bc[/x] postgres://app:{BODY_ADDRESS}@db refused; Authorization: Bearer {BODY_BEARER}"
            self._answer(500, {"error": "internal", "message": said})
        else:
            super().do_GET()

    def _answer(self, code: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(body)
