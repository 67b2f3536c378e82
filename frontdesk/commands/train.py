"""``frontdesk train``: train a Rasa model, in Rasa's own environment."""

from __future__ import annotations

import subprocess
import sys
import time

from frontdesk.paths import MODELS, PROJECT_ROOT
from frontdesk.settings import Settings
from frontdesk.supervisor import RASA, rasa_environment

TRAIN = [str(RASA), "train", "--out", str(MODELS)]


def train(settings: Settings) -> int:
    """Train into ``models/``. Rasa's own words go to ``var/log/train.log``."""
    if not RASA.exists():
        print("Rasa's environment is missing: run `make setup` first.", file=sys.stderr)
        return 1
    log_path = settings.var / "log" / "train.log"
    log_path.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with log_path.open("wb") as log:
        done = subprocess.run(
            TRAIN, cwd=PROJECT_ROOT, env=rasa_environment(settings), stdout=log, stderr=log
        )
    if done.returncode:
        print(f"Training failed. Its last words are in {log_path}.", file=sys.stderr)
        return 1
    print(f"Trained {newest_model()} in {time.monotonic() - started:.0f} s.")
    return 0


def newest_model() -> str | None:
    """The name of the newest model in ``models/``, or None."""
    models = sorted(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return models[-1].name if models else None
