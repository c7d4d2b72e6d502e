"""The five problem sets: their format, their reference solutions, and what their checks let pass.

The checks run in the process of the test here, with all answers of `assignment_answers`;
`test_graded_assignments.py` hands some of them in.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from assignment_answers import OTHER_RIGHT, WRONG

from spectra_helpers.lessons.homework import find_student, personal_sample
from spectra_helpers.lessons.homework.personal import make_seed

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "assignments" / "source"
SETS = ("ps1", "ps2", "ps3", "ps4", "ps5")


def read_source(name):
    return nbformat.read(SOURCE / name / f"{name}.ipynb", as_version=4)


def make_release(name):
    from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

    notebook = read_source(name)
    for preprocessor in (ClearSolutions(), ClearHiddenTests()):
        notebook, _ = preprocessor.preprocess(notebook, {"nbgrader": {"notebook": name}})
    return notebook


def graded(notebook):
    """Return (cell, nbgrader's facts about it) for each cell that nbgrader knows."""
    return [(c, c.metadata.nbgrader) for c in notebook.cells if "nbgrader" in c.metadata]


def is_check(facts):
    return facts.grade and not facts.solution


@pytest.mark.parametrize("name", [*SETS, "concepts"])
def test_source_is_nbgrader_format(name):
    from nbgrader.nbgraderformat import MetadataValidator

    notebook = read_source(name)
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    ids = [facts.grade_id for _, facts in graded(notebook)]
    assert len(ids) == len(set(ids))
    assert all(grade_id.startswith(f"{name}_") for grade_id in ids)
    assert not any(cell.get("outputs") for cell in notebook.cells)


@pytest.mark.parametrize("name", SETS)
def test_points_are_those_the_text_promises(name):
    notebook = read_source(name)
    header = notebook.cells[0].source
    row = re.search(r"\*\*Points\*\* \| 100 in all: (.*) \|", header)[1]
    parts = [int(n) for n in re.findall(r"\d+", row)]
    assert sum(parts) == 100
    headings, part, total = [], 0, {}
    promised = 0
    for cell in notebook.cells:
        for level, points in re.findall(r"^(##+) .*\((\d+) points\)", cell.source, re.MULTILINE):
            if cell.cell_type == "markdown" and level == "##":
                part = len(headings)
                headings.append(int(points))
            elif cell.cell_type == "markdown":
                promised = int(points)
        facts = cell.metadata.get("nbgrader", {})
        if facts.get("grade"):
            assert facts.points == (20 if facts.solution else promised)
            total[part] = total.get(part, 0) + facts.points
    assert headings == parts
    assert [total[i] for i in range(len(parts))] == parts


@pytest.mark.parametrize("name", SETS)
def test_each_set_has_one_text_with_a_rubric(name):
    notebook = read_source(name)
    texts = [cell for cell, facts in graded(notebook) if facts.grade and facts.solution]
    assert [cell.cell_type for cell in texts] == ["markdown"]
    question = notebook.cells[notebook.cells.index(texts[0]) - 1].source
    assert "| | exemplary | adequate | needs work |" in question
    rows = [int(n) for n in re.findall(r"^\| \*\*.*?\((\d+) points\)", question, re.MULTILINE)]
    assert sum(rows) == 20
    for row in re.findall(r"^\| \*\*.*", question, re.MULTILINE):
        best, worst = re.findall(r"\d+", row)[:2][-1], 0
        assert int(best) > worst


@pytest.mark.parametrize("name", SETS)
def test_release_holds_no_answer_and_short_cells(name):
    release = make_release(name)
    for cell in release.cells:
        assert "HIDDEN" not in cell.source
        assert "hidden_tests" not in cell.source
        assert "SOLUTION" not in cell.source
        assert len(cell.source.splitlines()) <= 17  # the house says about 15
    for cell, facts in graded(read_source(name)):
        if facts.solution:
            answer = cell.source.split("### BEGIN SOLUTION")[1].split("### END SOLUTION")[0]
            assert answer.strip() not in "\n".join(c.source for c in release.cells)
        if is_check(facts):
            assert "### BEGIN HIDDEN TESTS" in cell.source


def run(cell, namespace):
    exec(compile(cell if isinstance(cell, str) else cell.source, "a cell", "exec"), namespace)


@pytest.mark.parametrize("name", SETS)
def test_checks_know_right_from_wrong(name, monkeypatch):
    monkeypatch.setenv("SPECTRA_STUDENT", "li")
    namespace = {}
    for cell in read_source(name).cells:
        if cell.cell_type != "code":
            continue
        run(cell, namespace)
        facts = cell.metadata.get("nbgrader", {})
        if not facts or not is_check(facts):
            continue
        for answer in OTHER_RIGHT.get(facts.grade_id, ()):
            saved = dict(namespace)
            run(answer, namespace)
            run(cell, namespace)
            namespace.clear()
            namespace.update(saved)
        for answer, message in WRONG[facts.grade_id]:
            saved = dict(namespace)
            with pytest.raises(Exception, match=message):
                run(f"{answer}\n{cell.source}", namespace)
            namespace.clear()
            namespace.update(saved)


def test_every_check_has_a_wrong_answer():
    checks = {f.grade_id for name in SETS for _, f in graded(read_source(name)) if is_check(f)}
    assert set(WRONG) == checks
    assert set(OTHER_RIGHT) <= checks


def test_lessons_named_by_checks_are_there():
    headings = {}
    for path in (ROOT / "notebooks").glob("0*.ipynb"):
        cells = nbformat.read(path, as_version=4).cells
        text = "\n".join(c.source for c in cells if c.cell_type == "markdown")
        headings[path.name[:2]] = {h.split(":")[0] for h in re.findall(r"^##+ (.*)$", text, re.M)}
    named = []
    for name in SETS:
        for cell, _ in graded(read_source(name)):
            for lessons in re.findall(r'lesson="([^"]*)"', cell.source):
                for one in re.split(r", and (?=\d\d,)", lessons):
                    number, *titles = re.split(r", (?:and )?| and (?=[A-Z])", one)
                    named += [(number, title) for title in titles]
    assert len(named) > 30
    for number, title in named:
        known = {h.casefold() for h in headings[number]}
        assert any(h.startswith(title.casefold()) for h in known), (number, title)


def test_students_have_their_own_data():
    anna, li = personal_sample("anna", 4), personal_sample("li", 4)
    assert not np.array_equal(anna.flux, li.flux)
    assert not np.array_equal(anna.flux, personal_sample("anna", 4, seed_offset=1).flux)
    assert np.array_equal(anna.flux, personal_sample(" Anna ", 6).flux[:4])
    assert len({make_seed(f"student {i}") for i in range(1000)}) == 1000


def test_same_student_same_data_in_another_process():
    code = (
        "import hashlib; from spectra_helpers.lessons.homework.personal import personal_sample;"
        "print(hashlib.sha256(personal_sample('李雷', 3).flux.tobytes()).hexdigest())"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    prints = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=environment | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(prints) == 1


def test_student_comes_from_grader_then_notebook(monkeypatch):
    monkeypatch.setenv("SPECTRA_STUDENT", "from the folder")
    assert find_student({"STUDENT_ID": "mine"}) == "from the folder"
    monkeypatch.delenv("SPECTRA_STUDENT")
    assert find_student({"STUDENT_ID": " mine "}) == "mine"
    with pytest.raises(ValueError, match="STUDENT_ID"):
        find_student({"STUDENT_ID": ""})
    with pytest.raises(ValueError, match="STUDENT_ID"):
        find_student({})
