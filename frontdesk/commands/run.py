"""``frontdesk run``: everything, on one machine. Front Desk first: a crisis needs nothing else."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from frontdesk import health
from frontdesk.chat.rasa_client import RasaClient
from frontdesk.commands.train import TRAIN, newest_model
from frontdesk.settings import Settings
from frontdesk.supervisor import (
    RASA,
    STEP_BACK,
    Part,
    Supervisor,
    actions_command,
    front_command,
    rasa_command,
    rasa_environment,
)

_Say = Callable[[str], None]


async def run(settings: Settings) -> int:
    """Start everything and keep it running until Ctrl-C.

    0 after an orderly stop, os.EX_CONFIG where a setting or content file is broken.
    """
    started = time.monotonic()

    def say(line: str) -> None:
        print(f"[{time.monotonic() - started:5.0f} s] {line}", flush=True)

    if problem := _in_the_way(settings):
        print(problem, file=sys.stderr)
        return 1
    supervisor = Supervisor(say)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, supervisor.stop)
    rasa = RasaClient(settings.rasa_url, settings.secret_for_rasa(), settings.rasa_deadline)
    try:
        await _start(settings, supervisor, rasa, say)
        await supervisor.until_stopped()
    finally:
        await rasa.close()
    say("Stopped.")
    return os.EX_CONFIG if supervisor.gave_up else 0


async def _start(settings: Settings, supervisor: Supervisor, rasa: RasaClient, say: _Say) -> None:
    front, actions, rasa_part = _parts(settings, rasa)
    url = f"http://{settings.host}:{settings.port}/"
    say("Starting Front Desk ...")
    supervisor.keep(front)
    if not await supervisor.wait_until_answering(front, 60):
        if not supervisor.stopping:
            say(f"Front Desk does not answer; see {front.log_path}")
        return
    say(f"Front Desk is up at {url}. A crisis is answered from now on; other answers follow.")
    supervisor.keep(actions)
    if newest_model() is None and not await _train(settings, supervisor, say):
        return
    say("Starting Rasa with " + str(newest_model()) + " ...")
    supervisor.keep(rasa_part)
    for part in (actions, rasa_part):
        if not await supervisor.wait_until_answering(part, 180):
            if not supervisor.stopping:
                say(f"{part.name} does not answer yet; see {part.log_path}")
            return
    say(f"Ready: {url}   (Ctrl-C stops everything)")


async def _train(settings: Settings, supervisor: Supervisor, say: _Say) -> bool:
    log_path = settings.var / "log" / "train.log"
    say(f"There is no model yet. Training one takes about two minutes; see {log_path} ...")
    code = await supervisor.run_once(TRAIN, rasa_environment(settings), log_path)
    if code and not supervisor.stopping:
        say(
            f"Training failed; see {log_path}. A crisis is still answered. Mend it and start again."
        )
    return code == 0


def _parts(settings: Settings, rasa: RasaClient) -> tuple[Part, Part, Part]:
    logs = settings.var / "log"
    ours = {**os.environ, "FRONTDESK_RASA_SECRET": settings.secret_for_rasa()}
    rasa_at, actions_at = urlsplit(settings.rasa_url), urlsplit(settings.actions_url)

    async def front_answers() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
                url = f"http://{settings.host}:{settings.port}/healthz"
                return (await http.get(url)).is_success
        except httpx.HTTPError:
            return False

    async def rasa_answers() -> bool:
        state = await health.rasa_state(rasa)
        return bool(state["status"] == "ok")

    async def actions_answer() -> bool:
        state = await health.actions_state(settings.actions_url)
        return bool(state["status"] == "ok")

    return (
        Part("Front Desk", front_command(), ours, logs / "front.log", front_answers),
        Part(
            "The action server",
            actions_command(actions_at.hostname or "127.0.0.1", actions_at.port or 5055),
            ours,
            logs / "actions.log",
            actions_answer,
            STEP_BACK,
        ),
        Part(
            "Rasa",
            rasa_command(rasa_at.hostname or "127.0.0.1", rasa_at.port or 5005),
            rasa_environment(settings),
            logs / "rasa.log",
            rasa_answers,
            STEP_BACK,
        ),
    )


def _in_the_way(settings: Settings) -> str | None:
    """What keeps us from starting, in words, or None."""
    if not RASA.exists():
        return "Rasa's environment is missing: run `make setup` first."
    for name, host, port in (
        ("FRONTDESK_PORT", settings.host, settings.port),
        *(
            (name, urlsplit(url).hostname or "127.0.0.1", urlsplit(url).port or 80)
            for name, url in (
                ("FRONTDESK_RASA_URL", settings.rasa_url),
                ("FRONTDESK_ACTIONS_URL", settings.actions_url),
            )
        ),
    ):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                return (
                    f"Port {port} on {host} is taken. Stop what uses it (another Front Desk?) "
                    f"or choose another with {name}."
                )
    return None
