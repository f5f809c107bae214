"""What the practice Makefile's targets run: `python -m state.rehearsal.recipe ROOT TARGET`."""

import sys
from collections.abc import Callable
from pathlib import Path

from state.rehearsal import database_recipes, release_recipes
from state.rehearsal.database import DatabaseUnavailable
from state.rehearsal.database_recipes import RecipeFailed
from state.rehearsal.layout import Layout, PracticeError, load

RECIPES: dict[str, Callable[[Layout], None]] = {
    "db-backup": database_recipes.backup,
    "db-migrate": database_recipes.migrate,
    "db-restore": database_recipes.restore,
    "db-smoke": database_recipes.smoke,
    "phase6-drill": database_recipes.drill,
    "deploy": release_recipes.deploy,
    "stop": release_recipes.stop,
    "redeploy": release_recipes.redeploy,
    "start": release_recipes.start,
    "smoke": release_recipes.smoke,
    "ci-status": release_recipes.ci_status,
}


def main(root: Path, target: str) -> int:
    """Run one recipe; its exit status. A failure is a sentence on stderr."""
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # typeshed: stdout may be any TextIO
    try:
        RECIPES[target](load(root.resolve()))
    except RecipeFailed as error:
        print(error, file=sys.stderr)
        return error.status
    except (DatabaseUnavailable, PracticeError, OSError) as error:
        print(f"{target}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
