"""Measured times: kept for the tier they belong to, and the same wherever they are read."""

import json
import platform
import re

import nbformat
import pytest

from spectra_tools.series.instructor import find_page
from spectra_tools.series.notebooks import NOTEBOOKS, find_lessons
from spectra_tools.series.times import (
    NAME,
    fill_table,
    read_times,
    round_time,
    save_time,
    write_time,
)

README = (NOTEBOOKS.parent / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def lesson_tier(monkeypatch):
    monkeypatch.delenv("SPECTRA_TIER")
    monkeypatch.delenv("SPECTRA_DATA", raising=False)


def test_every_lesson_was_measured():
    measured = json.loads((NOTEBOOKS / NAME).read_text("utf-8"))
    assert list(measured) == [path.stem for path in find_lessons()]
    for record in measured.values():
        assert 1 < record["cpu_seconds"] < 600
        assert record["python"]
        assert record["computer"]


@pytest.mark.parametrize("path", find_lessons(), ids=lambda path: path.stem)
def test_header_readme_and_page_tell_the_measured_time(path):
    """Read the numbers from the text and compare them with the file, within their two digits."""
    measured = json.loads((NOTEBOOKS / NAME).read_text("utf-8"))[path.stem]["cpu_seconds"]
    header = nbformat.read(path, as_version=4).cells[0].source
    told = [
        re.search(r"about (\d+) CPU seconds \|$", header, re.MULTILINE)[1],
        re.search(rf"{path.name}\).* \| (\d+) \|$", README, re.MULTILINE)[1],
        re.search(r"about (\d+) CPU seconds", find_page(path).read_text("utf-8"))[1],
    ]
    command = "run python -m spectra_tools.series.links, then .instructor"
    assert [float(one) for one in told] == pytest.approx([measured] * 3, rel=0.05), command


def test_times_are_kept_one_by_one(tmp_path, lesson_tier):
    save_time(tmp_path / "07_b.ipynb", 112.81)
    save_time(tmp_path / "01_a.ipynb", 10.4)
    save_time(tmp_path / "07_b.ipynb", 99.44)
    assert read_times(tmp_path) == {"01_a": 10.4, "07_b": 99.4}
    record = json.loads((tmp_path / NAME).read_text("utf-8"))["07_b"]
    assert record["python"] == platform.python_version()
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


@pytest.mark.parametrize("name", ["SPECTRA_TIER", "SPECTRA_DATA"])
def test_times_on_other_spectra_are_not_kept(tmp_path, lesson_tier, monkeypatch, name):
    monkeypatch.setenv(name, "tiny")
    save_time(tmp_path / "01_a.ipynb", 1)
    assert read_times(tmp_path) == {}


@pytest.mark.parametrize(
    ("seconds", "words"), [(9.6, "10"), (10.44, "10"), (43.9, "44"), (112.8, "110"), (0.54, "1")]
)
def test_times_are_told_with_two_digits(seconds, words):
    assert round_time(seconds) == words


@pytest.mark.parametrize("minutes", ["35 minutes", "35 minutes, and a lab of 15 minutes,"])
def test_only_the_seconds_are_written(minutes):
    header = f"# Lesson\n| **Time** | {minutes} to read and try; old words |\n| **Data** | 35 |"
    lesson = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(header)])
    write_time(lesson, 43.9)
    assert lesson.cells[0].source == header.replace("old words", "about 44 CPU seconds")
    table = "| [a](notebooks/01_a.ipynb) | **b** | 35 | 0 |\n| c | 35 | 0 |"
    assert fill_table(table, {"01_a": 10.4}) == table.replace("| 0 |\n", "| 10 |\n")
