"""Cases: one open case a conversation, a severity that only rises, a history that only grows.

Everything here happens inside the transaction that stores the visitor's message (S3).
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from frontdesk import metrics
from frontdesk.safety import Screening, Severity
from frontdesk.storage.tables import Alert, Case, CaseEvent

# Crockford's alphabet: no letter that looks like a digit when it is read out on the phone.
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 5


class CaseState(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class CaseEventKind(StrEnum):
    """What happened to a case."""

    OPENED = "opened"
    RAISED = "raised"
    MESSAGE = "message"


class AlertState(StrEnum):
    """Where an alert stands."""

    PENDING = "pending"


async def open_or_raise(
    session: AsyncSession,
    conversation_id: str,
    screening: Screening,
    message_seq: int,
    at: datetime,
) -> Case:
    """Record that the screen fired on message ``message_seq``.

    1. Open a case, or find the open one and raise its severity where the new one is higher.
    2. Add the event to its history.
    3. Where it was opened or raised above ``review``, add an alert.

    The caller holds the conversation's row, so that two messages cannot open two cases.
    """
    severity = screening.severity or Severity.REVIEW
    case = await session.scalar(
        select(Case).where(
            Case.conversation_id == conversation_id, Case.state != CaseState.RESOLVED
        )
    )
    if case is None:
        case = Case(
            code=await _free_code(session),
            conversation_id=conversation_id,
            severity=severity.value,
            categories=[kind.value for kind in screening.kinds],
            state=CaseState.OPEN,
            opened_at=at,
        )
        session.add(case)
        await session.flush()
        event = CaseEventKind.OPENED
    else:
        known = Severity(case.severity)
        event = CaseEventKind.RAISED if severity.rank > known.rank else CaseEventKind.MESSAGE
        if event is CaseEventKind.RAISED:
            case.severity = severity.value
        case.categories = _united(case.categories, [kind.value for kind in screening.kinds])
    session.add(
        CaseEvent(
            case_id=case.id, at=at, event=event, severity=severity.value, message_seq=message_seq
        )
    )
    if event is not CaseEventKind.MESSAGE:
        metrics.cases.labels(event.value, severity.value).inc()
        if severity is not Severity.REVIEW:
            await _owe_alert(session, case, at)
    return case


async def list_cases(session: AsyncSession, *, everything: bool) -> AsyncIterator[dict[str, Any]]:
    """The open (or all) cases, most severe first, then longest waiting; without message text."""
    alerts = select(Alert.case_id, func.count().label("alerts")).group_by(Alert.case_id).subquery()
    query = select(Case, func.coalesce(alerts.c.alerts, 0)).outerjoin(
        alerts, alerts.c.case_id == Case.id
    )
    if not everything:
        query = query.where(Case.state != CaseState.RESOLVED)
    rows = (await session.execute(query)).all()
    for case, count in sorted(
        rows, key=lambda row: (-Severity(row[0].severity).rank, row[0].opened_at)
    ):
        yield {
            "code": case.code,
            "conversation": case.conversation_id,
            "severity": case.severity,
            "categories": case.categories,
            "state": case.state,
            "opened_at": case.opened_at.isoformat(),
            "acknowledged_at": case.acknowledged_at and case.acknowledged_at.isoformat(),
            "owner": case.owner,
            "alerts": count,
        }


async def pending_alerts(session: AsyncSession) -> int:
    """How many alerts wait to be sent."""
    count = await session.scalar(
        select(func.count()).select_from(Alert).where(Alert.state == AlertState.PENDING)
    )
    return count or 0


async def _owe_alert(session: AsyncSession, case: Case, at: datetime) -> None:
    last = await session.scalar(select(func.max(Alert.number)).where(Alert.case_id == case.id))
    session.add(
        Alert(
            case_id=case.id,
            number=(last or 0) + 1,
            severity=case.severity,
            created_at=at,
            state=AlertState.PENDING,
        )
    )


async def _free_code(session: AsyncSession) -> str:
    while True:
        code = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
        if await session.scalar(select(Case.id).where(Case.code == code)) is None:
            return code


def _united(known: list[Any], new: list[Any]) -> list[Any]:
    return [*known, *(one for one in new if one not in known)]
