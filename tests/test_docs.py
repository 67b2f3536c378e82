"""What a reader relies on is in docs/, and nothing else is."""

import re

from frontdesk import cli, metrics
from frontdesk.chat import openapi
from frontdesk.chat.errors import CODES
from frontdesk.paths import PROJECT_ROOT
from frontdesk.settings import Settings

DOCS = PROJECT_ROOT / "docs"
OPERATION = (DOCS / "operation.md").read_text(encoding="utf-8")
HTTP = (DOCS / "http.md").read_text(encoding="utf-8")


def test_every_setting_is_documented_and_no_other() -> None:
    names = {
        name.upper() if name in {"database_url", "redis_url"} else f"FRONTDESK_{name.upper()}"
        for name in Settings.model_fields
    }
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATION, re.MULTILINE))
    assert documented == names


def test_every_command_is_documented_and_no_other() -> None:
    subparsers = next(
        action for action in cli._parser()._actions if getattr(action, "choices", None)
    )
    documented = set(re.findall(r"^\| `frontdesk ([a-z]+)", OPERATION, re.MULTILINE))
    assert documented == set(subparsers.choices or ())


def test_every_metric_is_documented_and_no_other() -> None:
    collected = {
        name
        for family in metrics.registry.collect()
        for name in [family.name + ("_total" if family.type == "counter" else "")]
    }
    documented = set(re.findall(r"^\| `(frontdesk_[a-z_]+)` \|", OPERATION, re.MULTILINE))
    assert documented == collected


def test_every_error_code_is_documented_and_no_other() -> None:
    documented = dict(re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", HTTP, re.MULTILINE))
    assert documented == CODES


def test_every_call_is_documented() -> None:
    for path, methods in openapi.document()["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}" in HTTP, (method, path)


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*DOCS.glob("*.md"), *PROJECT_ROOT.glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
