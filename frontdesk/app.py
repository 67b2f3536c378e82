"""The web application: the visitors' contract, the pages, health and metrics, and their errors."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

import structlog
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sanic import HTTPResponse, Request, Sanic, empty, file, json, raw
from sanic.exceptions import SanicException

from frontdesk import health, metrics
from frontdesk.chat import openapi
from frontdesk.chat.desk import Desk, set_up
from frontdesk.chat.errors import ApiError
from frontdesk.chat.http import desk_of, visitors
from frontdesk.chat.watch import watch_storage
from frontdesk.paths import WEB
from frontdesk.settings import Settings
from frontdesk.storage.database import StorageFailure

log = structlog.get_logger(__name__)

# 4,000 characters fit in any encoding. The screen reads all of a body, so it must not be endless.
MAX_BODY_BYTES = 32 * 1024
SHUTDOWN_SECONDS = 10.0

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)


def create_app(settings: Settings, name: str = "frontdesk") -> Sanic[Any, Any]:
    """The application. Raises ContentError where a content file is broken."""
    desk = set_up(settings)
    app: Sanic[Any, Any] = Sanic(name, configure_logging=False)
    app.config.update(
        {
            "REQUEST_MAX_SIZE": MAX_BODY_BYTES,
            "GRACEFUL_SHUTDOWN_TIMEOUT": SHUTDOWN_SECONDS,
            "PROXIES_COUNT": settings.proxies or None,
            "FALLBACK_ERROR_FORMAT": "json",
            "ACCESS_LOG": False,
        }
    )
    app.ctx.desk = desk
    app.blueprint(visitors)
    _add_pages(app)
    _add_health(app)
    _add_errors(app)
    _add_middleware(app, settings)
    _add_life(app, desk)
    return app


def _add_life(app: Sanic[Any, Any], desk: Desk) -> None:
    @app.before_server_start
    async def start(app: Sanic[Any, Any]) -> None:
        # A first look, so that the usual start-up finds its tables. Where the database hangs,
        # we serve without it: a crisis needs no database.
        first_look = asyncio.Event()
        app.ctx.watch = asyncio.create_task(watch_storage(desk, first_look), name="watch-storage")
        with suppress(TimeoutError):
            async with asyncio.timeout(10):
                await first_look.wait()

    @app.before_server_stop
    async def announce_stop(app: Sanic[Any, Any]) -> None:
        desk.stopping.set()  # browsers that follow a conversation would hold us up

    @app.after_server_stop
    async def stop(app: Sanic[Any, Any]) -> None:
        app.ctx.watch.cancel()
        with suppress(asyncio.CancelledError):
            await app.ctx.watch
        await desk.close()


def _add_pages(app: Sanic[Any, Any]) -> None:
    app.static("/static", WEB / "static", name="static")

    @app.get("/widget.js")
    async def widget(request: Request) -> HTTPResponse:
        headers = {"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "no-cache"}
        return await file(
            WEB / "widget.js", mime_type="text/javascript; charset=utf-8", headers=headers
        )

    @app.get("/")
    async def demo(request: Request) -> HTTPResponse:
        return await file(WEB / "demo.html", headers={"Content-Security-Policy": _PAGE_POLICY})

    @app.get("/crisis-protocol")
    async def protocol(request: Request) -> HTTPResponse:
        return await file(
            WEB / "crisis-protocol.html", headers={"Content-Security-Policy": _PAGE_POLICY}
        )

    @app.get("/openapi.json")
    async def contract(request: Request) -> HTTPResponse:
        return json(openapi.document())


def _add_health(app: Sanic[Any, Any]) -> None:
    @app.get("/healthz")
    async def healthz(request: Request) -> HTTPResponse:
        return json(health.liveness(desk_of(request)))

    @app.get("/readyz")
    async def readyz(request: Request) -> HTTPResponse:
        ready, body = await health.readiness(desk_of(request))
        return json(body, status=200 if ready else 503)

    @app.get("/health/alerts")
    async def alerts(request: Request) -> HTTPResponse:
        healthy, body = await health.alerts(desk_of(request))
        return json(body, status=200 if healthy else 503)

    @app.get("/metrics")
    async def show_metrics(request: Request) -> HTTPResponse:
        return raw(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)


def _add_errors(app: Sanic[Any, Any]) -> None:
    @app.exception(ApiError)
    async def refuse(request: Request, error: ApiError) -> HTTPResponse:
        return _error(error.status, error.code, error.message, error.retry_after)

    @app.exception(*StorageFailure)
    async def storage(request: Request, error: Exception) -> HTTPResponse:
        log.error("storage_failed", exc_info=error)
        return _error(503, "storage_unavailable", "Please try again in a minute.", 5)

    @app.exception(SanicException)
    async def refused_by_sanic(request: Request, error: SanicException) -> HTTPResponse:
        if request.method == "OPTIONS" and request.path.startswith("/v1/"):
            return empty()  # a browser asks before it sends: the headers below are the answer
        code, message = {
            404: ("not_found", "There is nothing here."),
            405: ("method_not_allowed", "This address does not take that method."),
            413: ("body_too_large", f"A body may have {MAX_BODY_BYTES // 1024} KB at most."),
        }.get(error.status_code, ("bad_request", "This request is not valid."))
        if error.status_code >= 500:
            code, message = "internal", "Something went wrong on our side."
            log.error("request_failed", exc_info=error)
        return _error(error.status_code, code, message)

    @app.exception(Exception)
    async def fail(request: Request, error: Exception) -> HTTPResponse:
        metrics.errors.inc()
        log.error("request_failed", exc_info=error)
        return _error(500, "internal", "Something went wrong on our side. Please try again.")


def _error(status: int, code: str, message: str, retry_after: int | None = None) -> HTTPResponse:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return json({"error": {"code": code, "message": message}}, status=status, headers=headers)


def _add_middleware(app: Sanic[Any, Any], settings: Settings) -> None:
    allowed = set(settings.allowed_origins)

    @app.on_request
    async def started(request: Request) -> None:
        request.ctx.started = time.perf_counter()

    @app.on_response  # type: ignore[untyped-decorator]  # Sanic leaves this one untyped
    async def finished(request: Request, response: HTTPResponse) -> None:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "no-referrer")
        origin = request.headers.get("origin")
        if request.path.startswith("/v1/") and origin and ("*" in allowed or origin in allowed):
            # No cookies are involved: the token in the header is all that opens a conversation.
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Vary"] = "Origin"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"
            response.headers["Access-Control-Allow-Headers"] = (
                "Authorization, Content-Type, Last-Event-ID"
            )
            response.headers["Access-Control-Expose-Headers"] = "Retry-After"
            response.headers["Access-Control-Max-Age"] = "600"
        if request.path.startswith("/v1/"):
            response.headers.setdefault("Cache-Control", "no-store")
        started = getattr(request.ctx, "started", None)
        log.info(
            "request",
            method=request.method,
            # The route's pattern, not the address: identifiers stay out of logs.
            route=request.route.path if request.route else None,
            status=response.status,
            ms=round((time.perf_counter() - started) * 1000, 1) if started else None,
        )
