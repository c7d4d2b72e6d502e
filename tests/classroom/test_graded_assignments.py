"""The problem sets as nbgrader grades them: right answers, none, usual mistakes.

`test_assignments.py` tries all answers without nbgrader; here some of them are handed in.
"""

import re
import shutil

import nbformat
import pytest
from assignment_answers import WRONG
from nbformat.v4 import new_code_cell

from benchmarks.classroom import ASSIGNMENTS, fill_in, make_course
from spectra_tools.classroom.course import Course
from spectra_tools.classroom.grade import grade_submissions
from spectra_tools.classroom.gradebook import read_marks
from spectra_tools.classroom.limits import Limits
from spectra_tools.classroom.rebuild import grade_id
from spectra_tools.classroom.release import release_assignments
from spectra_tools.classroom.report import read_outcome

SETS = [name for name in Course(ASSIGNMENTS).assignments() if name.startswith("ps")]

# Which of the wrong answers the student "mistaken" hands in
MISTAKES = {
    "ps1_shares_check": 2,  # numbers typed in by hand
    "ps1_energy_check": 0,  # the wrong axis
    "ps1_ratio_check": 0,  # numbers of somebody else
    "ps2_snr_check": 0,
    "ps2_split_check": 0,  # copies first, then the split: a leak
    "ps2_similar_check": 0,
    "ps3_window_check": 0,  # wavelengths in air
    "ps3_pca_check": 0,  # test spectra in the fit
    "ps4_f1_check": 0,  # accuracy in place of macro F1
    "ps4_svm_check": 0,  # not scaled
    "ps5_weights_check": 0,
    "ps5_calibration_check": 0,
}


def insert(notebook, answers):
    """Put answers before their checks, each in a cell of the student's own."""
    for place in reversed(range(len(notebook.cells))):
        for answer in answers.get(grade_id(notebook.cells[place]), ()):
            notebook.cells.insert(place, new_code_cell(answer))
    return notebook


@pytest.fixture(scope="module", params=SETS)
def graded(request, tmp_path_factory):
    """Grade a set once."""
    name, folder = request.param, tmp_path_factory.mktemp(request.param)
    course, handed_in = make_course(folder / "course", [name]), folder / "handed_in"
    release_assignments(course, [name], Limits())
    handed_in.mkdir()
    shutil.copy(course.root / "release" / name / f"{name}.ipynb", handed_in / "empty.ipynb")
    reference = fill_in(nbformat.read(course.source(name) / f"{name}.ipynb", as_version=4))
    nbformat.write(reference, handed_in / "reference.ipynb")
    mistakes = {check: [WRONG[check][index][0]] for check, index in MISTAKES.items()}
    nbformat.write(insert(reference, mistakes), handed_in / "mistaken.ipynb")
    result = grade_submissions(course, name, handed_in, Limits(seconds=600, cell_seconds=400), 2)
    assert (result.n, result.notes, result.problems) == (3, {}, [])
    return course, read_marks(course, name)


def read_failures(course, name, student):
    return read_outcome(course.root / "autograded" / student / name / f"{name}.ipynb").failures


def test_right_answers_get_full_marks(graded):
    course, table = graded
    marks = {part.name: table.marks["reference"][part.name] for part in table.parts}
    expected = {part.name: None if part.by_hand else part.points for part in table.parts}
    assert marks == expected, read_failures(course, table.assignment, "reference")
    assert table.most == 100


def test_empty_release_gets_nothing(graded):
    _, table = graded
    assert set(table.marks["empty"].values()) == {0}


def test_usual_mistakes_get_no_marks_and_a_message(graded):
    course, table = graded
    failures = read_failures(course, table.assignment, "mistaken")
    for check, index in MISTAKES.items():
        if check in table.marks["mistaken"]:
            assert table.marks["mistaken"][check] == 0, check
            assert re.search(WRONG[check][index][1], failures[check])
    assert sum(mark or 0 for mark in table.marks["mistaken"].values()) > 20


def test_release_holds_neither_solution_nor_hidden_check(graded):
    course, table = graded
    name = table.assignment
    source = nbformat.read(course.source(name) / f"{name}.ipynb", as_version=4)
    text = (course.root / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8")
    release = "\n".join(cell.source for cell in nbformat.reads(text, as_version=4).cells)
    secret = re.compile(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", re.DOTALL)
    hidden = {line.strip() for cell in source.cells for part in secret.findall(cell.source)
              for line in part.splitlines()}  # fmt: skip
    open_ = {line.strip() for cell in source.cells
             for line in secret.sub("", cell.source).splitlines()}  # fmt: skip
    shown = {line.strip() for line in release.splitlines()}
    assert len(hidden - open_) > 20
    assert not (hidden - open_) & shown
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
