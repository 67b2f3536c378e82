from pathlib import Path

import pytest

from frontdesk.settings import Settings, SettingsError, load_settings


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "frontdesk.toml"
    config.write_text('port = 8001\nhost = "127.0.0.2"\n', encoding="utf-8")
    monkeypatch.setenv("FRONTDESK_CONFIG", str(config))
    monkeypatch.setenv("FRONTDESK_PORT", "8002")
    settings = load_settings()
    assert (settings.port, settings.host) == (8002, "127.0.0.2")


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("", "sqlite+aiosqlite:///"),
        ("sqlite:////tmp/x.db", "sqlite+aiosqlite:////tmp/x.db"),
        ("postgres://a@b/c", "postgresql+asyncpg://a@b/c"),
        ("postgresql://a@b/c", "postgresql+asyncpg://a@b/c"),
    ],
)
def test_a_database_gets_the_driver_that_we_use(url: str, driver: str) -> None:
    assert load_settings(database_url=url).database.startswith(driver)


def test_every_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_PORT", "many")
    monkeypatch.setenv("FRONTDESK_LOG_LEVEL", "LOUD")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "port" in str(error.value)
    assert "log_level" in str(error.value)


def test_the_secret_is_made_once_and_is_ours_alone(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path / "var")
    secret = settings.secret_for_rasa()
    assert len(secret) > 30
    assert Settings(var=tmp_path / "var").secret_for_rasa() == secret
    assert (tmp_path / "var" / "rasa_secret").stat().st_mode & 0o077 == 0


def test_a_given_secret_is_used(tmp_path: Path) -> None:
    assert Settings(var=tmp_path, rasa_secret="given").secret_for_rasa() == "given"
