"""How fast the screen is, on one core: loading, memory, a message, and a long one.

    python -m benchmarks.screen_speed        # writes JSON; make bench-screen runs it

Matchers and tables of words are made when they are first needed, so all messages are judged once
before they are timed; the judgements themselves are not kept. One embedding of the same messages
and a loop of plain Python are timed in the same run: figures from another machine can be compared
by their ratio to them.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import gc
import json
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np

LENGTHS = (250, 500, 1000, 2000, 4000)
PIECES = {
    "ordinary sentences": "how much is a session and do you take insurance. ",
    "a crisis again and again": "i want to die and i have pills. ",
    "letters apart": "k i l l m y s e l f ",
    "one long word": "suicidekillmyself",
    "stars and digits": "s*1c!d3 k!ll ",
    "want to, without end": "want to want to ",
    "emoji": "💊😭",
    "one letter": "i ",
}


def main() -> int:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    start = time.perf_counter()
    from frontdesk.safety import Screen, examples

    imported = time.perf_counter()
    screen = Screen.load()
    silent = screen.silent_patterns()
    screen.judge("hello")
    loaded = time.perf_counter()
    texts = [one.text for one in examples.load("test")]
    for text in texts:
        screen.judge(text)
    gc.collect()
    gc.freeze()  # as Front Desk does when it has loaded everything
    encode = screen._classifier._encode
    patterns = _times(screen._library.find, texts)
    embedded = _times(lambda text: encode([text]), texts)
    judged = _times(screen.judge, [f"{text} " for text in texts])  # not in the cache
    figures = {
        "seconds_to_import": imported - start,
        "seconds_to_load": loaded - imported,
        "silent_patterns": silent,
        "megabytes": _resident(),
        "patterns_ms": _percentiles(patterns),
        "embedding_ms": _percentiles(embedded),
        "screen_ms": _percentiles(judged),
        "loop_ms": _yardstick(),
        "long": {
            name: [_best(screen.judge, (piece * length)[:length]) for length in LENGTHS]
            for name, piece in PIECES.items()
        },
    }
    json.dump(figures, sys.stdout)
    return 0


def _times(judge: Callable[[str], object], texts: Sequence[str]) -> np.ndarray:
    times = []
    for text in texts:
        start = time.perf_counter()
        judge(text)
        times.append(time.perf_counter() - start)
    return np.array(times) * 1000


def _best(judge: Callable[[str], object], text: str) -> float:
    """Milliseconds, the least of three; another space each time, so that nothing is cached."""
    return min(float(_times(judge, [text + " " * extra])[0]) for extra in range(3))


def _percentiles(times: np.ndarray) -> dict[str, float]:
    return {f"p{p}": float(np.percentile(times, p)) for p in (50, 95, 99)}


def _yardstick() -> float:
    start = time.perf_counter()
    sum(range(100_000))
    return (time.perf_counter() - start) * 1000


def _resident() -> float:
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
