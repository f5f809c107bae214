"""Which targets make would not know: asked of the real make, without running any recipe."""

import os
import time
from pathlib import Path

import pytest
from plumbum import local

from state.deployment.targets import TargetsError, missing_targets

REHEARSAL = Path(__file__).parent.parent.parent / "state" / "rehearsal" / "Makefile"


def site(directory: Path, makefile: str, name: str = "Makefile") -> Path:
    (directory / name).write_text(makefile, encoding="utf-8")
    return directory


def known(directory: Path, *targets: str) -> set[str]:
    return set(targets) - set(missing_targets(directory, targets))


def test_the_makefile_of_the_rehearsal(tmp_path: Path) -> None:
    site(tmp_path, REHEARSAL.read_text(encoding="utf-8"))
    site(tmp_path, "export PRACTICE_PYTHON := python3\n", "practice.mk")
    assert missing_targets(tmp_path, ["phase7", "db-backup", "db-restore", "deploy", "nothing"]) == (
        "phase7",
        "nothing",
    )


def test_targets_of_an_include(tmp_path: Path) -> None:
    site(tmp_path, "db-migrate:\n\t@echo migrate\n", "database.mk")
    site(tmp_path, "-include not-there.mk\ninclude database.mk\na b:;\n")
    assert known(tmp_path, "db-migrate", "a", "b", "not-there", "database") == {"db-migrate", "a", "b"}


def test_double_colon_rules(tmp_path: Path) -> None:
    site(tmp_path, "early:: a\n\t@echo\nearly::\nlate::\nlate::\n\t@echo\nbare::\n")
    assert known(tmp_path, "early", "late", "bare") == {"early", "late"}


def test_a_phony_name_without_a_rule_is_missing(tmp_path: Path) -> None:
    """For it make does nothing and ends with 0: the worst kind of backup."""
    site(tmp_path, ".PHONY: db-backup deploy\ndeploy: install\ninstall:\n\t@echo\nbare:\n")
    assert known(tmp_path, "db-backup", "deploy", "bare") == {"deploy"}


def test_variables_of_a_target_make_no_rule(tmp_path: Path) -> None:
    site(tmp_path, "db-backup: NAME = x\ndb-migrate: NAME = y\ndb-migrate:\n\t@echo\n")
    assert known(tmp_path, "db-backup", "db-migrate") == {"db-migrate"}


def test_a_file_of_that_name_is_no_target(tmp_path: Path) -> None:
    site(tmp_path, "all:\n\t@echo\n")
    (tmp_path / "db-backup").touch()
    (tmp_path / "db-restore.sh").touch()
    assert known(tmp_path, "db-backup", "db-restore") == set()


def test_pattern_rules(tmp_path: Path) -> None:
    makefile = (
        "db-%: scripts/%.sh | made\n\t@echo\nmade:\n\t@echo\n"
        "scripts/%.sh: src/%.in\n\t@echo\nx%:\n.PHONY: db-smoke\n"
    )
    site(tmp_path, makefile)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "backup.sh").touch()
    # make looks for no pattern where the target is phony.
    (tmp_path / "scripts" / "smoke.sh").touch()
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "migrate.in").touch()
    found = known(tmp_path, "db-backup", "db-migrate", "db-restore", "db-smoke", "db-", "xy")
    assert found == {"db-backup", "db-migrate"}


def test_a_default_rule_makes_everything(tmp_path: Path) -> None:
    site(tmp_path, ".DEFAULT:\n\t@./run $@\n")
    assert missing_targets(tmp_path, ["anything"]) == ()


def test_text_that_looks_like_the_data_base(tmp_path: Path) -> None:
    makefile = (
        "define HELP\n# Implicit Rules\n\n%:\n#  recipe to execute (from x)\n\n# Files\n\ndb-migrate: x\n"
        "endef\n$(info # Files)\n.RECIPEPREFIX = >\n"
        "db-backup: POSTGRES_DB ?= x\ndb-backup:\n>@echo \\\n\n>x\n"
    )
    assert known(site(tmp_path, makefile), "db-backup", "db-migrate", "HELP") == {"db-backup"}


def test_no_recipe_is_run(tmp_path: Path) -> None:
    makefile = (
        "SHELL := /bin/bash\n%.mk: SHELL := /bin/bash\n"
        "include made.mk\nmade.mk: made.in\n\ttouch ran-include\n"
        "Makefile: Makefile.in\n\t+touch ran-makefile\n"
        "db-backup: other\n\ttouch ran\n\t+touch ran-plus\n\techo $(shell touch ran-shell)\n"
        "other:\n\t$(MAKE) touch-it\n.DEFAULT_GOAL := db-backup\n"
    )
    site(tmp_path, makefile)
    site(tmp_path, "included:\n\t@echo\n", "made.mk")
    later = time.time() + 60
    for name in ("made.in", "Makefile.in"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (later, later))
    assert known(tmp_path, "db-backup", "included", "nothing") == {"db-backup", "included"}
    assert list(tmp_path.glob("ran*")) == []


def test_variables_reach_make_and_those_of_an_outer_make_do_not(tmp_path: Path) -> None:
    site(tmp_path, "ifndef POSTGRES_DB\n$(error POSTGRES_DB is not set)\nendif\ndb-backup:\n\t@echo\n")
    assert missing_targets(tmp_path, ["db-backup"], {"POSTGRES_DB": "x"}) == ()
    with (
        local.env(MAKEFLAGS=" -- POSTGRES_DB=outer", MAKELEVEL="1"),
        pytest.raises(TargetsError, match=r"Makefile:2: \*\*\* POSTGRES_DB is not set\."),
    ):
        missing_targets(tmp_path, ["db-backup"])


@pytest.mark.parametrize(
    ("makefile", "sentence"),
    [
        ("include gone.mk\ndb-backup:\n\t@echo\n", "gone.mk: No such file or directory"),
        ("what is this\n", "missing separator"),
        ("$(error \x1b]0;title\x07password=hunter2)\n", r"\*\*\* password=\*\*\*  Stop\.$"),
    ],
)
def test_a_makefile_that_make_refuses(tmp_path: Path, makefile: str, sentence: str) -> None:
    with pytest.raises(TargetsError, match=sentence) as caught:
        missing_targets(site(tmp_path, makefile), ["db-backup"])
    assert str(caught.value).isprintable()


def test_no_checkout(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for directory, sentence in (
        (tmp_path, "has no Makefile"),
        (tmp_path / "file", "is not a directory"),
        (tmp_path / "gone", "is not a directory"),
        (tmp_path / ("x" * 300), "cannot be read"),
    ):
        with pytest.raises(TargetsError, match=sentence):
            missing_targets(directory, ["db-backup"])


def test_a_makefile_that_waits_is_ended_with_all_it_started(tmp_path: Path) -> None:
    site(tmp_path, "X := $(shell echo $$$$ > pid; sleep 60 & echo $$! > child; wait)\ndb-backup:\n\t@echo\n")
    began = time.monotonic()
    with pytest.raises(TargetsError, match=r"within 1 s: see what its \$\(shell"):
        missing_targets(tmp_path, ["db-backup"], patience=1)
    assert time.monotonic() - began < 5
    child = Path("/proc", (tmp_path / "child").read_text().strip(), "stat")
    deadline = time.monotonic() + 5
    while child.exists() and child.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < deadline
        time.sleep(0.02)
