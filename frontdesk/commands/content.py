"""``frontdesk content check``: everything that people edit under ``data/``."""

from __future__ import annotations

import sys
from datetime import date

from frontdesk.content import checker as answers_checker
from frontdesk.content.answers import load_answers
from frontdesk.content.clinic import load_clinic
from frontdesk.paths import DATA
from frontdesk.safety import CrisisTexts
from frontdesk.safety import checker as crisis_checker


def check(today: date) -> int:
    """Print every finding; 0 where there is none. Raises ContentError on a file that is broken."""
    clinic = load_clinic()
    answers = load_answers(clinic)
    CrisisTexts.load()
    try:
        found = answers_checker.check(answers, clinic, today)
    except RuntimeError as error:
        print(f"Reading grades are not checked: {error}", file=sys.stderr)
        found = answers_checker.check(answers, clinic, today, reading=False)
    findings = [*map(str, found), *crisis_checker.check(DATA / "crisis")]
    for finding in findings:
        print(finding, file=sys.stderr)
    if findings:
        print(f"{len(findings)} findings.", file=sys.stderr)
        return 1
    unsigned = sum(not one.approved_by for texts in answers.values() for one in texts.values())
    print(f"All content is in order. {unsigned} answers wait for a clinician's approval.")
    return 0
