"""The command line: ``frontdesk --help``."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import date

from frontdesk import __version__
from frontdesk.content.files import ContentError
from frontdesk.settings import SettingsError, load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. 0 on success; errors go to standard error.

    A broken setting or content file gives os.EX_CONFIG (78): starting again would not help.
    """
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except (ContentError, SettingsError) as error:
        print(error, file=sys.stderr)
        return os.EX_CONFIG
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _run(options: argparse.Namespace) -> int:
    # Each command imports what it needs: `screen` must not wait for a web server to load.
    if options.command == "screen":
        from frontdesk.commands.screen import screen

        return screen()
    if options.command == "ask":
        from frontdesk.commands.ask import AskError, ask

        try:
            return ask(options.url, options.language)
        except AskError as error:
            print(error, file=sys.stderr)
            return 1
    if options.command == "content":
        from frontdesk.commands.content import check

        return check(date.today())
    settings = load_settings()
    if options.command == "serve":
        from frontdesk.commands.serve import serve

        return serve(settings)
    if options.command == "run":
        from frontdesk.commands.run import run

        return asyncio.run(run(settings))
    if options.command == "train":
        from frontdesk.commands.train import train

        return train(settings)
    if options.command == "cases":
        from frontdesk.commands.cases import show_cases
        from frontdesk.storage.database import StorageFailure

        try:
            return asyncio.run(show_cases(settings, everything=options.all))
        except StorageFailure as error:
            print(
                f"The database cannot be read ({type(error).__name__}). "
                "Start Front Desk once to set it up, or check DATABASE_URL.",
                file=sys.stderr,
            )
            return 1
    from frontdesk.commands.status import show_status

    return asyncio.run(show_status(settings))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="frontdesk", description="The chat on a ketamine clinic's website."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="start everything, train a model if there is none")
    commands.add_parser("serve", help="start Front Desk alone")
    commands.add_parser("train", help="train a Rasa model from data/")
    content = commands.add_parser("content", help="check what people edit under data/")
    content.add_argument("action", choices=["check"])
    commands.add_parser("screen", help="screen JSON lines from standard input")
    ask = commands.add_parser("ask", help="ask a running Front Desk, JSON lines in and out")
    ask.add_argument("--url", default="http://127.0.0.1:8000", help="where Front Desk listens")
    ask.add_argument("--language", choices=["en", "es"], default="en")
    cases = commands.add_parser("cases", help="list the open cases as JSON lines")
    cases.add_argument("--all", action="store_true", help="resolved cases too")
    commands.add_parser("status", help="the state of every part as JSON")
    return parser


if __name__ == "__main__":
    sys.exit(main())
