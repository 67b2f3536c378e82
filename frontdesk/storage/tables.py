"""The tables. Migrations are in ``migrations/``; a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, Index, MetaData, String, Text, UniqueConstraint
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, also on SQLite, which forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would be read back as something else."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables share these naming rules, so that migrations can name constraints."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime,
        dict[str, Any]: JSON(none_as_null=True),
        list[Any]: JSON(none_as_null=True),
    }


class Conversation(Base):
    """One visitor's chat. ``last_seq`` counts its messages and serialises who writes them."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    mode: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime]
    last_seq: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]


class Message(Base):
    """One line of a transcript.

    A visitor's message has ``client_id``, ``screening`` and, once it is dealt with,
    ``answered_at``; what was said in answer points to it by ``in_reply_to``.
    """

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "client_id"),)

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    sender: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str | None] = mapped_column(String(16))
    topic: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    buttons: Mapped[list[Any] | None]
    sources: Mapped[list[Any] | None]
    client_id: Mapped[str | None] = mapped_column(String(64))
    in_reply_to: Mapped[int | None]
    route: Mapped[str | None] = mapped_column(String(8))
    screening: Mapped[dict[str, Any] | None]
    answered_at: Mapped[datetime | None]


class Case(Base):
    """What staff look after. At most one case a conversation is not resolved."""

    __tablename__ = "cases"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    severity: Mapped[str] = mapped_column(String(8))
    categories: Mapped[list[Any]]
    state: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(64))


Index(
    "uq_cases_open_conversation",
    Case.conversation_id,
    unique=True,
    sqlite_where=Case.state != "resolved",
    postgresql_where=Case.state != "resolved",
)


class CaseEvent(Base):
    """The history of a case. Rows are added and never changed."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime]
    event: Mapped[str] = mapped_column(String(16))
    severity: Mapped[str] = mapped_column(String(8))
    message_seq: Mapped[int]


class Alert(Base):
    """An alert that staff are owed, written with the case (S3). ``number`` counts in the case."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int]
    severity: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), index=True)


class Feedback(Base):
    """Thumbs up or down on one message; the last word counts."""

    __tablename__ = "feedback"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    seq: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    helpful: Mapped[bool]
    comment: Mapped[str | None] = mapped_column(Text)


class Contact(Base):
    """Call-back details that a visitor chose to leave; the last ones count."""

    __tablename__ = "contacts"

    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime]
    name: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(20))
    best_time: Mapped[str | None] = mapped_column(String(200))


class StorageCheck(Base):
    """One row that is written again and again, to know that the database can be written."""

    __tablename__ = "storage_checks"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
