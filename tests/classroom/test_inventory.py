"""The concept inventory: its questions, its files, and the gain of a class."""

import csv

import nbformat
import numpy as np
import pytest
from test_assignments import SOURCE, run

from spectra_helpers.lessons.homework import finish
from spectra_helpers.lessons.homework.inventory import (
    FEEDBACK,
    LETTERS,
    N_ITEMS,
    RIGHT,
    hash_answer,
    score_answers,
)
from spectra_tools.classroom.inventory import measure_gain, read_class

ITEMS = range(1, N_ITEMS + 1)
KEY = {i: next(x for x in LETTERS if hash_answer(i, x) in RIGHT) for i in ITEMS}


def read_questions():
    cells = nbformat.read(SOURCE / "concepts" / "concepts.ipynb", as_version=4).cells
    return [cell.source for cell in cells if cell.source.startswith("### ")]


def test_each_question_has_four_answers_one_right():
    questions = read_questions()
    assert len(questions) == N_ITEMS
    for item, text in zip(ITEMS, questions, strict=True):
        assert text.startswith(f"### {item} · ")
        assert [line[4] for line in text.splitlines() if line.startswith("- **")] == list(LETTERS)
        assert sum(hash_answer(item, letter) in RIGHT for letter in LETTERS) == 1
        for letter in LETTERS:
            said = FEEDBACK[hash_answer(item, letter)]
            assert said.startswith("Right:") == (letter == KEY[item])
            assert said.endswith(".")
    assert len(FEEDBACK) == 4 * N_ITEMS
    assert len(set(KEY.values())) == 4  # no letter is right more often than it must


def test_wrong_answers_name_the_lesson():
    wrong = [text for text in FEEDBACK.values() if not text.startswith("Right:")]
    assert len(wrong) == 3 * N_ITEMS
    assert all("(lesson 0" in text for text in wrong)


def test_notebook_runs_and_keeps_the_answers(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SPECTRA_STUDENT", "../Li Lei")
    notebook = nbformat.read(SOURCE / "concepts" / "concepts.ipynb", as_version=4)
    namespace = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            run(cell, namespace)
    assert "0 of 10" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["concepts_pre_.._Li_Lei-318230.csv"]
    with open(next(tmp_path.iterdir()), encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["item"] for row in rows] == [str(i) for i in ITEMS]
    assert {row["student"] for row in rows} == {"../Li Lei"}


def test_feedback_comes_after_the_course_only(tmp_path, capsys):
    wrong = {i: next(x for x in LETTERS if x != KEY[i]) for i in ITEMS}
    for answers, number in ((KEY, 10), (wrong, 0), ({**wrong, 1: KEY[1], 2: ""}, 1)):
        finish("li", "pre", answers, tmp_path)
        said = capsys.readouterr().out
        assert "Right" not in said
        finish("li", "post", {i: x.upper() for i, x in answers.items()}, tmp_path)
        said = capsys.readouterr().out
        assert f"Right: {number} of 10" in said
        assert said.count("Right: ") == number + 1


@pytest.mark.parametrize(
    ("when", "answers", "message"),
    [
        ("now", KEY, "WHEN"),
        ("pre", {**KEY, 4: "e"}, "question 4"),
        ("pre", {1: "ab"}, "question 1"),
    ],
)
def test_bad_answers_write_nothing(tmp_path, when, answers, message):
    with pytest.raises(ValueError, match=message):
        finish("li", when, answers, tmp_path)
    assert not list(tmp_path.iterdir())


def test_class_is_read_from_its_files(tmp_path):
    (tmp_path / "li").mkdir()
    finish("li", "pre", dict.fromkeys(ITEMS, ""), tmp_path / "li")
    finish("li", "post", KEY, tmp_path)
    found = read_class(tmp_path)
    assert found["pre"]["li"].sum() == 0
    assert found["post"]["li"].sum() == 10
    assert score_answers(KEY) == dict.fromkeys(ITEMS, True)
    (tmp_path / "concepts_pre_bad.csv").write_text("student,when\nli,later\n", encoding="utf-8")
    with pytest.raises(ValueError, match="concepts_pre_bad"):
        read_class(tmp_path)


def test_every_student_of_a_class_has_a_file_of_their_own(tmp_path):
    students = ["李明", "王芳", "José", "Josè", "a/b", "a b", "a_b"]
    for student in students:
        finish(student, "pre", KEY, tmp_path)
    assert sorted(read_class(tmp_path)["pre"]) == sorted(students)


def test_a_long_id_gets_a_file_too(tmp_path):
    students = ["李" * 100, "李" * 100 + "明", "\N{CJK UNIFIED IDEOGRAPH-20BB7}" * 90, "x" * 300]
    for student in students:
        finish(student, "pre", KEY, tmp_path)
    assert sorted(read_class(tmp_path)["pre"]) == sorted(students)


def test_files_that_were_cut_or_are_there_twice_are_refused(tmp_path):
    finish("li", "pre", KEY, tmp_path)
    path = tmp_path / "concepts_pre_li.csv"
    whole = path.read_text(encoding="utf-8")
    (tmp_path / "concepts_pre_li-2.csv").write_text(whole, encoding="utf-8")
    with pytest.raises(ValueError, match="another one for the same round"):
        read_class(tmp_path)
    (tmp_path / "concepts_pre_li-2.csv").unlink()
    path.write_text("".join(whole.splitlines(keepends=True)[:4]), encoding="utf-8")
    with pytest.raises(ValueError, match="3 lines and not one for each question"):
        read_class(tmp_path)


def test_a_file_that_a_spreadsheet_has_saved_is_read(tmp_path):
    for student in ("NA", "007", "José"):  # what pandas could take for a gap or a number
        finish(student, "pre", KEY, tmp_path)
    for path in tmp_path.iterdir():
        text = path.read_text(encoding="utf-8").replace(",", ";")
        path.write_text(text, encoding="utf-8-sig")
    found = read_class(tmp_path)["pre"]
    assert sorted(found) == ["007", "José", "NA"]
    assert all(right.all() for right in found.values())


@pytest.mark.parametrize(("old", "new", "why"), [
    ("li,pre,4,", "joe,pre,4,", "not of one student and one round"),
    ("pre", "later", "not of one student and one round"),
    ("li,pre,4,", "li,pre,5,", "10 lines and not one for each question"),
    ("li,pre,4,", "li,pre,4,x", "answer .* to question 4"),
    ("li,pre,4,", "li,pre,4,,", "more fields than there are columns"),
    ("item", "question", "its columns are not student, when, item, answer"),
])  # fmt: skip
def test_files_that_were_changed_are_named(tmp_path, old, new, why):
    finish("li", "pre", KEY, tmp_path)
    path = tmp_path / "concepts_pre_li.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=rf"concepts_pre_li\.csv is not a file .*{why}"):
        read_class(tmp_path)


def test_no_files_is_said(tmp_path):
    with pytest.raises(ValueError, match="no file"):
        read_class(tmp_path)


def sheet(right):
    return np.arange(N_ITEMS) < right


def test_gain_by_hand():
    pre = {"a": sheet(4), "b": sheet(6), "only before": sheet(10)}
    post = {"a": sheet(7), "b": sheet(9), "only after": sheet(0)}
    gain = measure_gain(pre, post)
    assert gain["students"] == 2
    assert gain["pre"] == pytest.approx(0.5)
    assert gain["post"] == pytest.approx(0.8)
    assert gain["gain"] == pytest.approx(0.6)
    # two students: a class of a alone gains 3/6, of b alone 3/4
    assert gain["interval"] == pytest.approx((0.5, 0.75))
    assert gain["items"] == pytest.approx([0, 0, 0, 0, 0.5, 0.5, 1, 0.5, 0.5, 0])


def test_interval_covers_the_true_gain():
    rng = np.random.default_rng(5)
    covered = 0
    for trial in range(100):
        known = rng.random((40, N_ITEMS)) < 0.4
        learned = known | (rng.random((40, N_ITEMS)) < 0.5)  # a gain of 0.5 by construction
        pre, post = (dict(enumerate(x)) for x in (known, learned))
        low, high = measure_gain(pre, post, n=400, seed=trial)["interval"]
        covered += low <= 0.5 <= high
    assert 85 <= covered <= 100


def test_gain_needs_pairs():
    with pytest.raises(ValueError, match="at least two"):
        measure_gain({"a": sheet(3)}, {"b": sheet(3)})
    everything = {"a": sheet(10), "b": sheet(10)}
    with pytest.raises(ValueError, match="nothing to gain"):
        measure_gain(everything, everything)
