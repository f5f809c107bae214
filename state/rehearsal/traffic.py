"""A trickle of uploads, so that the practice deployment lives and its outbox has work."""

import random
import time

from state.rehearsal import access, objects
from state.rehearsal.database import DatabaseUnavailable, transaction
from state.rehearsal.health import storage_trouble
from state.rehearsal.layout import Layout
from state.rehearsal.releases import Release


def flow(layout: Layout, release: Release, server: str) -> None:
    """Publish a version every two seconds or so, for ever; what the database refuses is dropped."""
    dice = random.Random()
    leads = server == min(layout.ports)
    while True:
        layout.pause(dice.uniform(1.0, 3.0))
        try:
            if leads and layout.scenario.token_lives_for is not None:
                access.replace_expired(layout)
            if storage_trouble(layout, release) is None:
                _publish(layout, dice)
        except (DatabaseUnavailable, OSError) as error:
            print(f"upload refused: {error}", flush=True)


def _publish(layout: Layout, dice: random.Random) -> None:
    content = dice.randbytes(dice.randrange(80, 400))
    digest = objects.put(layout, content)
    with transaction(layout.database()) as link:
        packages = [number for (number,) in link.execute("select id from packages")]
        if not packages:
            return
        version = f"2.0.0-build.{digest[:12]}"
        made = objects.publish(link, dice.choice(packages), version, digest, len(content), time.time())
        objects.audit(link, "ci", "package.version.published", "package_version", str(made))
