from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from frontdesk.chat import transcript
from frontdesk.chat.messages import IllegalTransitionError, Mode, moved
from frontdesk.escalation.cases import CaseState, list_cases, open_or_raise, pending_alerts
from frontdesk.safety import Kind, Route, Screening, Severity
from frontdesk.settings import load_settings
from frontdesk.storage.database import Database
from frontdesk.storage.migrate import migrate
from frontdesk.storage.tables import Alert, Case, CaseEvent

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def screening(severity: Severity, kind: Kind = Kind.SUICIDE) -> Screening:
    route = Route.NOTE if severity is Severity.REVIEW else Route.CRISIS
    return Screening(route, severity, (kind,), "en", (), "test")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(load_settings(var=tmp_path).database)
    await migrate(opened)
    yield opened
    await opened.close()


async def conversation(database: Database) -> str:
    opened = transcript.new_conversation("en")
    async with database.writing() as session:
        await transcript.add_conversation(session, opened, "", [], NOW)
    return opened.id


async def judge(database: Database, where: str, *judgements: Screening) -> None:
    for seq, judgement in enumerate(judgements, start=1):
        async with database.writing() as session:
            await open_or_raise(session, where, judgement, seq, NOW)


async def test_the_history_says_what_opened_and_what_raised_a_case(database: Database) -> None:
    where = await conversation(database)
    await judge(
        database,
        where,
        screening(Severity.REVIEW),
        screening(Severity.HIGH),
        screening(Severity.REVIEW, Kind.ABUSE),
        screening(Severity.IMMINENT),
        screening(Severity.IMMINENT),
    )
    async with database.reading() as session:
        events = (await session.execute(select(CaseEvent.event, CaseEvent.message_seq))).all()
        alerts = (await session.execute(select(Alert.number, Alert.severity))).all()
        [case] = (await session.scalars(select(Case))).all()
        pending = await pending_alerts(session)
    assert [tuple(event) for event in events] == [
        ("opened", 1), ("raised", 2), ("message", 3), ("raised", 4), ("message", 5),
    ]  # fmt: skip
    assert [tuple(alert) for alert in alerts] == [(1, "high"), (2, "imminent")]
    assert case.severity == "imminent"
    assert case.categories == ["suicide", "abuse"]
    assert pending == 2


async def test_two_open_cases_in_a_conversation_are_impossible(database: Database) -> None:
    where = await conversation(database)
    await judge(database, where, screening(Severity.HIGH))
    with pytest.raises(IntegrityError):
        async with database.writing() as session:
            session.add(
                Case(
                    code="AAAAA", conversation_id=where, severity="high", categories=[],
                    state=CaseState.OPEN, opened_at=NOW,
                )
            )  # fmt: skip


async def test_after_a_resolved_case_a_new_one_opens(database: Database) -> None:
    where = await conversation(database)
    await judge(database, where, screening(Severity.HIGH))
    async with database.writing() as session:
        case = (await session.scalars(select(Case))).one()
        case.state = CaseState.RESOLVED
    await judge(database, where, screening(Severity.REVIEW))
    async with database.reading() as session:
        still_open = [case async for case in list_cases(session, everything=False)]
        everything = [case async for case in list_cases(session, everything=True)]
    assert [case["severity"] for case in still_open] == ["review"]
    assert len(everything) == 2


async def test_the_most_severe_case_comes_first_and_then_the_one_that_waits_longest(
    database: Database,
) -> None:
    expected = []
    for severity in (Severity.REVIEW, Severity.IMMINENT, Severity.HIGH, Severity.IMMINENT):
        where = await conversation(database)
        await judge(database, where, screening(severity))
        expected.append((severity, where))
    async with database.reading() as session:
        listed = [case async for case in list_cases(session, everything=False)]
    severities = [case["severity"] for case in listed]
    assert severities == ["imminent", "imminent", "high", "review"]
    assert {len(case["code"]) for case in listed} == {5}


@pytest.mark.parametrize(
    ("start", "to"),
    [
        (Mode.CRISIS, Mode.BOT),
        (Mode.CLOSED, Mode.BOT),
        (Mode.CLOSED, Mode.CRISIS),
        (Mode.STAFF, Mode.BOT),
    ],
)
def test_no_path_leads_out_of_crisis_but_through_staff(start: Mode, to: Mode) -> None:
    with pytest.raises(IllegalTransitionError):
        moved(start, to)
