"""The clinic's own facts, from ``data/clinic.yml``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from frontdesk.content import files
from frontdesk.paths import DATA

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_NAMES_ES = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
ALWAYS_SET = frozenset({"clinic_name", "clinic_phone", "opening_hours"})


@dataclass(frozen=True)
class Clinic:
    """What answers may say about this clinic.

    ``phone`` is in international form (+12145550123); ``opening_hours`` has a tuple of
    (opens, closes) a day, Monday first, in ``timezone``; ``facts`` holds only facts that are set.
    """

    name: str
    demo: bool
    phone: str
    timezone: ZoneInfo
    opening_hours: tuple[tuple[tuple[time, time], ...], ...]
    facts: dict[str, str]
    known_facts: frozenset[str]

    @property
    def phone_as_written(self) -> str:
        """The phone as people write it: North American numbers as 214-555-0123."""
        digits = self.phone[1:]
        if digits.startswith("1") and len(digits) == 11:
            return f"{digits[1:4]}-{digits[4:7]}-{digits[7:]}"
        return self.phone

    def is_open(self, at: datetime) -> bool:
        """Whether the clinic is open at ``at`` (an aware datetime)."""
        local = at.astimezone(self.timezone)
        now = local.time().replace(tzinfo=None)
        return any(opens <= now < closes for opens, closes in self.opening_hours[local.weekday()])

    def hours_as_text(self, language: str = "en") -> str:
        """The week in words: 'Monday to Thursday 9:00 am to 5:00 pm; Friday ...'.

        In Spanish for ``es``, in English for any other language.
        """
        names, to, and_ = (DAY_NAMES_ES, "a", "y") if language == "es" else (DAY_NAMES, "to", "and")
        runs: list[list[int]] = []
        for day in range(7):
            same = runs and self.opening_hours[runs[-1][0]] == self.opening_hours[day]
            if same and runs[-1][-1] == day - 1:
                runs[-1].append(day)
            else:
                runs.append([day])
        parts = []
        for run in runs:
            periods = self.opening_hours[run[0]]
            if not periods:
                continue
            days = names[run[0]] + (f" {to} {names[run[-1]]}" if len(run) > 1 else "")
            times = (f"{_clock(opens)} {to} {_clock(closes)}" for opens, closes in periods)
            parts.append(f"{days} " + f" {and_} ".join(times))
        return "; ".join(parts)

    def placeholders(self, language: str = "en") -> dict[str, str]:
        """What ``{...}`` in an answer in ``language`` may stand for at this clinic."""
        return {
            "clinic_name": self.name,
            "clinic_phone": self.phone_as_written,
            "opening_hours": self.hours_as_text(language),
            **self.facts,
        }


def load_clinic(path: Path = DATA / "clinic.yml") -> Clinic:
    """Read and check the clinic's facts. Raises files.ContentError."""
    content = files.load(path, "clinic")
    try:
        zone = ZoneInfo(content["timezone"])
    except (ZoneInfoNotFoundError, ValueError):
        raise files.error_at(
            path,
            ["timezone"],
            f"timezone: {content['timezone']!r} is not a time zone",
            "use a name such as America/Chicago",
        ) from None
    week = []
    for day in DAYS:
        periods = []
        for index, written in enumerate(content["opening_hours"][day]):
            opens, closes = (time.fromisoformat(part) for part in written.split("-"))
            if opens >= closes:
                raise files.error_at(
                    path,
                    ["opening_hours", day, index],
                    f"opening_hours.{day}: {written!r} closes before it opens",
                    "give opening and closing time of the same day",
                )
            periods.append((opens, closes))
        week.append(tuple(periods))
    if not any(week):
        raise files.error_at(
            path,
            ["opening_hours"],
            "opening_hours: closed on every day",
            "give the hours in which the phone is answered",
        )
    for name in content["facts"]:
        if name in ALWAYS_SET:
            raise files.error_at(
                path,
                ["facts", name],
                f"facts.{name}: this name is set from the lines at the top of the file",
                "use another name",
            )
    return Clinic(
        name=content["name"],
        demo=content["demo"],
        phone=content["phone"],
        timezone=zone,
        opening_hours=tuple(week),
        facts={name: text for name, text in content["facts"].items() if text.strip()},
        known_facts=frozenset(content["facts"]),
    )


def _clock(at: time) -> str:
    hour = at.hour % 12 or 12
    return f"{hour}:{at.minute:02d} {'am' if at.hour < 12 else 'pm'}"
