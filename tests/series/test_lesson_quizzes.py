"""The self-quizzes: the lessons show what their files say."""

import copy

import nbformat
import pytest

from spectra_tools.series import quizzes
from spectra_tools.series.notebooks import NOTEBOOKS, find_lessons


@pytest.mark.parametrize("path", find_lessons(), ids=lambda path: path.stem)
def test_lesson_shows_the_quiz_of_its_file(path):
    lesson = nbformat.read(path, as_version=4)
    again = copy.deepcopy(lesson)
    quizzes.write_quiz(again, quizzes.read_quiz(path))
    assert [c.source for c in again.cells] == [c.source for c in lesson.cells], (
        "run python -m spectra_tools.series.quizzes"
    )
    text = "\n".join(cell.source for cell in lesson.cells)
    assert text.count(quizzes.HEADING) == 1
    assert quizzes.read_quiz(path).count("<summary>Answer</summary>") >= 3


def test_quiz_is_numbered_and_its_answers_are_folded(tmp_path, monkeypatch):
    monkeypatch.setattr(quizzes, "FOLDER", tmp_path)
    (tmp_path / "x.toml").write_text(
        "[[question]]\nask = '''\nWhy?\n'''\nanswer = 'So.'\n"
        "[[question]]\nask = 'How?'\nanswer = 'Thus.'\n"
    )
    assert quizzes.read_quiz(NOTEBOOKS / "x.ipynb") == (
        "## Ask yourself\n\n**1.** Why?\n\n<details><summary>Answer</summary>\n\nSo.\n\n</details>"
        "\n\n**2.** How?\n\n<details><summary>Answer</summary>\n\nThus.\n\n</details>"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "has no quiz"),
        ("[[question]]\nask = 'Why?'\n", "'answer'.*needs ask"),
        ("ask = ", "is no quiz"),
        ("", "'question'"),
    ],
)
def test_bad_quiz_is_refused(tmp_path, monkeypatch, text, words):
    monkeypatch.setattr(quizzes, "FOLDER", tmp_path)
    if text is not None:
        (tmp_path / "x.toml").write_text(text)
    with pytest.raises(ValueError, match=words):
        quizzes.read_quiz(NOTEBOOKS / "x.ipynb")
