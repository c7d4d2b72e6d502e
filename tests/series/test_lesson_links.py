"""Bars and links to the glossary: complete, leading somewhere, and as the script writes them."""

import copy
import re
import tomllib

import nbformat
import pytest

from spectra_tools.series.installation import (
    make_source,
    read_repository,
    write_installation,
)
from spectra_tools.series.links import (
    PYPROJECT,
    find_first_use,
    link_terms,
    list_words,
    make_bar,
    read_glossary,
    write_links,
    write_urls,
)
from spectra_tools.series.notebooks import NOTEBOOKS, find_lessons

LINK = re.compile(r"\[[^\]]+\]\((?!https?:)([^)#]+)(?:#([^)]+))?\)")


def test_glossary_explains_each_word_once_in_both_languages():
    entries = read_glossary()
    assert len(entries) > 50
    for term, text in entries.items():
        chinese, explanation = text.split(" — ", 1)
        assert re.search(r"[\u4e00-\u9fff]", chinese), term
        assert len(explanation) > 25, term
        assert text[-1] in ".!)", term
    words = [word.lower() for entry in entries.items() for word in list_words(*entry)]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("path", find_lessons(), ids=lambda path: path.stem)
def test_links_are_as_the_script_writes_them(path):
    lesson = nbformat.read(path, as_version=4)
    again = copy.deepcopy(lesson)
    write_links(again, make_bar(path))
    write_installation(again, make_source(**read_repository()))
    assert [c.source for c in again.cells] == [c.source for c in lesson.cells], (
        "run python -m spectra_tools.series.links"
    )


@pytest.mark.parametrize("path", find_lessons(), ids=lambda path: path.stem)
def test_links_lead_somewhere(path):
    prose = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown"]
    links = LINK.findall("\n".join(prose))
    anchors = {term.replace(" ", "-") for term in read_glossary()}
    assert {anchor for page, anchor in links if page == "glossary.ipynb"} - {""} <= anchors
    assert all((NOTEBOOKS / page).resolve().exists() for page, _ in links)
    assert sum(page == "glossary.ipynb" for page, _ in links) > 12


def test_bars_lead_through_all_lessons():
    lessons = find_lessons()
    bars = [make_bar(path) for path in lessons]
    for before, after in zip(range(6), range(1, 7), strict=True):
        assert lessons[after].name in bars[before]
        assert lessons[before].name in bars[after]
    assert "←" not in bars[0]
    assert "→" not in bars[-1]


def test_only_open_prose_is_linked():
    closed = (
        "# A spectrum\n`spectrum` $spectrum$ | [spectrum](a.md) <b title='spectrum'>\n| spectrum |"
    )
    assert find_first_use([closed], ["spectrum"]) is None
    assert find_first_use([closed, "Two\nspectrums"], ["spectrum"]) == (1, 4, 13)
    assert find_first_use(["it fits", "a FITS file"], ["FITS"]) == (1, 2, 6)
    assert find_first_use(["a [spectrum](glossary.ipynb#s), a spectrum"], ["spectrum"])[1] is None
    once = link_terms(["The flux, and the flux."])
    assert once == ["The [flux](glossary.ipynb#flux), and the flux."]
    assert link_terms(once) == once


ADDRESS = "https://git.example/owner/name"


def test_addresses_of_the_project_come_from_its_one_address():
    text = PYPROJECT.read_text(encoding="utf-8")
    without = write_urls(text, "", "main")
    made = write_urls(text, ADDRESS + "/", "stable")
    assert tomllib.loads(made)["project"]["urls"] == {
        "Homepage": ADDRESS,
        "Documentation": ADDRESS + "#readme",
        "Repository": ADDRESS + ".git",
        "Changelog": ADDRESS + "/blob/stable/CHANGELOG.md",
        "Issues": ADDRESS + "/issues",
    }
    assert "urls" not in tomllib.loads(without)["project"]
    assert write_urls(made, ADDRESS, "stable") == made
    assert write_urls(made, "", "stable") == without
    kept = [line for line in made.splitlines() if ADDRESS not in line and line != "[project.urls]"]
    assert [line for line in kept if line] == [line for line in without.splitlines() if line]


def test_addresses_in_pyproject_are_as_the_script_writes_them():
    text = PYPROJECT.read_text(encoding="utf-8")
    assert write_urls(text, **read_repository()) == text, "run the script that writes links"
    assert (PYPROJECT.parent / "CHANGELOG.md").exists()
