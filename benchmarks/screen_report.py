"""How good the crisis screen is: writes docs/screen-report.md and its plots.

    make bench-screen
    make bench-screen ORDINARY=messages.jsonl    # also on messages {"text": ..., "kind": ...} of
                                                 # others, none of them a crisis

On the frozen part "test" of data/crisis/examples, which nothing was trained or tuned on. Beside
the whole screen stand its layers alone, a keyword list, and TF-IDF with logistic regression
trained on the same messages.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from benchmarks import disguises
from benchmarks.screen_peers import by_keyword, tfidf
from frontdesk.paths import PROJECT_ROOT
from frontdesk.safety import Kind, Route, Screen, Screening, examples
from frontdesk.safety.examples import Example
from frontdesk.training.crisis import choose_limits

DOCS = PROJECT_ROOT / "docs"
REPORT = DOCS / "screen-report.md"
BOTH = ("en", "es")
MOST_LISTED = 60


@dataclass(frozen=True)
class Judged:
    """An example and what each system says of it. Scores are probabilities of a crisis."""

    example: Example
    screening: Screening
    patterns: bool
    classifier: float
    tfidf: float
    fires: dict[str, bool]  # by system: takes it for a crisis


def main() -> int:
    parser = argparse.ArgumentParser(description="Judge the crisis screen and write the report.")
    parser.add_argument("--ordinary", type=Path, help="JSON lines {text, kind}, none a crisis")
    arguments = parser.parse_args()
    screen = Screen.load()
    say("Training the yardstick ...")
    peer = tfidf(examples.load("train"))
    limit = _peer_limit(peer)
    say("Judging ...")
    judged = judge(screen, examples.load("test"), peer, limit)
    others = _others(arguments.ordinary)
    outside = judge(screen, others, peer, limit)
    say("Measuring speed ...")
    speed = _speed()
    plots(judged, speed)
    REPORT.write_text("\n".join(report(screen, judged, outside, speed)) + "\n", encoding="utf-8")
    say(f"Written to {REPORT}")
    return 0


def judge(
    screen: Screen,
    messages: Sequence[Example],
    peer: Callable[[Sequence[str]], NDArray[np.float64]],
    peer_limit: float,
) -> list[Judged]:
    if not messages:
        return []
    judged = []
    chances = peer([one.text for one in messages])
    for one, chance in zip(messages, chances, strict=True):
        screening = screen.judge(one.text)
        patterns, classifier, _ = screen.measured(one.text)
        fires = {
            "screen": screening.route is Route.CRISIS,
            "patterns alone": patterns,
            "classifier alone": classifier >= screen.limits.crisis,
            "keyword list": by_keyword(one.text),
            "TF-IDF + LR": bool(chance >= peer_limit),
        }
        judged.append(Judged(one, screening, patterns, classifier, float(chance), fires))
    return judged


def _peer_limit(peer: Callable[[Sequence[str]], NDArray[np.float64]]) -> float:
    """Chosen as the screen's own are: the lowest that keep below the same ceilings."""
    dev = examples.load("dev")
    chances = peer([one.text for one in dev])
    return choose_limits(
        [(one, False, float(p), float(p)) for one, p in zip(dev, chances, strict=True)]
    ).crisis


def _others(path: Path | None) -> list[Example]:
    if path is None:
        return []
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [Example(one["text"], None, None, one["kind"], "en", "outside") for one in lines]


def _speed() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.screen_speed"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


# --- the report


def group_of(example: Example) -> str:
    """The line of the table that a message counts in."""
    if example.route is Route.CRISIS and example.kind not in (None, Kind.SUICIDE):
        return str(example.kind.value if example.kind else "")
    return example.style


def report(
    screen: Screen, judged: Sequence[Judged], outside: Sequence[Judged], speed: dict[str, Any]
) -> Iterable[str]:
    systems = list(judged[0].fires)
    yield "# The crisis screen, measured"
    yield ""
    yield f"Made by `make bench-screen` for {screen.version}. Do not edit."
    yield ""
    yield (
        f"On the frozen test part: {len(judged)} messages that were written apart from the ones "
        "the screen learnt from, by others, and share no near-identical message with them. All "
        "were written for this project; no clinician has judged the labels. Single messages, no "
        "history. Brackets: 95 % interval (Wilson)."
    )
    for language in BOTH:
        crises = [
            one
            for one in judged
            if one.example.language == language and one.example.route is Route.CRISIS
        ]
        yield from _heading(f"Recall of route crisis, {_name(language)} (%)")
        yield from _table(crises, systems)
    for language in BOTH:
        calm = [
            one
            for one in judged
            if one.example.language == language and one.example.route is Route.NONE
        ]
        yield from _heading(
            f"False alarms: ordinary messages taken for a crisis, {_name(language)} (%)"
        )
        yield from _table(calm, systems)
    yield from _heading("Mentions and distress (%)")
    yield "| language | style | n | note or crisis | crisis |"
    yield "|---|---|---|---|---|"
    for language in BOTH:
        for style in (*examples.STYLES[Route.NOTE], "all but distress", "all"):
            rows = [
                one
                for one in judged
                if one.example.language == language
                and one.example.route is Route.NOTE
                and (
                    style == "all"
                    or one.example.style == style
                    or (style == "all but distress" and one.example.style != "distress")
                )
            ]
            noted = [one.screening.route is not Route.NONE for one in rows]
            fired = [one.screening.route is Route.CRISIS for one in rows]
            if rows:
                yield f"| {language} | {style} | {len(rows)} | {share(noted)} | {share(fired)} |"
    yield from _heading("Ordinary messages that get the hotline note (%)")
    yield "| language | style | n | note |"
    yield "|---|---|---|---|"
    for language in BOTH:
        for style in (*examples.STYLES[Route.NONE], "all"):
            rows = [
                one
                for one in judged
                if one.example.language == language
                and one.example.route is Route.NONE
                and style in ("all", one.example.style)
            ]
            if rows:
                noted = [one.screening.route is Route.NOTE for one in rows]
                yield f"| {language} | {style} | {len(rows)} | {share(noted)} |"
    if outside:
        yield from _heading("Messages of others, none of them a crisis: taken for one (%)")
        yield from _table(outside, systems)
    yield from _disguises(screen, judged)
    yield from _severity(judged)
    yield from _heading("Precision, recall, calibration")
    yield "![precision and recall](screen-precision-recall.png)"
    yield "![calibration](screen-calibration.png)"
    yield from _speed_tables(speed)
    yield from _mistakes(judged)


def _name(language: str) -> str:
    return {"en": "English", "es": "Spanish"}[language]


def _heading(title: str) -> list[str]:
    return ["", f"## {title}", ""]


def _table(rows: Sequence[Judged], systems: Sequence[str]) -> Iterable[str]:
    groups = sorted({group_of(one.example) for one in rows})
    yield f"| | n | {' | '.join(systems)} |"
    yield f"|---|---|{'---|' * len(systems)}"
    for group in (*groups, "all"):
        of_group = [one for one in rows if group in ("all", group_of(one.example))]
        cells = [share([one.fires[system] for one in of_group]) for system in systems]
        cells[1:] = [cell.split(" ")[0] for cell in cells[1:]]
        yield f"| {group} | {len(of_group)} | {' | '.join(cells)} |"


def share(values: Sequence[bool]) -> str:
    """Per cent of True, with its 95 % interval (Wilson 1927)."""
    n, p, z = len(values), sum(values) / len(values), 1.96
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    low = max(0.0, middle - half)
    return f"{100 * p:.1f} ({100 * low:.0f}-{100 * (middle + half):.0f})"


def _disguises(screen: Screen, judged: Sequence[Judged]) -> Iterable[str]:
    """Every third crisis that was found, disguised or with something added: still found?"""
    found = [
        one.example.text
        for one in judged
        if one.fires["screen"] and one.example.route is Route.CRISIS
    ][::3]
    yield from _heading(f"Of {len(found)} crises that were found, still found when disguised (%)")
    yield "| change | still route crisis |"
    yield "|---|---|"
    for name, change in {**disguises.LOSSLESS, **disguises.LOSSY, **disguises.ADDED}.items():
        still = [screen.judge(change(text)).route is Route.CRISIS for text in found]
        yield f"| {name} | {share(still)} |"


def _severity(judged: Sequence[Judged]) -> Iterable[str]:
    found = [one for one in judged if one.fires["screen"] and one.example.route is Route.CRISIS]
    kind = [one.example.kind in one.screening.kinds for one in found if one.example.kind]
    first = [one.example.kind is one.screening.kinds[0] for one in found if one.example.kind]
    severity = [one.example.severity is one.screening.severity for one in found]
    yield from _heading("Of the crises that were found (%)")
    yield f"- the labelled kind is among the kinds: {share(kind)}; it leads: {share(first)}"
    yield f"- the labelled severity (imminent or high): {share(severity)}"


def _speed_tables(speed: dict[str, Any]) -> Iterable[str]:
    yield from _heading("Speed, on one core")
    yield f"A plain loop of 100,000 additions took {speed['loop_ms']:.1f} ms in the same run."
    yield ""
    yield "| | p50 | p95 | p99 |"
    yield "|---|---|---|---|"
    for name, key in (
        ("patterns", "patterns_ms"),
        ("one embedding (the yardstick)", "embedding_ms"),
        ("whole screen", "screen_ms"),
    ):
        cells = " | ".join(f"{speed[key][p]:.2f}" for p in ("p50", "p95", "p99"))
        yield f"| {name}, ms a message | {cells} |"
    yield ""
    yield (
        f"Import {speed['seconds_to_import']:.1f} s, loading {speed['seconds_to_load']:.1f} s, "
        f"memory {speed['megabytes']:.0f} MB."
    )
    yield ""
    yield "Long and hostile messages, ms by length in characters:"
    yield ""
    yield "| | 250 | 500 | 1,000 | 2,000 | 4,000 |"
    yield "|---|---|---|---|---|---|"
    for name, times in speed["long"].items():
        yield f"| {name} | {' | '.join(f'{time:.1f}' for time in times)} |"
    yield ""
    yield "![time by length](screen-length.png)"


def _mistakes(judged: Sequence[Judged]) -> Iterable[str]:
    missed = [
        one for one in judged if one.example.route is Route.CRISIS and not one.fires["screen"]
    ]
    wrong = [one for one in judged if one.example.route is Route.NONE and one.fires["screen"]]
    for title, rows in (("Missed crises", missed), ("False alarms", wrong)):
        yield from _heading(f"{title}: {len(rows)}")
        yield "Route and the classifier's probability, then the message."
        yield ""
        for one in sorted(rows, key=lambda row: row.classifier)[:MOST_LISTED]:
            text = one.example.text.replace("|", "\\|")
            yield (
                f"- {one.screening.route.value} {one.classifier:.2f} "
                f"({group_of(one.example)}, {one.example.language}) {text}"
            )


# --- plots


def plots(judged: Sequence[Judged], speed: dict[str, Any]) -> None:
    truth = np.array([one.example.route is Route.CRISIS for one in judged])
    figure, axes = plt.subplots(figsize=(6, 4.5))
    for name, scores in (
        ("classifier alone", np.array([one.classifier for one in judged])),
        ("screen", np.array([max(one.classifier, float(one.patterns)) for one in judged])),
        ("TF-IDF + LR", np.array([one.tfidf for one in judged])),
    ):
        order = np.argsort(-scores, kind="stable")
        hits = np.cumsum(truth[order])
        axes.plot(hits / truth.sum(), hits / np.arange(1, len(hits) + 1), label=name)
    for name in ("screen", "patterns alone", "keyword list"):
        fired = np.array([one.fires[name] for one in judged])
        axes.plot(
            truth[fired].sum() / truth.sum(), truth[fired].mean(), "o", label=f"{name}, as set"
        )
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0.5, 1.01))
    axes.legend(fontsize=8, loc="lower left")
    _save(figure, "screen-precision-recall.png")

    figure, axes = plt.subplots(figsize=(4.5, 4.5))
    scores = np.array([one.classifier for one in judged])
    edges = np.linspace(0, 1, 11)
    bins = np.clip(np.digitize(scores, edges) - 1, 0, 9)
    points = [
        (scores[bins == b].mean(), truth[bins == b].mean()) for b in range(10) if any(bins == b)
    ]
    axes.plot([0, 1], [0, 1], ":", color="grey")
    axes.plot(*zip(*points, strict=True), "o-")
    axes.set(xlabel="the classifier's probability", ylabel="share of crises")
    _save(figure, "screen-calibration.png")

    figure, axes = plt.subplots(figsize=(6, 4.5))
    for name, times in speed["long"].items():
        axes.plot((250, 500, 1000, 2000, 4000), times, "o-", label=name)
    axes.set(xlabel="characters", ylabel="ms")
    axes.legend(fontsize=8)
    _save(figure, "screen-length.png")


def _save(figure: Any, name: str) -> None:
    figure.tight_layout()
    # Without the date that matplotlib writes, the same figures are the same file.
    figure.savefig(DOCS / name, dpi=90, metadata={"Software": None})
    plt.close(figure)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
