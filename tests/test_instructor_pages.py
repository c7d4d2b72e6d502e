"""The lecturer's pages hold every exercise, solution, question and answer of the lessons."""

import re

import nbformat
import pytest

from spectra_helpers.lesson_tools.instructor import find_page, make_page
from spectra_helpers.lesson_tools.run import find_lessons

NOTES = (
    "In class",
    "When time is short",
    "What students get wrong",
    "To talk about",
    "Before the meeting",
)


@pytest.fixture(params=find_lessons(), ids=lambda path: path.stem)
def lesson(request):
    return request.param


def test_page_and_lesson_agree(lesson):
    page = find_page(lesson).read_text("utf-8")
    assert make_page(lesson, page) == page, "run python -m spectra_helpers.lesson_tools.instructor"


def test_page_holds_all_solutions_and_answers(lesson):
    page = find_page(lesson).read_text("utf-8")
    source = "\n".join(cell.source for cell in nbformat.read(lesson, as_version=4).cells)
    assert page.count("**Solution.**") == source.count("<b>Solution</b>") >= 2
    asked = source.split("## Ask yourself")[1]
    assert page.count("*Answer.*") == asked.count("<summary>Answer</summary>") >= 3
    assert "<details>" not in page
    assert "glossary.ipynb" not in page


def test_notes_are_complete_and_their_plan_fills_the_meeting(lesson):
    page = find_page(lesson).read_text("utf-8")
    sections = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n?)*)", page, flags=re.MULTILINE))
    title = nbformat.read(lesson, as_version=4).cells[0].source.split("\n")[0]
    assert page.startswith(title.replace("# Lesson", "# Teaching lesson"))
    for name in NOTES:
        assert len(sections[name].strip()) > 100, name
    plan = re.findall(r"^\| (\d+) \|", sections["In class"], flags=re.MULTILINE)
    assert sum(map(int, plan)) == 90
    assert sections["What students get wrong"].count("\n|") >= 5
    assert sections["To talk about"].count("?") >= 3
