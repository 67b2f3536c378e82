from pathlib import Path

import pytest

from frontdesk.content import files
from frontdesk.content.files import ContentError

VALID = """\
cost:
  label: "What does it cost?"
  text: "It depends."
  checked_on: 2026-11-22
  review_by: 2027-05-22
  approved_by: ""
"""


def problem_with(tmp_path: Path, content: str | bytes) -> ContentError:
    path = tmp_path / "answers.yml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ContentError) as caught:
        files.load(path, "answers")
    assert caught.value.path == path
    assert caught.value.remedy in str(caught.value)
    return caught.value


def test_a_valid_file_comes_as_plain_values_with_dates_as_text(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    path.write_text(VALID, encoding="utf-8")
    entry = files.load(path, "answers")["cost"]
    assert entry["review_by"] == "2027-05-22"
    assert {type(value) for value in entry.values()} == {str}
    assert type(entry) is dict


def test_a_byte_order_mark_from_a_windows_editor_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "answers.yml"
    path.write_text(VALID, encoding="utf-8-sig")
    assert list(files.load(path, "answers")) == ["cost"]


def test_the_message_names_file_line_problem_and_remedy(tmp_path: Path) -> None:
    error = problem_with(tmp_path, VALID.replace("checked_on: 2026-11-22", "checked_on: today"))
    assert str(error).startswith(f"{tmp_path / 'answers.yml'}:4: cost.checked_on: ")
    assert "What to do: The day the text was last held against its sources" in str(error)


def test_broken_yaml_names_the_line(tmp_path: Path) -> None:
    error = problem_with(tmp_path, VALID.replace('"It depends."', '"It depends.'))
    assert error.line is not None
    assert "not valid YAML" in error.problem
    assert "quotes" in error.remedy


def test_a_tab_as_indentation_names_the_line(tmp_path: Path) -> None:
    error = problem_with(tmp_path, VALID.replace("  text", "\ttext"))
    assert error.line in (2, 3)
    assert "indentation" in error.remedy


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    error = problem_with(tmp_path, VALID + '  label: "Again"\n')
    assert error.line == 7
    assert "duplicate key" in error.problem


def test_a_missing_key_names_the_entry_and_what_it_needs(tmp_path: Path) -> None:
    error = problem_with(tmp_path, VALID.replace('  label: "What does it cost?"\n', ""))
    assert error.line == 1
    assert error.problem == "cost: 'label' is a required property"
    assert "A topic needs label" in error.remedy


def test_a_misspelled_key_is_named_with_its_own_line(tmp_path: Path) -> None:
    error = problem_with(tmp_path, VALID.replace("approved_by", "aproved_by"))
    assert error.line in (1, 6)
    both = problem_with(tmp_path, VALID + '  aproved_by: ""\n')
    assert (both.line, "aproved_by" in both.problem) == (7, True)


def test_a_wrong_type_names_the_line(tmp_path: Path) -> None:
    error = problem_with(tmp_path, VALID.replace('"It depends."', "42"))
    assert error.line == 3
    assert error.problem == "cost.text: 42 is not of type 'string'"
    assert error.remedy.startswith("The answer.")


def test_a_text_of_spaces_is_refused(tmp_path: Path) -> None:
    assert problem_with(tmp_path, VALID.replace("It depends.", "  ")).line == 3


def test_a_source_without_a_full_https_address_is_refused(tmp_path: Path) -> None:
    for url in ("#s9", "example.org/trial", "http://example.org/trial", "https://", "https://x"):
        source = f'  sources:\n    - title: "A trial"\n      url: "{url}"\n'
        error = problem_with(tmp_path, VALID + source)
        assert error.line == 9, url
        assert "https://" in error.remedy


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    error = problem_with(tmp_path, VALID + "  kind: joke\n")
    assert error.line == 7
    assert "clarify" in error.remedy


def test_a_list_in_place_of_a_mapping_is_refused(tmp_path: Path) -> None:
    error = problem_with(tmp_path, "- cost\n- safety\n")
    assert error.line == 1
    assert error.problem.startswith("the file: ")


def test_text_that_is_not_utf_8_names_the_line(tmp_path: Path) -> None:
    error = problem_with(tmp_path, VALID.encode().replace(b"depends", b"d\xe9pends"))
    assert error.line == 3
    assert "UTF-8" in error.remedy


def test_a_control_character_names_the_line(tmp_path: Path) -> None:
    error = problem_with(tmp_path, VALID.replace("depends", "dep\x07ends"))
    assert error.line == 3
    assert error.remedy == "delete it"


def test_a_value_that_yaml_cannot_build_is_refused(tmp_path: Path) -> None:
    error = problem_with(tmp_path, VALID.replace('"It depends."', "!!int many"))
    assert "not valid YAML" in error.problem


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert problem_with(tmp_path, "# only a comment\n").problem == "the file is empty"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"nowhere\.yml: the file is missing"):
        files.load(tmp_path / "nowhere.yml", "answers")


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="the file cannot be read"):
        files.load(tmp_path, "answers")
