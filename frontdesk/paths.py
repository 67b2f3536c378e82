"""Where the project's own files are. Everything is found from the project's root."""

from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DATA = PROJECT_ROOT / "data"
WEB = PROJECT_ROOT / "web"
MODELS = PROJECT_ROOT / "models"
