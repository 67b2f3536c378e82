"""Starts the parts, starts a part again that dies, and stops them all together.

Small on purpose: it serves ``make run`` on one machine. In production each part is a service of
the machine's own supervisor (deploy/).
"""

from __future__ import annotations

import asyncio
import ctypes
import functools
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from frontdesk.paths import MODELS, PROJECT_ROOT
from frontdesk.settings import Settings

RASA = PROJECT_ROOT / ".venv-rasa" / "bin" / "rasa"

STOP_SECONDS = 12.0  # a little more than Front Desk's own graceful shutdown
LONGEST_PAUSE = 30.0
STEP_BACK = 10  # niceness of all but Front Desk: a Rasa that loads must not slow a crisis down
STEADY_SECONDS = 60.0  # a part that ran this long starts again without delay


@dataclass(frozen=True)
class Part:
    """One process: ``answers`` tells whether it does its work.

    ``nice`` is how far it steps back for others when processors are short.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    log_path: Path
    answers: Callable[[], Awaitable[bool]]
    nice: int = 0


def rasa_environment(settings: Settings) -> dict[str, str]:
    """The environment of every process that runs Rasa."""
    return {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        "FRONTDESK_RASA_SECRET": settings.secret_for_rasa(),
        "FRONTDESK_ACTIONS_URL": settings.actions_url,
        "LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
        # TensorFlow is imported by Rasa and used for nothing here; it need not say so.
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


class Supervisor:
    """Keeps parts alive until ``stop``. ``say`` prints one plain line.

    A part that ends with os.EX_CONFIG has told what is wrong with our files: then everything
    stops, and ``gave_up`` is set.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.gave_up = False
        self._say = say
        self._keepers: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()

    def keep(self, part: Part) -> None:
        """Start ``part`` and keep it running."""
        self._keepers.append(asyncio.create_task(self._keep(part), name=part.name))

    async def wait_until_answering(self, part: Part, seconds: float) -> bool:
        """Whether ``part`` came to answer within ``seconds``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not self._stopping.is_set():
            if await part.answers():
                return True
            await asyncio.sleep(0.2)
        return False

    async def run_once(self, command: list[str], env: dict[str, str], log_path: Path) -> int:
        """Run ``command`` to its end, or stop it with everything else. Its exit code."""
        process = await _start(command, env, log_path, STEP_BACK)
        return await self._attend(process)

    async def until_stopped(self) -> None:
        """Wait for ``stop``, then until every part has ended."""
        await self._stopping.wait()
        await asyncio.gather(*self._keepers)

    def stop(self) -> None:
        """Stop all parts; asked twice, it changes nothing."""
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        """Whether ``stop`` was called."""
        return self._stopping.is_set()

    async def _keep(self, part: Part) -> None:
        pause = 1.0
        while not self._stopping.is_set():
            started = time.monotonic()
            process = await _start(part.command, part.environment, part.log_path, part.nice)
            code = await self._attend(process)
            if self._stopping.is_set():
                return
            if code == os.EX_CONFIG:
                self._say(f"{part.name} cannot start:\n{_last_words(part.log_path)}")
                self.gave_up = True
                self.stop()
                return
            pause = 1.0 if time.monotonic() - started > STEADY_SECONDS else pause
            self._say(
                f"{part.name} stopped (exit code {code}). Starting it again in {pause:.0f} s; "
                f"see {part.log_path}"
            )
            try:
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
            except TimeoutError:
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _attend(self, process: asyncio.subprocess.Process) -> int:
        """Wait for the process, or end it when we stop: politely first."""
        ended = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not ended.done():
            _signal(process, signal.SIGTERM)
            await asyncio.wait({ended}, timeout=STOP_SECONDS)
            if not ended.done():
                _signal(process, signal.SIGKILL)
        return await ended


def _last_words(log_path: Path) -> str:
    """The end of a log that is not a log line: what a command says before it ends."""
    lines = log_path.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(line for line in lines[-10:] if not line.startswith("{"))


async def _start(
    command: list[str], env: dict[str, str], log_path: Path, nice: int
) -> asyncio.subprocess.Process:
    log_path.parent.mkdir(parents=True, exist_ok=True)
    with log_path.open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *command,
            cwd=PROJECT_ROOT,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Ctrl-C is for us; we tell the parts in our own order.
            start_new_session=True,
            preexec_fn=functools.partial(_in_the_child, nice),
        )


def _in_the_child(nice: int) -> None:
    os.nice(nice)
    if sys.platform == "linux":
        # A supervisor that is killed leaves no process behind that holds the ports.
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def front_command() -> list[str]:
    """How Front Desk is started."""
    return [sys.executable, "-m", "frontdesk", "serve"]


def rasa_command(host: str, port: int) -> list[str]:
    """How Rasa is started: our channel only, no HTTP API."""
    return [
        str(RASA), "run", "--model", str(MODELS), "--interface", host, "--port", str(port),
        "--credentials", "credentials.yml", "--endpoints", "endpoints.yml",
    ]  # fmt: skip


def actions_command(host: str, port: int) -> list[str]:
    """How the action server is started."""
    return [sys.executable, "-m", "actions", "--host", host, "--port", str(port)]
