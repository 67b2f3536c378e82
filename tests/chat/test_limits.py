import pytest

from frontdesk.chat.errors import ApiError
from frontdesk.chat.limits import RateLimits


@pytest.mark.parametrize("store", ["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def test_a_limit_counts_each_key_by_itself(
    store: str, request: pytest.FixtureRequest
) -> None:
    import uuid

    url = request.getfixturevalue("redis_url") if store == "redis" else ""
    limits = RateLimits("2/minute", "100/minute", url)
    one, other = uuid.uuid4().hex, uuid.uuid4().hex
    await limits.check("conversation", one)
    await limits.check("conversation", one)
    with pytest.raises(ApiError) as refused:
        await limits.check("conversation", one)
    assert refused.value.status == 429
    assert 0 < (refused.value.retry_after or 0) <= 60
    await limits.check("conversation", other)


async def test_without_its_store_a_limit_lets_visitors_through() -> None:
    limits = RateLimits("1/minute", "1/minute", "redis://127.0.0.1:9/0")
    for _ in range(3):
        await limits.check("conversation", "a")
