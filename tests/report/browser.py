"""Real headless Chromium: what it makes of a page, in light, in dark, at any width, and on paper."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

#: Without it a machine that is to test everything fails: nothing is skipped for want of a program there.
CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("DRAWBRIDGE_TEST_ALL"), reason="needs chromium"
)

#: A page around the real one, which stays as it is and runs no script: a window has a least width, a frame
#: has none. It measures what is in the frame, and writes that down.
_AROUND = """<!doctype html><body style="margin:0"><iframe style="border:0;width:{width}px;height:2000px"
srcdoc="{page}"></iframe><script>
addEventListener("load", () => {{
  const frame = document.querySelector("iframe").contentWindow, inner = frame.document;
  const root = inner.documentElement, all = (what) => [...inner.querySelectorAll(what)];
  const wide = all("body *").filter(
    (one) => !one.closest("svg") && one.getBoundingClientRect().right > root.clientWidth + 1);
  const sizes = all("svg.field path.line").map((one) => {{
    const box = one.getBoundingClientRect();
    return [one.closest("figure").dataset.chart, box.width, box.height];
  }});
  const style = frame.getComputedStyle(inner.body);
  document.body.setAttribute("data-said", JSON.stringify({{
    width: root.clientWidth, scroll: root.scrollWidth, sizes,
    field: inner.querySelector("svg.field").getBoundingClientRect().width,
    background: style.backgroundColor, color: style.color,
    wide: wide.map((one) => one.tagName + "." + one.className).slice(0, 5),
    requests: frame.performance.getEntriesByType("resource").map((one) => one.name),
  }}));
}});
</script>"""


@dataclass(frozen=True, slots=True)
class Browser:
    """Runs Chromium once for each question; `home` holds its profile and what it writes."""

    home: Path

    def run(self, page: Path, *arguments: str, dark: bool = False) -> str:
        """What it prints."""
        assert CHROMIUM is not None, "chromium is not installed"
        scheme = 0 if dark else 1
        done = subprocess.run(
            [
                CHROMIUM,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                # Its own errands outside: none in a test.
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND",
                f"--user-data-dir={self.home / 'profile'}",
                f"--blink-settings=preferredColorScheme={scheme}",
                "--window-size=1200,2000",
                *arguments,
                page.as_uri(),
            ],
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=90,
            check=True,
        )
        return done.stdout

    def read(self, page: Path) -> str:
        """The document as the browser has it, once it is loaded."""
        return self.run(page, "--dump-dom")

    def measured(self, page: Path, width: int, dark: bool = False) -> dict[str, Any]:
        """What the browser makes of the page at this width."""
        around = self.home / "around.html"
        content = escape(page.read_text(encoding="utf-8"))
        around.write_text(_AROUND.format(width=width, page=content), encoding="utf-8")
        found = re.search(r'data-said="([^"]*)"', self.run(around, "--dump-dom", dark=dark))
        assert found is not None, "the page was not measured"
        return dict(json.loads(unescape(found[1])))

    def printed(self, page: Path) -> bytes:
        """The page on paper, as PDF."""
        made = self.home / "printed.pdf"
        self.run(page, "--no-pdf-header-footer", f"--print-to-pdf={made}")
        return made.read_bytes()
