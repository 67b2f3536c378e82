import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from frontdesk.storage.journal import Journal, Record, RejectedRecordError


class Database:
    """Takes records while it is up."""

    def __init__(self) -> None:
        self.up = True
        self.took: list[Record] = []

    async def apply(self, record: Record) -> None:
        if not self.up:
            raise OperationalError("insert", {}, Exception("gone"))
        if record.get("kind") == "stranger":
            raise RejectedRecordError("stranger")
        self.took.append(record)


def record(number: int, **more: Any) -> Record:
    return {"kind": "message", "number": number, **more}


async def test_records_come_back_in_order_and_once(tmp_path: Path) -> None:
    journal, database = Journal(tmp_path / "journal"), Database()
    for number in range(5):
        await journal.append(record(number))
    assert journal.waiting() == 5
    assert await journal.replay(database.apply) == 5
    assert [one["number"] for one in database.took] == [0, 1, 2, 3, 4]
    assert journal.waiting() == 0
    assert await journal.replay(database.apply) == 0
    assert len(database.took) == 5


async def test_what_the_database_does_not_take_stays(tmp_path: Path) -> None:
    journal, database = Journal(tmp_path / "journal"), Database()
    await journal.append(record(1))
    database.up = False
    assert await journal.replay(database.apply) == 0
    await journal.append(record(2))
    assert journal.waiting() == 2
    database.up = True
    await journal.replay(database.apply)
    await journal.replay(database.apply)
    assert [one["number"] for one in database.took] == [1, 2]


async def test_a_record_that_can_never_be_applied_is_kept_for_a_person(tmp_path: Path) -> None:
    journal, database = Journal(tmp_path / "journal"), Database()
    for one in (record(1), record(2, kind="stranger"), record(3)):
        await journal.append(one)
    assert await journal.replay(database.apply) == 2
    assert [one["number"] for one in database.took] == [1, 3]
    [kept] = journal.rejected.read_text(encoding="utf-8").splitlines()
    assert json.loads(kept)["number"] == 2


async def test_a_record_that_nobody_understands_keeps_back_no_other(tmp_path: Path) -> None:
    journal, took = Journal(tmp_path / "journal"), []

    async def apply(one: Record) -> None:
        took.append(one["number"])

    for one in ({"kind": "message"}, record(2)):
        await journal.append(one)
    assert await journal.replay(apply) == 1
    assert took == [2]
    assert journal.rejected.exists()
    assert journal.waiting() == 0


async def test_half_a_line_of_a_crash_costs_no_other_record(tmp_path: Path) -> None:
    journal, database = Journal(tmp_path / "journal"), Database()
    await journal.append(record(1))
    with journal.path.open("ab") as file:
        file.write(b'{"kind": "message", "numb')
    await journal.append(record(2))
    await journal.replay(database.apply)
    assert [one["number"] for one in database.took] == [1, 2]


async def test_a_crash_during_the_replay_loses_nothing(tmp_path: Path) -> None:
    journal, database = Journal(tmp_path / "journal"), Database()
    await journal.append(record(1))
    await journal.append(record(2))

    async def dies_after_one(one: Record) -> None:
        if database.took:
            raise KeyboardInterrupt
        await database.apply(one)

    with pytest.raises(KeyboardInterrupt):
        await journal.replay(dies_after_one)
    await journal.append(record(3))
    reopened = Journal(tmp_path / "journal")
    await reopened.replay(database.apply)
    await reopened.replay(database.apply)
    assert {one["number"] for one in database.took} == {1, 2, 3}


async def test_appending_does_not_wait_for_a_replay(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    await journal.append(record(1))
    started, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(one: Record) -> None:
        started.set()
        await go_on.wait()

    replay = asyncio.create_task(journal.replay(slowly))
    await started.wait()
    await asyncio.wait_for(journal.append(record(2)), timeout=10)
    go_on.set()
    assert await replay == 1
    assert journal.waiting() == 1


@given(texts=st.lists(st.text(), max_size=5))
def test_any_text_survives(texts: list[str], tmp_path_factory: Any) -> None:
    async def round_trip() -> None:
        journal, database = Journal(tmp_path_factory.mktemp("journal")), Database()
        for text in texts:
            await journal.append({"kind": "message", "text": text})
        await journal.replay(database.apply)
        assert [one["text"] for one in database.took] == texts

    asyncio.run(round_trip())
