"""`spectra class` on a small assignment: whatever is handed in is graded and harms nobody.

One real run of nbgrader grades a class of honest, clumsy and hostile notebooks.
"""

import csv
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unicodedata
import venv
import zipfile
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

import nbformat
import pytest
from jinja2 import UndefinedError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from typer.testing import CliRunner

from spectra_tools.classroom import grade
from spectra_tools.classroom.course import Course
from spectra_tools.classroom.execute import run_notebook
from spectra_tools.classroom.grade import grade_submissions
from spectra_tools.classroom.gradebook import read_marks
from spectra_tools.classroom.limits import Limits, Watch
from spectra_tools.classroom.sandbox import has_sandbox
from spectra_tools.classroom.templates import render
from spectra_tools.command.main import app

CONFIG = Path(__file__).parents[2] / "assignments" / "nbgrader_config.py"
LIMITS = Limits(seconds=24, cell_seconds=8, memory=0.7)
FULL, MOST = (4.0, 6.0), 15.0

SOLUTIONS = {
    "mean": "def mean(values):\n    return sum(values) / len(values)",
    "double": "def double(values):\n    return [2 * value for value in values]",
}
CHECKS = {
    "mean_check": (
        "assert mean([1, 3]) == 2, 'The mean of 1 and 3 is 2.'",
        "import os\nown = sum(os.environ['SPECTRA_STUDENT'].encode())\n"
        "def hidden():\n    assert mean([own, own + 2]) == own + 1, "
        "'The mean is wrong for other numbers.'\nhidden()",
    ),
    "double_check": (
        "assert double([1, 2]) == [2, 4], 'Each number counts twice.'",
        "assert double([5]) == [10], 'The secret 5 is not doubled.'",
    ),
}


def mark(name, **kind):
    """Return the metadata of one of nbgrader's cells."""
    kinds = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {"grade_id": name, "schema_version": 3, **kinds, **kind}}


def make_source():
    """Return an assignment of two functions and a text: 4, 6 and 5 marks."""
    cells = [new_markdown_cell("# A small set"), new_code_cell('STUDENT_ID = ""')]
    for points, name in ((4, "mean"), (6, "double")):
        solution = f"### BEGIN SOLUTION\n{SOLUTIONS[name]}\n### END SOLUTION"
        cells.append(new_code_cell(solution, metadata=mark(name, solution=True)))
        shown, hidden = CHECKS[f"{name}_check"]
        check = f"{shown}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
        kind = {"grade": True, "locked": True, "points": points}
        cells.append(new_code_cell(check, metadata=mark(f"{name}_check", **kind)))
    kind = {"grade": True, "solution": True, "points": 5}
    text = "### BEGIN SOLUTION\nBecause.\n### END SOLUTION"
    cells.append(new_markdown_cell(text, metadata=mark("why", **kind)))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def run(course, *words):
    """Run `spectra class` in this process; a traceback fails the test."""
    words = ["class", "--course", str(course), *map(str, words)]
    result = CliRunner().invoke(app, words)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def make_course(folder):
    folder.mkdir()
    shutil.copy(CONFIG, folder)
    (folder / "source" / "ps1").mkdir(parents=True)
    nbformat.write(make_source(), folder / "source" / "ps1" / "ps1.ipynb")
    assert run(folder, "release").exit_code == 0
    return Course(folder.resolve())


class Answers:
    """A released notebook, filled in."""

    def __init__(self, release):
        self.notebook = deepcopy(release)

    def cell(self, name):
        """Return the cell with this grade id."""
        return next(cell for cell in self.notebook.cells
                    if cell.metadata.get("nbgrader", {}).get("grade_id") == name)  # fmt: skip

    def fill(self, **sources):
        """Write answers, right ones where none are given."""
        for name, source in {**SOLUTIONS, "why": "I think so.", **sources}.items():
            self.cell(name).source = source
        return self

    def insert(self, source, place=1):
        """Put a cell of one's own in."""
        self.notebook.cells.insert(place, new_code_cell(source))
        return self

    def drop(self, *names):
        """Delete cells."""
        gone = [self.cell(name) for name in names]
        self.notebook.cells = [cell for cell in self.notebook.cells if cell not in gone]
        return self

    def insert_copy(self, name, source):
        """Put a copy of a cell before it, with another text."""
        copy = deepcopy(self.cell(name))
        copy.source = source
        self.notebook.cells.insert(self.notebook.cells.index(self.cell(name)), copy)
        return self

    def strip(self, ids=False):
        """Lose nbgrader's metadata, and the cells' ids too."""
        for number, cell in enumerate(self.notebook.cells):
            cell.metadata = {}
            if ids:
                cell.id = f"new-{number}"
        return self

    def forge(self, name, source, points):
        """Change a check and what it is worth."""
        self.cell(name).source = source
        self.cell(name).metadata["nbgrader"]["points"] = points
        return self

    def write(self, path):
        """Write the notebook, however damaged."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.notebook), encoding="utf-8")


def endless(body="pass"):
    return f"def double(values):\n    while True:\n        {body}"


STUBBORN = "import signal\n        signal.signal(signal.SIGINT, signal.SIG_IGN)"
LOOK_AROUND = """
import glob, os, sqlite3, subprocess
found, QUERY = [], "select * from grade"
for place in PLACES:
    for look in (os.listdir, lambda x: glob.glob(x + "/**/*.ipynb", recursive=True),
                 lambda x: [open(x + "/source/ps1/ps1.ipynb").read()],
                 lambda x: [open(x + "/gradebook.db", "rb").read()],
                 lambda x: list(sqlite3.connect(x + "/gradebook.db").execute(QUERY)),
                 lambda x: [subprocess.check_output(["cat", x + "/source/ps1/ps1.ipynb"])]):
        try:
            found += look(place)
        except (OSError, sqlite3.Error):
            pass
assert not found, "FOUND"
"""
FORGE = """
import sqlite3
for place in PLACES:
    try:
        base = sqlite3.connect(place + "/gradebook.db")
        base.execute("update grade set auto_score = 99"); base.commit()
    except (OSError, sqlite3.Error):
        pass
    for name in ("gradebook.db", "marks.csv", "source/ps1/ps1.ipynb", "planted.txt"):
        try:
            open(place + "/" + name, "w").write("planted")
        except OSError:
            pass
"""
NO_ASSERT = """
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
get_ipython().ast_transformers.append(Drop())
"""
FORGED_RESULT = """
import threading, time
def forge():
    while True:
        get_ipython().displayhook(6.0)
        time.sleep(0.01)
threading.Thread(target=forge, daemon=True).start()
"""
NETWORK = """
import socket, urllib.request
reached = []
for address in ("http://example.com", "http://127.0.0.1:PORT"):
    try:
        reached.append(urllib.request.urlopen(address, timeout=3).read())
    except OSError:
        pass
try:
    reached.append(socket.create_connection(("127.0.0.1", PORT), 3))
except OSError:
    pass
assert not reached, "REACHED"
"""
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"

# student: what is done to the released notebook, marks of the two functions, words of the messages
CLASS = {
    "good": (lambda a: a.fill(), FULL, ""),
    "empty": (lambda a: a, (0, 0), "not answered"),
    "hard_coded": (
        lambda a: a.fill(double="def double(values):\n    return [2, 4]"),
        (4, 0), "The secret 5 is not doubled.",
    ),
    "visible_fails": (
        lambda a: a.fill(mean="def mean(values):\n    return sum(values)"),
        (0, 6), "The mean of 1 and 3 is 2.",
    ),
    "loop": (lambda a: a.fill(double=endless()), (4, 0), "ran longer than 8 seconds"),
    "stubborn_loop": (
        lambda a: a.fill(mean=endless(STUBBORN).replace("double", "mean")),
        (0, 0), "ran longer than 24 seconds",
    ),
    "syntax": (lambda a: a.fill(mean="def mean(values:\n    return 1"), (0, 6), "NameError"),
    "deleted_check": (lambda a: a.fill().drop("double_check"), FULL, "double_check"),
    "deleted_answer": (lambda a: a.fill().drop("double", "mean_check"), (4, 0), "double"),
    "copied": (
        lambda a: a.fill().insert_copy("double", "def double(values):\n    return None"),
        FULL, "more than once",
    ),
    "no_metadata": (lambda a: a.fill().strip(), FULL, "metadata"),
    "no_metadata_no_ids": (lambda a: a.fill().strip(ids=True), FULL, "metadata"),
    "forged_points": (lambda a: a.fill(mean="").forge("mean_check", "pass", 1000), (0, 6), ""),
    "huge_output": (lambda a: a.fill().insert("for i in range(4000): print('x' * 9999)"), FULL, ""),
    "chatty": (
        lambda a: a.fill(double=SOLUTIONS["double"] + "\nimport sys\nsys.stderr.write('warning')"
                         ).insert("import warnings\nwarnings.warn('beware')"), FULL, "",
    ),
    "memory": (
        lambda a: a.fill(mean="def mean(values):\n    return len(bytearray(b'x' * (3 << 30)))"),
        (0, 0), "GB of memory",
    ),
    "killer": (
        lambda a: a.fill().insert("import os, signal\nos.kill(os.getppid(), signal.SIGKILL)"),
        FULL, "",
    ),
    "suicide": (
        lambda a: a.fill(double="def double(values):\n    import os\n    os._exit(0)"),
        (4, 0), "ended the kernel",
    ),
    "forks": (lambda a: a.fill().insert("import os\nwhile True: os.fork()"), FULL, ""),
    "no_asserts": (lambda a: a.fill(mean="").insert(NO_ASSERT), (0, 0), "a check that must fail"),
    "forged_result": (
        lambda a: a.fill(double="double = len").insert(FORGED_RESULT), (None, 0), "",
    ),
    "other_student": (
        lambda a: a.fill(mean="mean = lambda values: 2 if values == [1, 3] else sum(b'good') + 1")
        .insert("import os\nos.environ['SPECTRA_STUDENT'] = 'good'"),
        (0, 6), "other numbers",
    ),
    "spy": (lambda a: a.fill(mean=LOOK_AROUND + SOLUTIONS["mean"]), FULL, ""),
    "forger": (lambda a: a.fill(mean=FORGE + SOLUTIONS["mean"]), FULL, ""),
    "quoter": (
        lambda a: a.fill(double="import inspect\nprint(inspect.getsource(hidden), In)\n"
                         + SOLUTIONS["double"]), FULL, "",
    ),
    "rich": (
        lambda a: a.fill(double="def double(values):\n    get_ipython().displayhook(1000)\n"
                         "    return [2 * value for value in values]"),
        (4, 0), "other marks than there are",
    ),
    "network": (lambda a: a.fill(mean=NETWORK + SOLUTIONS["mean"]), FULL, ""),
    "script": (
        lambda a: a.fill(
            mean=f"def mean(values):\n    raise ValueError({SCRIPT!r})", why=SCRIPT
        ).insert(f"from IPython.display import HTML, Javascript\ndisplay(HTML({SCRIPT!r}), "
                 "Javascript('alert(3)'))"),
        (0, 6), "ValueError",
    ),
}  # fmt: skip

FILES = {  # what is no notebook of the released kind, or not where it should be
    "damaged/ps1.ipynb": '{"cells": [',
    "portrait/ps1.ipynb": "%PDF-1.7",
    "nothing/essay.txt": "My essay.",
}


def hand_in(course, folder, students, replace):
    """Write the submissions of these students into a folder."""
    release = nbformat.read(course.root / "release" / "ps1" / "ps1.ipynb", as_version=4)
    for student in students:
        text = json.dumps(CLASS[student][0](Answers(release)).notebook)
        for old, new in replace.items():
            text = text.replace(old, json.dumps(new)[1:-1] if isinstance(new, str) else str(new))
        path = folder / student / "ps1.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return release


@pytest.fixture(scope="module")
def server():
    """Listen on a port of this computer, and keep who called."""
    import socketserver
    import threading

    calls = []

    class Answer(socketserver.BaseRequestHandler):
        def handle(self):
            calls.append(self.client_address)

    with socketserver.TCPServer(("127.0.0.1", 0), Answer) as listener:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        yield listener.server_address[1], calls
        listener.shutdown()


@pytest.fixture(scope="module")
def graded(tmp_path_factory, server):
    """Grade the whole class once."""
    folder = tmp_path_factory.mktemp("class")
    course, handed_in = make_course(folder / "course"), folder / "handed in"
    places = repr([str(course.root), str(handed_in)])
    release = hand_in(course, handed_in, CLASS, {"PLACES": places, "PORT": server[0]})
    good = Answers(release).fill()
    good.write(handed_in / "renamed" / "my homework.ipynb")
    good.write(handed_in / "deep" / "ps1" / "ps1.ipynb")
    good.write(handed_in / "flat_ps1.ipynb")
    good.write(handed_in / "ps1.ipynb")
    for name, text in FILES.items():
        (handed_in / name).parent.mkdir()
        (handed_in / name).write_text(text)
    result = run(course.root, "grade", "ps1", handed_in, "--jobs", 2, "--seconds",
                 LIMITS.seconds, "--memory", LIMITS.memory)  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert run(course.root, "feedback", "ps1").exit_code == 0
    assert run(course.root, "report", "ps1").exit_code == 0
    return course, result.stderr, read_marks(course, "ps1").marks


def read_page(course, student):
    return (course.root / "feedback" / student / "ps1" / "ps1.html").read_text(encoding="utf-8")


def read_messages(course, student):
    """Return all errors and notes in a graded notebook."""
    path = course.root / "autograded" / student / "ps1" / "ps1.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    errors = [
        out for cell in cells for out in cell.get("outputs", []) if out.output_type == "error"
    ]
    words = [f"{error.ename} {error.evalue}" for error in errors]
    return " ".join([*words, cells[0].source]).replace("NotImplementedError", "not answered")


@pytest.mark.parametrize("student", CLASS)
def test_each_student_gets_the_marks_and_the_message(graded, student):
    course, _, marks = graded
    _, expected, message = CLASS[student]
    given = marks[student]["mean_check"], marks[student]["double_check"]
    assert [mark for mark, right in zip(given, expected, strict=True) if right is not None] == [
        right for right in expected if right is not None
    ], read_messages(course, student)
    assert message.casefold() in read_messages(course, student).casefold()


@pytest.mark.parametrize(("student", "mark", "message"), [
    ("renamed", 4, "my homework.ipynb"), ("deep", 4, ""), ("flat", 4, ""),
    ("damaged", 0, "no notebook that can be read"), ("portrait", 0, "no notebook that can be read"),
    ("nothing", 0, "There is no notebook"),
])  # fmt: skip
def test_files_are_found_where_students_leave_them(graded, student, mark, message):
    course, said, marks = graded
    assert marks[student]["mean_check"] == mark
    assert message in read_messages(course, student)
    assert not message or f"{student}: " in said


def test_notebook_of_nobody_is_left_out_and_named(graded):
    assert "Left out: ps1.ipynb does not tell the student's id." in graded[1]


def test_texts_wait_for_a_reader_and_empty_ones_get_nothing(graded):
    _, _, marks = graded
    assert marks["good"]["why"] is None
    assert marks["empty"]["why"] == marks["nothing"]["why"] == 0


def test_nobody_outside_is_reached(graded, server):
    assert server[1] == []


def test_sources_gradebook_and_other_work_are_as_before(graded):
    course, _, marks = graded
    names = {path.name for path in course.root.iterdir()}
    assert names == {"autograded", "feedback", "gradebook.db", "nbgrader_config.py", "release",
                     "reports", "source", "submitted"}  # fmt: skip
    assert nbformat.read(course.root / "source/ps1/ps1.ipynb", as_version=4).cells[0].source == (
        "# A small set"
    )
    assert max(mark or 0 for own in marks.values() for mark in own.values()) == 6
    with sqlite3.connect(course.gradebook) as base:
        assert base.execute("pragma integrity_check").fetchone() == ("ok",)


def test_huge_output_is_cut(graded):
    path = graded[0].root / "autograded" / "huge_output" / "ps1" / "ps1.ipynb"
    assert path.stat().st_size < 3e6
    assert "cut the output here" in path.read_text(encoding="utf-8")


def test_hidden_checks_that_a_notebook_prints_are_taken_out(graded):
    page = read_page(graded[0], "quoter")
    assert "removed an output that quotes a hidden check" in page
    assert "assert mean([own" not in page.replace("&#39;", "'")


def test_release_holds_no_solution_and_no_hidden_check(graded):
    course = graded[0]
    with zipfile.ZipFile(course.root / "release" / "ps1.zip") as archive:
        assert archive.namelist() == ["ps1/README.txt", "ps1/ps1.ipynb"]
        text = archive.read("ps1/ps1.ipynb").decode()
        assert "Neither delete nor copy" in archive.read("ps1/README.txt").decode()
    for secret in ("SOLUTION", "HIDDEN", "sum(values)", "secret 5", "Because."):
        assert secret not in text
    assert "YOUR CODE HERE" in text


def test_feedback_shows_messages_but_no_hidden_check_and_no_script(graded):
    course = graded[0]
    page = read_page(course, "hard_coded")
    assert "The secret 5 is not doubled." in page
    assert "double([5])" not in page
    assert "Not read yet" in page
    assert "HIDDEN" not in page
    hostile = read_page(course, "script")
    assert "alert(" in hostile  # as text, for everybody to see
    assert not re.search(r"<script>alert|<img[^>]*onerror|>\s*alert\(3\)", hostile)
    assert "no notebook that can be read" in read_page(course, "damaged")


def test_report_names_difficulty_and_most_common_mistake(graded):
    course, _, marks = graded
    page = (course.root / "reports" / "ps1.html").read_text(encoding="utf-8")
    share = sum(own["mean_check"] for own in marks.values()) / 4 / len(marks)
    assert f">{share:.2f}<" in page
    assert re.search(r">why<.*?>5<.*?>–<.*?>–<.*?read by the lecturer", page)
    assert "<script>" not in page
    assert "<img alt=" in page
    assert "took more than 0.7 GB of memory" in page
    assert f"{len(marks)} students" in page


def test_marks_go_out_and_those_for_texts_come_in(graded, tmp_path):
    course = Course(tmp_path / "course")
    shutil.copytree(graded[0].root, course.root)
    table = tmp_path / "marks.csv"
    assert run(course.root, "marks", "-o", table).exit_code == 0
    with open(table, newline="", encoding="utf-8-sig") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert list(rows) == sorted(graded[2])
    assert rows["loop"] == {"student": "loop", "ps1:mean_check": "4", "ps1:double_check": "0",
                            "ps1:why": "", "ps1 total": "4", "ps1 of": "15"}  # fmt: skip
    head = "student,ps1:why,ps1:double_check\n"
    table.write_text(f"{head}loop,4.5,6\ngood,,\n")
    assert "Entered 1 marks" in run(course.root, "marks", "--enter", table).stdout
    marks = read_marks(course, "ps1").marks
    assert (marks["loop"]["why"], marks["loop"]["double_check"]) == (4.5, 0)
    assert marks["good"]["why"] is None
    table.write_text("student;ps1:why;ps1:double_check\nloop;3,5;6\n")  # where 3.5 is 3,5
    assert "Entered 1 marks" in run(course.root, "marks", "--enter", table).stdout
    assert read_marks(course, "ps1").marks["loop"]["why"] == 3.5
    for wrong, why in (("loop,7,", "from 0 to 5"), ("loop,nan,", "from 0"), ("joe,3,", "joe has")):
        table.write_text(f"{head}good,3,\n{wrong}\n")
        result = run(course.root, "marks", "--enter", table)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert why in result.stderr
    assert read_marks(course, "ps1").marks["good"]["why"] is None  # all or nothing


def test_grading_again_replaces_and_keeps_marks_given_by_hand(graded, tmp_path):
    course, handed_in = Course(tmp_path / "course"), tmp_path / "again"
    shutil.copytree(graded[0].root, course.root)
    table = tmp_path / "marks.csv"
    table.write_text("student,ps1:why\nempty,2\n")
    run(course.root, "marks", "--enter", table)
    release = nbformat.read(course.root / "release/ps1/ps1.ipynb", as_version=4)
    Answers(release).fill().write(handed_in / "empty.ipynb")
    archive = shutil.make_archive(tmp_path / "handed_in", "zip", handed_in)
    result = grade_submissions(course, "ps1", archive, LIMITS)
    assert result.n == 1
    marks = read_marks(course, "ps1").marks
    assert marks["empty"] == {"mean_check": 4, "double_check": 6, "why": 2}
    assert marks["good"] == graded[2]["good"]


def test_a_failure_leaves_everything_as_it_was(graded, tmp_path, monkeypatch):
    course = graded[0]
    before = {path: path.stat().st_mtime_ns for path in course.root.rglob("*")}
    (tmp_path / "none").mkdir()
    for place, why in ((tmp_path / "none", "no submission"), (tmp_path / "gone", "not there")):
        result = run(course.root, "grade", "ps1", place)
        assert (result.exit_code, why in result.stderr) == (1, True)
    monkeypatch.setattr("spectra_tools.classroom.sandbox.kernel_command", None)
    monkeypatch.setattr("spectra_tools.classroom.grade.run_one", fail)
    Answers(make_source()).write(tmp_path / "some" / "good" / "ps1.ipynb")
    result = run(course.root, "grade", "ps1", tmp_path / "some")
    assert result.stderr.splitlines()[-1] == "Error: Python did not start."
    after = {path: path.stat().st_mtime_ns for path in course.root.rglob("*")}
    assert {**after, course.root: 0} == {**before, course.root: 0}


def fail(*_):
    raise ValueError("Python did not start.")


def test_help_names_the_commands_and_does_not_import_what_is_slow():
    code = (
        "import sys; from typer.testing import CliRunner;"
        "from spectra_tools.command.main import app;"
        "print(CliRunner().invoke(app, ['class', '--help']).output);"
        "slow = 'numpy', 'pandas', 'jinja2', 'nbformat', 'nbgrader', 'tensorflow', 'matplotlib';"
        "print([x for x in slow if x in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for name in ("release", "grade", "marks", "feedback", "report"):
        assert f"  {name}  " in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_errors_are_one_line_that_helps(graded, tmp_path):
    binary = tmp_path / "marks.xlsx"
    binary.write_bytes(b"PK\xff\xfe\x00")
    for words, why in (
        (["report", "ps9"], "Choose one of: ps1."),
        (["release", "ps9"], "Choose one of: ps1."),
        (["marks", "--enter", tmp_path / "no.csv"], "no.csv: write one with"),
        (["marks", "--enter", binary], "save it as CSV"),
        (["marks", "-o", tmp_path / "none" / "a.csv"], "is not there: make it"),
    ):
        result = run(graded[0].root, *words)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.stderr
        assert why in result.stderr
    assert "--course FOLDER" in run(tmp_path, "report", "ps1").stderr
    fresh = make_course(tmp_path / "course")
    for command in ("report", "feedback", "marks"):
        result = run(fresh.root, command, *(["ps1"] if command != "marks" else []))
        assert (result.exit_code, "spectra class grade" in result.stderr) == (1, True)


def test_changed_cells_of_a_graded_set_are_refused(graded, tmp_path):
    course = Course(tmp_path / "course")
    shutil.copytree(graded[0].root, course.root)
    source = make_source()
    source.cells.append(new_code_cell("assert 1", metadata=mark("new", grade=True, points=1)))
    nbformat.write(source, course.root / "source/ps1/ps1.ipynb")
    result = run(course.root, "release", "ps1")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "were added or removed after it was first graded" in result.stderr


def test_pages_escape_all_that_is_put_into_them_and_miss_nothing():
    values = {"name": SCRIPT, "figure": "<svg>", "totals": [3], "median": 3, "most": 4,
              "n_waiting": SCRIPT}  # fmt: skip
    tables = {"parts": [(SCRIPT,) * 6], "students": [(SCRIPT,) * 3]}
    page = render("report.html", **values, **tables)
    assert "<svg>" in page
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") == 12
    assert render("release.txt", name="a & b", minutes=5, memory=3).startswith("a & b.ipynb")
    with pytest.raises(UndefinedError):
        render("release.txt", name="ps1", minutes=5)


@pytest.fixture
def small(tmp_path):
    """A course of which nothing is graded yet, and the notebook given out."""
    course = make_course(tmp_path / "course")
    return course, nbformat.read(course.root / "release/ps1/ps1.ipynb", as_version=4)


def test_time_that_is_no_multiple_of_three_is_taken(small, tmp_path):
    course, release = small
    Answers(release).fill().write(tmp_path / "in" / "good.ipynb")
    result = run(course.root, "grade", "ps1", tmp_path / "in", "--seconds", 100)
    assert result.exit_code == 0, result.stderr
    marks = read_marks(course, "ps1").marks["good"]
    assert (marks["mean_check"], marks["double_check"]) == FULL, read_messages(course, "good")


@pytest.mark.parametrize("place", ["submitted", "submitted/ada"])
def test_hand_ins_where_grading_writes_are_left_alone(small, place):
    course, release = small
    path = course.root / "submitted/ada/ps1/ps1.ipynb"
    Answers(release).fill().write(path)
    before = path.read_bytes()
    result = run(course.root, "grade", "ps1", course.root / place)
    assert (result.exit_code, result.stderr.count("Error: ")) == (1, 1)
    assert "copy it to another folder first" in result.stderr
    assert path.read_bytes() == before
    assert not (course.root / "autograded").exists()


def test_marks_typed_into_a_table_are_not_overwritten(graded, tmp_path):
    course, table = Course(tmp_path / "course"), tmp_path / "marks.csv"
    shutil.copytree(graded[0].root, course.root)
    assert run(course.root, "marks", "-o", table).exit_code == 0
    assert run(course.root, "marks", "-o", table).exit_code == 0  # nothing was typed in
    filled = re.sub(r"(?m)^(good,4,6),,", r"\1,3.5,", table.read_text(encoding="utf-8-sig"))
    for text in (filled, filled.replace(",", ";"), filled.replace("3.5", "much")):
        table.write_text(text, encoding="utf-8")
        result = run(course.root, "marks", "-o", table)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.stderr
        assert "another name with -o" in result.stderr
        assert table.read_text(encoding="utf-8") == text
    table.write_text(filled, encoding="utf-8")
    assert "enter them first with" in run(course.root, "marks", "-o", table).stderr
    assert run(course.root, "marks", "--enter", table).exit_code == 0
    assert run(course.root, "marks", "-o", table).exit_code == 0
    assert read_marks(course, "ps1").marks["good"]["why"] == 3.5


@pytest.mark.parametrize(("text", "why"), [
    ("student,ps1:why\ngood,3\nloop,2\ngood ,4\n", "'good' has 2 lines: keep one"),
    ("student,ps1:wyh\ngood,3\n", "unknown: rename it ('ps1:why'?) or delete it"),
    ("student,why\ngood,3\n", "'why' is unknown"),
    ("student,ps9:why\ngood,3\n", "'ps9:why' is unknown"),
    ("student,ps1:why,ps1:why\ngood,3,4\n", "'ps1:why' is there twice: keep one"),
    ("student,ps1:why\ngood,3,5\n", "'good' has more fields than there are columns"),
    ("student,ps1:why,\ngood,3,much\n", "a column has no name: name it or delete it"),
])  # fmt: skip
def test_a_table_of_marks_that_could_be_misread_is_refused(graded, tmp_path, text, why):
    course, table = graded[0], tmp_path / "marks.csv"
    table.write_text(text)
    before = course.gradebook.read_bytes()
    for option in ("--enter", "-o"):
        result = run(course.root, "marks", option, table)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.stderr
        assert why in result.stderr
    assert course.gradebook.read_bytes() == before
    assert table.read_text() == text


def test_empty_columns_and_lines_of_a_spreadsheet_are_left_out(graded, tmp_path):
    course, table = Course(tmp_path / "course"), tmp_path / "marks.csv"
    shutil.copytree(graded[0].root, course.root)
    table.write_text("student;ps1:why;ps1 total;;\ngood;3;10;;\n;;;;\n;;;;\n")
    assert "Entered 1 marks" in run(course.root, "marks", "--enter", table).stdout


def test_marks_are_not_written_onto_the_gradebook(graded):
    course = graded[0]
    before = course.gradebook.read_bytes()
    result = run(course.root, "marks", "-o", course.gradebook)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "give another name" in result.stderr
    assert course.gradebook.read_bytes() == before


@pytest.mark.parametrize("command", ["marks", "feedback", "report"])
def test_a_damaged_gradebook_gets_a_sentence(graded, tmp_path, command):
    course = Course(tmp_path / "course")
    shutil.copytree(graded[0].root, course.root)
    whole = course.gradebook.read_bytes()
    for content in (b"no database" * 99, whole[: len(whole) // 2]):
        course.gradebook.write_bytes(content)
        words = ["-o", tmp_path / "marks.csv"] if command == "marks" else ["ps1"]
        result = run(course.root, command, *words)
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
        assert "gradebook.db cannot be read" in result.stderr
        assert "put a copy of it back" in result.stderr
        assert course.gradebook.read_bytes() == content


@pytest.mark.parametrize("tables", [None, "prices", "student", "alembic_version"])
def test_an_empty_gradebook_and_one_of_another_program_are_left_alone(small, tmp_path, tables):
    course, release = small
    Answers(release).fill().write(tmp_path / "in" / "ada.ipynb")
    table = tmp_path / "marks.csv"
    table.write_text("student,ps1:why\nada,3\n")
    course.gradebook.unlink(missing_ok=True)
    course.gradebook.touch()
    if tables:
        with closing(sqlite3.connect(course.gradebook)) as base:
            base.execute(f"create table {tables} (name text)")
    before = course.gradebook.read_bytes()
    for words in (["marks", "-o", tmp_path / "new.csv"], ["marks", "--enter", table],
                  ["feedback", "ps1"], ["report", "ps1"], ["grade", "ps1", tmp_path / "in"],
                  ["release", "ps1"]):  # fmt: skip
        result = run(course.root, *words)
        assert (result.exit_code, result.stderr.count("Error: ")) == (1, 1), words
        assert "gradebook.db is no gradebook of nbgrader" in result.stderr
        assert "move it away and grade anew" in result.stderr
        assert course.gradebook.read_bytes() == before


@pytest.mark.parametrize("command", ["grade", "release"])
def test_commands_that_write_a_damaged_gradebook_say_what_to_do(small, tmp_path, command):
    course, release = small
    Answers(release).fill().write(tmp_path / "in" / "ada.ipynb")
    course.gradebook.write_bytes(b"no database" * 99)
    result = run(course.root, command, "ps1", *([tmp_path / "in"] if command == "grade" else []))
    assert (result.exit_code, result.stderr.count("Error: ")) == (1, 1)
    assert "gradebook.db cannot be read" in result.stderr
    assert "put a copy of it back" in result.stderr


PICTURE = "![x](attachment:image.png)"
LOST = (PICTURE, "![x]( <attachment:a.png>)", "![x][r]\n\n[r]: attachment:b.png", "a\n1. ![x]"
        "(attachment\\:c.png)")  # fmt: skip


def test_pasted_pictures_are_shown_and_lost_ones_harm_nobody(small, tmp_path):
    course, release = small
    with_picture = Answers(release).fill(why=f"See {PICTURE}")
    with_picture.cell("why").attachments = {"image.png": {"image/png": "iVBORw0KGgo="}}
    with_picture.write(tmp_path / "in" / "ada.ipynb")
    lost = Answers(release).fill(why=f"See {PICTURE}")
    for text in LOST:
        lost.notebook.cells.append(new_markdown_cell(f"Lost {text}"))
        lost.insert(f"from IPython.display import Markdown\ndisplay(Markdown({text!r}))")
    lost.write(tmp_path / "in" / "bob.ipynb")
    assert run(course.root, "grade", "ps1", tmp_path / "in").exit_code == 0
    result = run(course.root, "feedback", "ps1")
    assert result.exit_code == 0, result.stderr
    assert "data:image/png;base64,iVBORw0KGgo=" in read_page(course, "ada")
    assert "missing-attachment-image.png" in read_page(course, "bob")


def test_feedback_leaves_out_whom_the_gradebook_does_not_know(small, tmp_path):
    course, release = small
    for student in ("ada", "bob"):
        Answers(release).fill().write(tmp_path / student / f"{student}.ipynb")
        course.gradebook.unlink(missing_ok=True)
        assert run(course.root, "grade", "ps1", tmp_path / student).exit_code == 0
    result = run(course.root, "feedback", "ps1")
    assert result.exit_code == 0, result.stderr
    assert "Wrote 1 pages" in result.stdout
    assert [path.name for path in (course.root / "feedback").iterdir()] == ["bob"]


def test_a_name_with_a_comma_an_apostrophe_and_an_accent_goes_all_the_way(small, tmp_path):
    course, release = small
    student, table = "O'Brien, Jos\N{LATIN SMALL LETTER E WITH ACUTE}", tmp_path / "marks.csv"
    written = unicodedata.normalize("NFD", student)
    Answers(release).fill().write(tmp_path / "in" / written / "ps1.ipynb")
    result = run(course.root, "grade", "ps1", tmp_path / "in")
    assert (result.exit_code, "Left out" in result.stderr) == (0, False), result.stderr
    table.write_text(f'student,ps1:why\n"{student}",3\n', encoding="utf-8")
    for words in (["marks", "--enter", table], ["marks", "-o", table], ["feedback", "ps1"],
                  ["report", "ps1"]):  # fmt: skip
        result = run(course.root, *words)
        assert result.exit_code == 0, result.stderr
    marks = {"mean_check": 4, "double_check": 6, "why": 3}
    assert read_marks(course, "ps1").marks == {student: marks}
    assert "Not read yet" not in read_page(course, student)


def test_a_notebook_that_ends_the_kernel_has_marks_only_for_checks_that_can_fail(small, tmp_path):
    course, release = small
    leave = "import os\nos._exit(0)"
    Answers(release).fill().insert(leave, 99).write(tmp_path / "in" / "honest.ipynb")
    Answers(release).insert(NO_ASSERT).insert(leave, 99).write(tmp_path / "in" / "cheat.ipynb")
    assert run(course.root, "grade", "ps1", tmp_path / "in").exit_code == 0
    given = {student: (own["mean_check"], own["double_check"])
             for student, own in read_marks(course, "ps1").marks.items()}  # fmt: skip
    assert given == {"honest": FULL, "cheat": (0, 0)}
    assert run(course.root, "report", "ps1").exit_code == 0
    page = (course.root / "reports" / "ps1.html").read_text(encoding="utf-8")
    assert "A check that must fail has passed" in page


GUARDED = ("good", "spy", "forger", "network", "killer", "forks", "memory")


def test_without_a_sandbox_the_guard_holds_what_students_write(tmp_path, server, monkeypatch):
    course, handed_in = make_course(tmp_path / "course"), tmp_path / "handed in"
    places = repr([str(course.root), str(handed_in)])
    hand_in(course, handed_in, GUARDED, {"PLACES": places, "PORT": server[0]})
    monkeypatch.setenv("PATH", str(tmp_path))  # there is no bwrap here
    has_sandbox.cache_clear()
    try:
        result = run(course.root, "grade", "ps1", handed_in, "--jobs", 2, "--memory", 0.7)
    finally:
        has_sandbox.cache_clear()
    assert result.exit_code == 0, result.stderr
    assert "Warning: notebooks run behind a guard in Python" in result.stderr
    marks = read_marks(course, "ps1").marks
    for student in GUARDED:
        given = marks[student]["mean_check"], marks[student]["double_check"]
        assert given == CLASS[student][1], read_messages(course, student)
    assert server[1] == []


LOOK = """
import sys
from spectra_tools.classroom.guard import list_python, make_guard
work, course = sys.argv[1:]
sys.addaudithook(make_guard(work, [course], list_python(work)))
import own_package
for name in ("gradebook.db", "source/ps1.ipynb", ".venv/../gradebook.db", ".venv-old/a.py"):
    try:
        open(course + "/" + name)
    except PermissionError:
        print("closed")
open(work + "/own.txt", "w").close()
"""


def test_a_python_in_the_folder_of_the_course_stays_open(tmp_path):
    course, work = tmp_path / "course", tmp_path / "course" / "work"
    for name in ("gradebook.db", "source/ps1.ipynb", ".venv-old/a.py"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).touch()
    work.mkdir()
    venv.create(course / ".venv", symlinks=os.name != "nt")
    (packages,) = course.glob(".venv/[Ll]ib/**/site-packages")
    (packages / "own_package.py").touch()
    python = course / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    result = subprocess.run(
        [python, "-c", LOOK, work, course], capture_output=True, text=True, check=False, cwd=work,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert (result.returncode, result.stdout.split()) == (0, ["closed"] * 4), result.stderr


IMPORT = """
import importlib, spectra_helpers.data
for name in ("spectra_tools", "spectra_tools.classroom.grade", "benchmarks", "guard", "sandbox"):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        print("not there")
"""


def test_in_the_sandbox_notebooks_import_the_helpers_and_none_of_the_tools():
    if not has_sandbox():
        pytest.skip("bubblewrap is missing or not allowed")
    notebook = new_notebook(cells=[new_code_cell(IMPORT)])
    with TemporaryDirectory() as work:  # a short name: those of sockets end at 107 letters
        run_notebook(notebook, Path(work), "ada", LIMITS, [])
    (output,) = notebook.cells[0].outputs
    assert output.text.splitlines() == ["not there"] * 5


def test_sandbox_is_used_where_it_is_installed():
    probe = ["bwrap", "--unshare-user", "--unshare-net", "--ro-bind", "/", "/", "true"]
    if not shutil.which("bwrap") or subprocess.run(probe, check=False).returncode:
        pytest.skip("bubblewrap is missing or not allowed: only the guard in Python was tested")
    assert has_sandbox()


TAKE = "held = b'x' * 300_000_000; input()"


def test_what_a_process_held_before_is_no_part_of_its_notebook():
    ballast = b"x" * 300_000_000
    command = {"args": [sys.executable, "-c", TAKE], "stdin": subprocess.PIPE}
    with subprocess.Popen(**command) as other:
        watch = Watch(Limits(memory=0.2))
        watch.start()
        time.sleep(1)
        assert (watch.reason, other.poll(), len(ballast)) == (None, None, 300_000_000)
        with subprocess.Popen(**command) as kernel:
            watch.join(20)
            assert watch.reason[0] == "MemoryLimit"
            assert kernel.wait(20) != 0
        assert other.poll() is None
        other.kill()


def full_disk(monkeypatch, _):
    usage = SimpleNamespace(free=40_000)
    monkeypatch.setattr("spectra_tools.classroom.limits.shutil.disk_usage", lambda _: usage)


def long_name(monkeypatch, tmp_path):
    folder = tmp_path / ("long" * 20)
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


def broken_sandbox(monkeypatch, tmp_path):
    """Put a bwrap on the path that is allowed to work and then is not."""
    program = tmp_path / "bin" / "bwrap"
    program.parent.mkdir()
    program.write_text(
        '#!/bin/sh\ncase "$*" in *" true") exit 0;; esac\n'
        'echo "bwrap: no namespace left" >&2\nexit 1\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)


def broken_python(monkeypatch, _):
    monkeypatch.setattr("spectra_tools.classroom.grade.EXECUTE", "import not_installed")


@pytest.mark.parametrize(("break_it", "why"), [
    (full_disk, "Only 0.0 MB are free where"),
    (long_name, "set TMPDIR to a shorter one"),
    (broken_sandbox, "Its last words: bwrap: no namespace left."),
    (broken_python, "No module named 'not_installed'"),
])  # fmt: skip
def test_a_fault_of_the_computer_is_no_mark(small, tmp_path, monkeypatch, break_it, why):
    if break_it is long_name and not has_sandbox():
        pytest.skip("only the sandbox has sockets with names")
    if break_it is broken_sandbox and os.name == "nt":
        pytest.skip("there is no bubblewrap for Windows")
    course, release = small
    Answers(release).fill().write(tmp_path / "in" / "ada.ipynb")
    before = {path: path.stat().st_mtime_ns for path in course.root.rglob("*")}
    break_it(monkeypatch, tmp_path)
    has_sandbox.cache_clear()
    try:
        result = run(course.root, "grade", "ps1", tmp_path / "in")
    finally:
        has_sandbox.cache_clear()
    assert (result.exit_code, why in result.stderr) == (1, True), result.stderr
    assert {path: path.stat().st_mtime_ns for path in course.root.rglob("*")} == before


def test_a_notebook_that_breaks_the_grader_harms_its_student_alone(small, tmp_path, monkeypatch):
    course, release = small
    for student in ("ada", "bob"):
        Answers(release).fill().write(tmp_path / "in" / f"{student}.ipynb")
    code = (
        "import json, sys\nif json.load(open(sys.argv[1]))['student'] == 'ada':\n"
        f"    sys.exit('Odd outputs.')\n{grade.EXECUTE}"
    )
    monkeypatch.setattr(grade, "EXECUTE", code)
    assert run(course.root, "grade", "ps1", tmp_path / "in").exit_code == 0
    marks = read_marks(course, "ps1").marks
    assert [marks[name]["mean_check"] for name in ("ada", "bob")] == [0, 4]
    assert "Odd outputs." in read_messages(course, "ada")
