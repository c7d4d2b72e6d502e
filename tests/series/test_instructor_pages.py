"""The lecturer's pages hold every exercise, solution, question and answer of the lessons."""

import math
import re

import nbformat
import pytest
from astropy.stats import binom_conf_interval

from spectra_tools.series.instructor import MARKER, find_page, make_page
from spectra_tools.series.notebooks import find_lessons
from spectra_tools.series.run import read_table

NOTES = (
    "In class",
    "When time is short",
    "What students get wrong",
    "To talk about",
    "Before the meeting",
)
# Numbers of the notes that the lesson does not print, and how to work them out.
DERIVED = {
    "04_features_and_pca": {
        "0.001": 0.5 / 500,  # steps of the redshift slider
        "0.005": 5 / 1000,
        "0.000025": 0.005**2,
    },
    "05_random_forest_and_svm": {
        "0.01826": 1 / math.sqrt(3000),
        "0.106": 85 / 800,
        "0.9997": math.exp(-4.4e-9 * 60_000),
    },
    "06_cnn": {"0.025": 1 / 40},
    "07_comparison": {  # the CNN's quasars: 75 of 83 found, with 1 galaxy of 267, 2 stars of 446
        "0.904": 75 / 83,
        "0.962": 75 / 78,
        "0.678": 0.01 * 75 / 83 / (0.2 / 267 + 0.01 * 75 / 83 + 0.79 * 2 / 446),
        "0.991": 0.01 * 75 / 83 / (0.01 * (1 / 267 + 75 / 83 + 2 / 446)),
        "0.0012": binom_conf_interval(2, 446, 0.95, "wilson")[0],
        "0.0162": binom_conf_interval(2, 446, 0.95, "wilson")[1],
        "0.0025": 1 / 398,
        "0.0625": 2 / 2**5,  # McNemar's p where five spectra all speak for one model
    },
}
# Numbers that another lesson prints.
QUOTED = {"05_random_forest_and_svm": {"0.657": "04_features_and_pca"}}
NUMBER = re.compile(r"\d+\.\d{3,}|\d+\.\d(?=\s?%)")


@pytest.fixture(params=find_lessons(), ids=lambda path: path.stem)
def lesson(request):
    return request.param


def test_page_and_lesson_agree(lesson):
    page = find_page(lesson).read_text("utf-8")
    assert make_page(lesson, page) == page, "run python -m spectra_tools.series.instructor"


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


def read_numbers(text):
    """Return the numbers with three or more decimals, and the percentages with one."""
    return set(NUMBER.findall(text))


def read_lesson(path):
    """Return what stands in a lesson: sources, printed text, captions and alt texts."""
    parts = []
    for cell in nbformat.read(path, as_version=4).cells:
        parts.append(cell.source)
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            caption = re.sub(r"<[^>]*>", " ", data.get("text/html", ""))
            parts += [output.get("text", ""), data.get("text/plain", ""), caption]
    return "\n".join(parts)


def test_numbers_of_the_notes_stand_in_the_lesson(lesson):
    notes = find_page(lesson).read_text("utf-8").split(MARKER)[0]
    elsewhere = {*DERIVED.get(lesson.stem, ()), *QUOTED.get(lesson.stem, ())}
    unknown = read_numbers(notes) - read_numbers(read_lesson(lesson)) - elsewhere
    assert not unknown, "correct these numbers, or say in DERIVED how to work them out"


def test_other_numbers_of_the_notes_are_right(lesson):
    for number, value in DERIVED.get(lesson.stem, {}).items():
        assert f"{value:.{len(number.split('.')[1])}f}" == number
    for number, stem in QUOTED.get(lesson.stem, {}).items():
        assert number in read_numbers(read_lesson(lesson.with_name(f"{stem}.ipynb")))


def test_mistakes_that_the_class_counts_are_those_of_the_table_of_lesson_07():
    (path,) = find_lessons([7])
    table = read_table(nbformat.read(path, as_version=4))
    n = int(re.search(r"(\d+) test spectra", table)[1])
    accuracy = dict(re.findall(r"^(.+?) {2,}([01]\.\d{3}) ", table, flags=re.MULTILINE))
    missed = {name: round((1 - float(value)) * n) for name, value in accuracy.items()}
    counts = (
        f"{missed['CNN']} for the CNN, {missed['random forest']} for the forest, "
        f"{missed['SVM']} for the SVM, {missed['template matching']} for the templates, of {n}"
    )
    assert counts in find_page(path).read_text("utf-8")
