"""Serve the actions to Rasa on this machine: ``python -m actions``.

``python -m rasa_sdk`` would listen on all addresses, without a password, and answers an error
with the whole request, visitor's words included.
"""

from __future__ import annotations

import argparse
import logging
from typing import Any

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import Request, Sanic
from sanic.response import BaseHTTPResponse, HTTPResponse, json

from frontdesk.nlu import private_logs


def make_app() -> Sanic[Any, Any]:
    """The action server with our actions."""
    private_logs.install()
    executor = ActionExecutor()
    executor.register_package("actions")
    app = create_app(executor, cors_origins=[])

    @app.on_request
    async def keep_words_out_of_the_log(request: Request) -> None:
        private_logs.handle_messages_from_now_on()

    async def keep_words_out_of_errors(
        request: Request, response: BaseHTTPResponse
    ) -> HTTPResponse | None:
        return json({"error": "failed"}, response.status) if response.status >= 500 else None

    app.register_middleware(keep_words_out_of_errors, "response")
    return app


def main() -> None:
    """Read the arguments and serve until stopped."""
    parser = argparse.ArgumentParser(prog="python -m actions", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=5055, help="port (%(default)s)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    make_app().run(
        host=arguments.host, port=arguments.port, single_process=True, access_log=False, motd=False
    )


if __name__ == "__main__":
    main()
