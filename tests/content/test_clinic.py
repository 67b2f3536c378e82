from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from frontdesk.content.clinic import Clinic, load_clinic
from frontdesk.content.files import ContentError

WriteClinic = Callable[..., Path]
CHICAGO = ZoneInfo("America/Chicago")


def test_facts_that_are_empty_are_known_but_not_set(clinic: Clinic) -> None:
    assert clinic.facts == {"price": "$450", "consult": "$150"}
    assert clinic.known_facts == {"price", "consult", "insurers"}


def test_placeholders_are_the_facts_that_are_set_and_the_three_that_always_are(
    clinic: Clinic,
) -> None:
    assert clinic.placeholders().keys() == {
        "clinic_name",
        "clinic_phone",
        "opening_hours",
        "price",
        "consult",
    }


def test_a_north_american_number_is_written_as_people_write_it(clinic: Clinic) -> None:
    assert clinic.phone_as_written == "214-555-0123"


def test_a_number_from_elsewhere_stays_in_international_form(write_clinic: WriteClinic) -> None:
    clinic = load_clinic(write_clinic(("+12145550123", "+442071234567")))
    assert clinic.phone_as_written == "+442071234567"


def test_the_hours_join_days_that_are_alike_and_leave_out_closed_days(clinic: Clinic) -> None:
    assert clinic.hours_as_text() == (
        "Monday to Tuesday 9:00 am to 5:00 pm; "
        "Wednesday 9:00 am to 12:00 pm and 1:00 pm to 5:00 pm; "
        "Thursday 9:00 am to 5:00 pm"
    )


def test_the_hours_are_in_spanish_for_a_spanish_answer(clinic: Clinic) -> None:
    assert clinic.placeholders("es")["opening_hours"] == (
        "lunes a martes 9:00 am a 5:00 pm; "
        "miércoles 9:00 am a 12:00 pm y 1:00 pm a 5:00 pm; "
        "jueves 9:00 am a 5:00 pm"
    )


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (datetime(2026, 11, 23, 9, 0, tzinfo=CHICAGO), True),
        (datetime(2026, 11, 23, 8, 59, tzinfo=CHICAGO), False),
        (datetime(2026, 11, 23, 17, 0, tzinfo=CHICAGO), False),
        (datetime(2026, 11, 25, 12, 30, tzinfo=CHICAGO), False),
        (datetime(2026, 11, 27, 10, 0, tzinfo=CHICAGO), False),
        (datetime(2026, 11, 23, 22, 30, tzinfo=ZoneInfo("UTC")), True),
        (datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("UTC")), False),
    ],
)
def test_open_means_open_in_the_time_zone_of_the_clinic(
    clinic: Clinic, at: datetime, is_open: bool
) -> None:
    assert clinic.is_open(at) is is_open


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("America/Chicago", "Texas/Dallas", 4, "not a time zone"),
        ('"+12145550123"', "2145550123", 3, "not of type 'string'"),
        ('"+12145550123"', '"214-555-0123"', 3, "international form"),
        ("demo: true", 'demo: "yes"', 2, "true while the clinic"),
        ('mon: ["09:00-17:00"]', 'mon: ["17:00-09:00"]', 6, "closes before it opens"),
        ('mon: ["09:00-17:00"]', 'mon: ["9-17"]', 6, "such as"),
        ('name: "Test Clinic"\n', "", 1, "'name' is a required property"),
        ("  sun: []\n", "", 5, "'sun' is a required property"),
        ('price: "$450"', "price: 450", 14, "not of type 'string'"),
        ('price: "$450"', 'Price: "$450"', 14, "'Price' does not match"),
        ('price: "$450"', 'clinic_phone: "911"', 14, "use another name"),
    ],
)
def test_a_wrong_line_is_named_with_its_remedy(
    write_clinic: WriteClinic, old: str, new: str, line: int, says: str
) -> None:
    with pytest.raises(ContentError) as caught:
        load_clinic(write_clinic((old, new)))
    assert caught.value.line == line
    assert says in str(caught.value)


def test_a_clinic_that_is_never_open_is_refused(write_clinic: WriteClinic) -> None:
    closed = write_clinic(
        ('["09:00-17:00"]', "[]"),
        ('["09:00-12:00", "13:00-17:00"]', "[]"),
    )
    with pytest.raises(ContentError, match="closed on every day"):
        load_clinic(closed)


def test_the_shipped_clinic_says_that_it_is_a_demo_and_has_a_number_that_cannot_ring() -> None:
    clinic = load_clinic()
    assert clinic.demo
    assert "-555-01" in clinic.phone_as_written
