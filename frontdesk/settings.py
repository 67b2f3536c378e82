"""Every setting, with a default that works on one machine. See docs/operation.md."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from frontdesk.paths import PROJECT_ROOT


class SettingsError(Exception):
    """A setting is wrong. The text says which one and what is accepted."""


class Settings(BaseSettings):
    """Environment variables (``FRONTDESK_`` and the name) win over the file ``frontdesk.toml``.

    ``FRONTDESK_CONFIG`` names another file. Times are in seconds.
    """

    model_config = SettingsConfigDict(env_prefix="FRONTDESK_", extra="forbid")

    host: str = Field("127.0.0.1", description="Address that Front Desk listens on.")
    port: int = Field(8000, ge=1, le=65535, description="Port that Front Desk listens on.")
    var: Path = Field(
        PROJECT_ROOT / "var", description="Folder for run-time files: database, journal, logs."
    )
    database_url: str = Field(
        "",
        validation_alias=AliasChoices("DATABASE_URL", "database_url"),
        description="PostgreSQL or SQLite address. Empty: SQLite in the var folder.",
    )
    redis_url: str = Field(
        "",
        validation_alias=AliasChoices("REDIS_URL", "redis_url"),
        description="Redis address, for several front processes. Empty: everything in process.",
    )
    storage_deadline: float = Field(
        2.0,
        gt=0,
        description="How long a message may wait for the database before it goes to the journal.",
    )
    rasa_url: str = Field("http://127.0.0.1:5005", description="Where Rasa listens.")
    rasa_deadline: float = Field(8.0, gt=0, description="How long Rasa may take for one message.")
    rasa_secret: str = Field(
        "", description="Shared with Rasa. Empty: made once and kept in the var folder."
    )
    actions_url: str = Field(
        "http://127.0.0.1:5055", description="Where the action server listens."
    )
    allowed_origins: list[str] = Field(
        ["*"], description="Websites that may embed the widget, as origins (https://example.org)."
    )
    proxies: int = Field(
        0, ge=0, description="Number of reverse proxies in front, for the visitor's address."
    )
    message_limit: str = Field(
        "30/minute", description="Messages a conversation may send. Never applied to a crisis."
    )
    address_limit: str = Field(
        "240/minute",
        description="Requests an address may send. Never applied to a crisis message, nor to "
        "this machine itself while proxies is 0.",
    )
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Log level.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the file."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config_file()))

    @property
    def database(self) -> str:
        """The database's address with the asynchronous driver that we use for it."""
        url = self.database_url or f"sqlite:///{self.var / 'frontdesk.db'}"
        for scheme, driver in _DRIVERS.items():
            if url.startswith(scheme):
                return driver + url.removeprefix(scheme)
        return url

    def secret_for_rasa(self) -> str:
        """The secret that Front Desk and Rasa share; made on first use, readable by us only."""
        if self.rasa_secret:
            return self.rasa_secret
        path = self.var / "rasa_secret"
        self.var.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return path.read_text(encoding="ascii").strip()
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
        return path.read_text(encoding="ascii")


def config_file() -> Path:
    """The settings file; it need not exist."""
    return Path(os.environ.get("FRONTDESK_CONFIG") or PROJECT_ROOT / "frontdesk.toml")


def load_settings(**overrides: Any) -> Settings:
    """All settings. Raises SettingsError with every wrong one in words."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [
            f"  {'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        ]
        raise SettingsError(
            "These settings are wrong (see docs/operation.md):\n" + "\n".join(lines)
        ) from error


_DRIVERS = {
    "sqlite+aiosqlite://": "sqlite+aiosqlite://",
    "sqlite://": "sqlite+aiosqlite://",
    "postgresql+asyncpg://": "postgresql+asyncpg://",
    "postgresql://": "postgresql+asyncpg://",
    "postgres://": "postgresql+asyncpg://",
}
