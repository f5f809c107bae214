"""Builds sdist and wheel, installs each into an empty environment and tries it: `python -m tests.package`.

The dependencies have the versions of the lock file, so the ranges of the wheel must allow these.
Exit status 1 with a sentence where something is missing or does not work; the packages stay in `dist/`.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.package import smoke
from tests.package.smoke import Broken

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
LOCK = ROOT / "requirements.lock"
SHIPPED = ("state", "tui")
#: Seconds; an install may have to fetch its dependencies.
PATIENCE = 600


def main() -> int:
    """Builds, looks inside, installs, tries."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    try:
        sdist, wheel = build()
        look_inside(sdist, wheel)
        with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor() as both:
            tried = [both.submit(install_and_try, one, Path(scratch), project) for one in (wheel, sdist)]
            for one in tried:
                print(one.result())
    except Broken as broken:
        print(f"package: {broken}", file=sys.stderr)
        return 1
    return 0


def build() -> tuple[Path, Path]:
    """The sdist, and the wheel that was built from it and not from the checkout."""
    shutil.rmtree(DIST, ignore_errors=True)
    called(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(DIST), str(ROOT))
    (sdist,), (wheel,) = DIST.glob("*.tar.gz"), DIST.glob("*.whl")
    return sdist, wheel


def look_inside(sdist: Path, wheel: Path) -> None:
    """Every file of the program is in both, and nothing of the tests."""
    wanted = {
        str(path.relative_to(ROOT))
        for name in SHIPPED
        for path in (ROOT / name).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    with tarfile.open(sdist) as archive:
        sources = {name.partition("/")[2] for name in archive.getnames()}
    with zipfile.ZipFile(wheel) as archive:
        installed = set(archive.namelist())
    elsewhere = {name for name in wanted if name.startswith("tui/man/")}
    for package, inside in ((sdist, sources), (wheel, installed | elsewhere)):
        if absent := sorted(wanted - inside):
            raise Broken(f"{package.name} lacks {', '.join(absent)}: see package-data in pyproject.toml")
    packages = {name.partition("/")[0] for name in installed}
    about = {name for name in packages if name.endswith((".dist-info", ".data"))}
    if stray := sorted(packages - about - set(SHIPPED)):
        raise Broken(f"{wheel.name} brings {', '.join(stray)} along")


def install_and_try(package: Path, scratch: Path, project: dict[str, str]) -> str:
    """Installs into an environment with nothing but pip, and runs what an operator runs first."""
    place = scratch / package.name
    venv.create(place, with_pip=True)
    locked = place / "locked.txt"
    locked.write_text("".join(f"{pin}\n" for pin in pins(LOCK.read_text())))
    pip = (str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    called(*pip, "--constraint", str(locked), str(package))
    done = smoke.tried(place, scratch / f"home-{package.name}", project["version"])
    return f"{package.name}: {done} checks passed in an environment of its own"


def pins(lock: str) -> list[str]:
    """The lines of a lock file that pin a version; a hash beside them would make pip want one of ours."""
    return [line.removesuffix("\\").strip() for line in lock.splitlines() if line[:1].isalnum()]


def called(*command: str) -> None:
    """Runs a command in silence; raises Broken with what it said where it fails."""
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip().splitlines()[-20:]
        raise Broken("\n".join([f"{' '.join(command)} ended with {done.returncode}", *said]))


if __name__ == "__main__":
    sys.exit(main())
