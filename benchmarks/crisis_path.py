"""How fast a crisis is answered with Rasa and the action server gone, and whether each has a case.

    make bench

200 conversations, one crisis message each, one after the other, through HTTP into SQLite with
full synchronous writes. The time of a plain /healthz request in the same run is the yardstick:
the ratio between the two says more than either on a busy machine.
"""

import json
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.support.process import FrontDesk, free_port

MESSAGES = 200
TEXT = "i want to kill myself"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        nobody = f"http://127.0.0.1:{free_port()}"
        front = FrontDesk(Path(folder) / "var", nobody).start()
        try:
            return _measure(front)
        finally:
            front.stop()


def _measure(front: FrontDesk) -> int:
    with httpx.Client(base_url=front.url) as http:
        yardstick = [_timed(lambda: http.get("/healthz")) for _ in range(MESSAGES)]
        conversations = [http.post("/v1/conversations", json={}).json() for _ in range(MESSAGES)]
        times, right = [], 0
        for one in conversations:
            answers: list[httpx.Response] = []

            def send(one: dict[str, str] = one, answers: list[httpx.Response] = answers) -> None:
                answers.append(
                    http.post(
                        f"/v1/conversations/{one['conversation']}/messages",
                        json={"client_id": uuid.uuid4().hex, "text": TEXT},
                        headers={"Authorization": f"Bearer {one['token']}"},
                    )
                )

            times.append(_timed(send))
            body = answers[0].json()
            right += body["mode"] == "crisis" and "988" in body["messages"][0]["text"]
    cases = [json.loads(line) for line in front.command("cases").stdout.splitlines()]
    with_case = {case["conversation"] for case in cases}
    report = {
        "messages": MESSAGES,
        "answered_with_988": right,
        "with_a_case": sum(one["conversation"] in with_case for one in conversations),
        "crisis_ms": _percentiles(times),
        "healthz_ms": _percentiles(yardstick),
        "ratio_p50": round(statistics.median(times) / statistics.median(yardstick), 1),
    }
    print(json.dumps(report, indent=2))
    return 0 if report["answered_with_988"] == report["with_a_case"] == MESSAGES else 1


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _percentiles(times: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return {
        "p50": round(cuts[49] * 1000, 1),
        "p95": round(cuts[94] * 1000, 1),
        "p99": round(cuts[98] * 1000, 1),
        "max": round(max(times) * 1000, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
