import asyncio
import uuid
from collections.abc import AsyncIterator, Callable

import pytest

from frontdesk.chat.coordination import Coordination, InProcess, ThroughRedis


@pytest.fixture(params=["one process", pytest.param("redis", marks=pytest.mark.redis)])
def processes(request: pytest.FixtureRequest) -> Callable[[], Coordination]:
    """Makes the coordination of one process after another."""
    if request.param == "one process":
        only = InProcess()
        return lambda: only
    url = request.getfixturevalue("redis_url")
    return lambda: ThroughRedis(url, turn_seconds=5)


@pytest.fixture
async def two(processes: Callable[[], Coordination]) -> AsyncIterator[tuple[Coordination, ...]]:
    both = (processes(), processes())
    yield both
    for one in both:
        await one.close()


async def test_one_conversation_has_one_turn_at_a_time(two: tuple[Coordination, ...]) -> None:
    conversation, inside, most = uuid.uuid4().hex, 0, 0

    async def take_a_turn(process: Coordination) -> None:
        nonlocal inside, most
        async with process.turn(conversation):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(take_a_turn(two[number % 2]) for number in range(6)))
    assert most == 1


async def test_conversations_do_not_wait_for_each_other(two: tuple[Coordination, ...]) -> None:
    first, second = two[0].turn(uuid.uuid4().hex), two[1].turn(uuid.uuid4().hex)
    async with asyncio.timeout(10), first, second:
        pass


async def test_an_announcement_reaches_every_process(two: tuple[Coordination, ...]) -> None:
    conversation = uuid.uuid4().hex
    async with two[0].listen(conversation) as here, two[1].listen(conversation) as there:
        for news in (here, there):
            # A subscription takes a moment to stand; news before that is found in the transcript.
            async with asyncio.timeout(10):
                while not news.is_set():
                    await two[1].announce(conversation)
                    await asyncio.sleep(0.05)


async def test_without_redis_a_process_goes_on_alone() -> None:
    alone = ThroughRedis("redis://127.0.0.1:9/0", turn_seconds=1)
    async with alone.listen("a") as news, alone.turn("a"):
        await alone.announce("a")
        assert news.is_set()
    await alone.close()
