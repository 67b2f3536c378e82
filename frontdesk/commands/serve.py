"""``frontdesk serve``: Front Desk alone, in one process."""

from __future__ import annotations

from frontdesk.app import create_app
from frontdesk.logs import configure_logging
from frontdesk.settings import Settings


def serve(settings: Settings) -> int:
    """Serve until told to stop. Raises ContentError where a content file is broken."""
    configure_logging(settings.log_level)
    app = create_app(settings)
    app.run(
        host=settings.host,
        port=settings.port,
        single_process=True,
        access_log=False,
        motd=False,
    )
    return 0
