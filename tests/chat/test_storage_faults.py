import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import httpx
import pytest

from tests.support.fake_rasa import FakeRasa
from tests.support.process import FrontDesk, Visitor, eventually

CRISIS = "i want to kill myself"


@contextmanager
def nobody_can_write(front: FrontDesk) -> Iterator[None]:
    """Another process holds SQLite's write lock: reads work, writes do not."""
    blocker = sqlite3.connect(front.var / "frontdesk.db", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        blocker.execute("ROLLBACK")
        blocker.close()


def health(front: FrontDesk) -> dict:
    answer: dict = httpx.get(f"{front.url}/healthz").json()
    return answer


def stored_texts(front: FrontDesk) -> list[str]:
    database = sqlite3.connect(front.var / "frontdesk.db")
    return [text for (text,) in database.execute("SELECT text FROM messages ORDER BY seq")]


@pytest.fixture
def impatient(tmp_path, fake_rasa: FakeRasa) -> Iterator[FrontDesk]:
    front = FrontDesk(tmp_path / "var", fake_rasa.url, FRONTDESK_STORAGE_DEADLINE="0.3").start()
    yield front
    front.stop()


def test_a_crisis_is_answered_and_kept_while_the_database_cannot_be_written(
    impatient: FrontDesk,
) -> None:
    visitor = Visitor(impatient.url)
    with nobody_can_write(impatient):
        outcome = visitor.say(CRISIS)
        assert outcome["mode"] == "crisis"
        assert "988" in outcome["messages"][0]["text"]
        note, apology = visitor.say("i had suicidal thoughts years ago")["messages"]
        assert "988" in note["text"]
        assert apology["topic"] == "trouble"
        eventually(lambda: health(impatient)["storage"] == "failing")
        report = health(impatient)
        assert report["status"] == "degraded"
        assert report["journal"] == 2
        assert "message_goes_to_the_journal" in impatient.log()
        metrics = httpx.get(f"{impatient.url}/metrics").text
        assert "frontdesk_storage_up 0.0" in metrics
        assert "frontdesk_journal_records 2.0" in metrics
        assert httpx.get(f"{impatient.url}/readyz").status_code == 503
    eventually(lambda: health(impatient)["status"] == "ok")
    assert stored_texts(impatient).count(CRISIS) == 1
    assert visitor.transcript()["mode"] == "crisis"
    cases = [json.loads(line) for line in impatient.command("cases").stdout.splitlines()]
    assert [(case["conversation"], case["alerts"]) for case in cases] == [(visitor.id, 1)]


def test_a_mention_that_goes_to_the_journal_does_not_end_a_crisis(impatient: FrontDesk) -> None:
    visitor = Visitor(impatient.url)
    assert visitor.say(CRISIS)["mode"] == "crisis"
    with nobody_can_write(impatient):
        assert visitor.say("i had suicidal thoughts years ago")["mode"] == "crisis"


def test_an_ordinary_message_is_refused_so_that_the_client_keeps_it(impatient: FrontDesk) -> None:
    visitor = Visitor(impatient.url)
    with nobody_can_write(impatient):
        refused = visitor.post("how much does it cost?", "kept")
        assert refused.status_code == 503
        assert refused.json()["error"]["code"] == "storage_unavailable"
        assert "988" in refused.json()["error"]["message"]
    eventually(lambda: visitor.post("how much does it cost?", "kept").status_code == 200)
    assert stored_texts(impatient).count("how much does it cost?") == 1


def test_somebody_who_arrives_in_that_moment_is_taken_in(impatient: FrontDesk) -> None:
    with nobody_can_write(impatient):
        visitor = Visitor(impatient.url)
        assert "988" in visitor.opened["messages"][0]["text"]
        assert visitor.say(CRISIS)["mode"] == "crisis"
        assert visitor.post("cost").status_code == 503
    eventually(lambda: health(impatient)["status"] == "ok")
    assert visitor.transcript()["mode"] == "crisis"
    assert visitor.id in impatient.command("cases").stdout


def test_the_journal_survives_a_kill_and_comes_home_at_the_next_start(
    impatient: FrontDesk,
) -> None:
    visitor = Visitor(impatient.url)
    with nobody_can_write(impatient):
        visitor.say(CRISIS)
        impatient.kill()
    impatient.start()
    eventually(lambda: health(impatient)["journal"] == 0)
    assert visitor.transcript()["mode"] == "crisis"
    assert visitor.id in impatient.command("cases").stdout


def test_with_database_and_journal_gone_the_words_still_go_out(impatient: FrontDesk) -> None:
    visitor = Visitor(impatient.url)
    journal = impatient.var / "journal"
    with nobody_can_write(impatient):
        for path in journal.iterdir():
            path.unlink()
        journal.rmdir()
        journal.write_text("a file where the folder was")
        outcome = visitor.say(CRISIS)
        assert "988" in outcome["messages"][0]["text"]
        assert "journal_not_writable" in impatient.log()


def test_a_front_desk_that_starts_without_a_database_answers_a_crisis_first(
    tmp_path, fake_rasa: FakeRasa
) -> None:
    front = FrontDesk(
        tmp_path / "var", fake_rasa.url, DATABASE_URL="postgresql://nobody@127.0.0.1:9/none"
    ).start()
    try:
        visitor = Visitor(front.url)
        assert visitor.say(CRISIS)["mode"] == "crisis"
        assert health(front)["journal"] == 2
        unknown = httpx.post(
            f"{front.url}/v1/conversations/unknown/messages",
            json={"client_id": "a", "text": CRISIS},
            headers={"Authorization": "Bearer whatever"},
        )
        assert unknown.json()["mode"] == "crisis", "we cannot know who it is; it must not matter"
    finally:
        front.stop()


@pytest.fixture
def on_postgres(
    tmp_path, fake_rasa: FakeRasa, postgres_url: str, redis_url: str
) -> Iterator[FrontDesk]:
    front = FrontDesk(
        tmp_path / "var", fake_rasa.url, DATABASE_URL=postgres_url, REDIS_URL=redis_url
    ).start()
    yield front
    front.stop()


def in_postgres(url: str, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


@pytest.mark.postgres
@pytest.mark.redis
def test_the_same_holds_on_a_read_only_postgresql(
    on_postgres: FrontDesk, postgres_url: str
) -> None:
    visitor = Visitor(on_postgres.url)
    assert visitor.say("how much does it cost?")["messages"][0]["topic"] == "cost"
    name = postgres_url.rsplit("/", 1)[1]
    administrator = postgres_url.rsplit("/", 1)[0] + "/postgres"
    others = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    in_postgres(
        administrator, f'ALTER DATABASE "{name}" SET default_transaction_read_only = on', others
    )
    outcome = visitor.say(CRISIS)
    assert "988" in outcome["messages"][0]["text"]
    newcomer = Visitor(on_postgres.url)
    assert newcomer.say(CRISIS)["mode"] == "crisis"
    eventually(lambda: health(on_postgres)["storage"] == "failing")
    in_postgres(
        administrator, f'ALTER DATABASE "{name}" RESET default_transaction_read_only', others
    )
    eventually(lambda: health(on_postgres)["status"] == "ok", 30)
    assert visitor.transcript()["mode"] == "crisis"
    cases = on_postgres.command("cases").stdout
    assert visitor.id in cases
    assert newcomer.id in cases


@pytest.mark.postgres
@pytest.mark.redis
def test_the_contract_is_the_same_on_postgresql(on_postgres: FrontDesk) -> None:
    visitor = Visitor(on_postgres.url)
    first = visitor.say("side effects?", "one")
    assert visitor.say("side effects?", "one") == first
    assert visitor.say(CRISIS)["mode"] == "crisis"
    assert visitor.say("/restart")["mode"] == "crisis"
    answer = first["messages"][0]["seq"]
    feedback = {"helpful": True, "comment": "thank you"}
    path = f"{visitor.path}/messages/{answer}/feedback"
    assert visitor.http.post(path, json=feedback).is_success
    assert visitor.http.post(f"{visitor.path}/contact", json={"phone": "2145550100"}).is_success
    assert visitor.http.delete(visitor.path).json()["forgotten"] is False
    gone = Visitor(on_postgres.url)
    gone.say("cost")
    assert gone.http.delete(gone.path).json()["forgotten"] is True
