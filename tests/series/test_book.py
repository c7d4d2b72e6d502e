"""The pages of the series: complete, whole without the network, and readable on a phone."""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from lab_in_browser import CHROMIUM, CHROMIUM_OPTIONS

from spectra_tools.series.instructor import find_page
from spectra_tools.series.notebooks import NOTEBOOKS, find_lessons

ROOT = NOTEBOOKS.parent
LESSONS = [path.stem for path in find_lessons()]
WIDGET = "application/vnd.jupyter.widget-view+json"
BUILD = "import sys, pathlib; from spectra_tools.series.book import build_book\n"
BUILD += "sys.exit(build_book(pathlib.Path(sys.argv[1])))"


class Page(HTMLParser):
    """The elements of a page: [(tag, attributes)], and its ids."""

    def __init__(self, path):
        super().__init__()
        self.path, self.elements = path, []
        self.feed(path.read_text(encoding="utf-8"))
        self.ids = {attributes["id"] for _, attributes in self.elements if "id" in attributes}

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def find(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def count(self, tag, word=""):
        return sum(word in (one.get("class") or "") for one in self.find(tag))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder with the pages; a warning of Sphinx is a failure."""
    folder = tmp_path_factory.mktemp("book")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def pages(folder):
    """Every page by its path in the folder; `_static` holds templates."""
    paths = [path for path in folder.rglob("*.html") if "_static" not in path.parts]
    return {path.relative_to(folder).as_posix(): Page(path) for path in paths}


@pytest.fixture(scope="module")
def lessons():
    return {path.stem: nbformat.read(path, as_version=4) for path in find_lessons()}


@pytest.fixture
def build_at(tmp_path):
    """Build a copy of the project that is published at an address; return what lesson 01 links."""

    def build(address):
        for name in ("book", "data", "figures", "notebooks"):
            skip = shutil.ignore_patterns("*.fits", "0[2-7]*", "instructor")
            shutil.copytree(ROOT / name, tmp_path / name, ignore=skip)
        shutil.copy(ROOT / "README.md", tmp_path)
        pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        pyproject = re.sub(r'repository = ".*"', f'repository = "{address}"', pyproject)
        (tmp_path / "pyproject.toml").write_text(pyproject, encoding="utf-8")
        command = [sys.executable, "-m", "sphinx", "-Q", "-c", "book", ".", "html"]
        subprocess.run(command, cwd=tmp_path, check=True)
        page = Page(tmp_path / "html" / "notebooks" / "01_explore_and_preview.html")
        return {one["href"] for one in page.find("a") if "href" in one}

    return build


def list_outputs(lesson):
    """Data of the outputs that the pages show."""
    cells = [cell for cell in lesson.cells if "hidden-test" not in cell.metadata.get("tags", ())]
    outputs = [out for cell in cells if cell.cell_type == "code" for out in cell.outputs]
    return [output.get("data", {}) for output in outputs]


def test_contents_name_every_page(pages):
    start = pages["book/index.html"]
    linked = {(start.path.parent / a["href"]).resolve() for a in start.find("a") if "href" in a}
    others = [page.path for name, page in pages.items() if "/" in name and page is not start]
    assert {path.resolve() for path in others} <= linked
    expected = {f"notebooks/{name}.html" for name in [*LESSONS, "glossary"]}
    expected |= {f"notebooks/instructor/{find_page(path).stem}.html" for path in find_lessons()}
    assert expected | {"data/README.html", "index.html"} <= set(pages)


def test_links_inside_lead_somewhere(pages, folder):
    broken = []
    for name, page in pages.items():
        for attributes in [attributes for _, attributes in page.elements]:
            for link in filter(None, map(attributes.get, ("href", "src"))):
                parts = urlsplit(link)
                if parts.scheme or parts.netloc:
                    continue
                target = page.path.parent / unquote(parts.path) if parts.path else page.path
                target = target.resolve()
                other = pages.get(target.relative_to(folder.resolve()).as_posix())
                ids = other.ids if other else ()
                if not target.is_file() or (
                    parts.fragment and other and unquote(parts.fragment) not in ids
                ):
                    broken.append(f"{name}: {link}")
    assert not broken


def test_nothing_comes_from_the_network(pages, folder):
    for name, page in pages.items():
        sources = [one.get("src") or "" for tag in ("script", "img") for one in page.find(tag)]
        sources += [one["href"] for one in page.find("link") if "href" in one]
        assert not [one for one in sources if re.match(r"(https?:)?//", one)], name
    for path in folder.rglob("*.css"):
        assert not re.search(r"(url\(|@import)[\s\"']*(https?:)?//", path.read_text("utf-8")), path


@pytest.mark.parametrize("name", LESSONS)
def test_figures_are_there_with_alternative_text(pages, lessons, name):
    images = pages[f"notebooks/{name}.html"].find("img")
    shown = sum(data.get("text/html", "").count("<img") for data in list_outputs(lessons[name]))
    assert len([one for one in images if one["src"].startswith("data:")]) == shown > 0


def test_every_image_has_alternative_text(pages):
    for name, page in pages.items():
        assert all((one.get("alt") or "").strip() for one in page.find("img")), name


@pytest.mark.parametrize("name", LESSONS)
def test_answers_stay_folded_and_widgets_become_a_note(pages, lessons, name):
    page = pages[f"notebooks/{name}.html"]
    prose = [cell.source for cell in lessons[name].cells if cell.cell_type == "markdown"]
    assert page.count("details") == sum(text.count("<details>") for text in prose) > 3
    widgets = sum(WIDGET in data for data in list_outputs(lessons[name]))
    assert page.count("p", "widget-note") == widgets > 0
    text = page.path.read_text(encoding="utf-8")
    assert "children=(" not in text
    assert "widget-state" not in text


def test_formulas_are_drawn_with_their_words(pages, lessons):
    first = pages["notebooks/01_explore_and_preview.html"]
    words = [one["aria-label"] for one in first.find("svg") if one.get("class") == "formula"]
    prose = [cell.source for cell in lessons["01_explore_and_preview"].cells]
    assert len(words) > 10
    assert all(any(word in text for text in prose) for word in words)


@pytest.mark.parametrize("name", LESSONS)
def test_lesson_can_be_downloaded_as_it_is(pages, folder, name):
    page = pages[f"notebooks/{name}.html"]
    links = {a["href"] for a in page.find("a") if "href" in a}
    assert f"../_sources/notebooks/{name}.ipynb" in links
    original = (NOTEBOOKS / f"{name}.ipynb").read_bytes()
    assert (folder / "_sources" / "notebooks" / f"{name}.ipynb").read_bytes() == original


def test_page_has_buttons_for_binder_and_colab_where_the_project_has_an_address(build_at):
    links = build_at("https://github.com/someone/lessons")
    path = "notebooks/01_explore_and_preview.ipynb"
    assert f"https://mybinder.org/v2/gh/someone/lessons/main?urlpath=lab/tree/{path}" in links
    colab = "https://colab.research.google.com/github/someone/lessons/blob/main"
    assert f"{colab}/{path}" in links


def test_page_has_no_such_button_without_an_address(build_at):
    assert not [link for link in build_at("") if re.search("binder|colab", link)]


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install one")
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_moves_sideways_or_asks_the_network(pages, width):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        tab = browser.new_page(viewport={"width": width, "height": 800})
        problems = []
        tab.on("pageerror", lambda error: problems.append(str(error)))
        tab.on("request", lambda one: one.url.startswith("http") and problems.append(one.url))
        tab.goto(pages["index.html"].path.as_uri())
        tab.wait_for_url("**/book/index.html")  # the front door leads on by itself
        for name in sorted(set(pages) - {"index.html"}):
            tab.goto(pages[name].path.as_uri())
            unfold = "document.querySelectorAll('details').forEach(one => one.open = true)"
            tab.evaluate(unfold)
            page_width = tab.evaluate("document.documentElement.scrollWidth")
            if page_width > width:
                problems.append(f"{name} is {page_width} pixels wide")
        browser.close()
    assert not problems


def test_help_of_sphinx_is_shown():
    command = [sys.executable, "-m", "spectra_tools.series.book", "--help"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--fresh-env" in done.stdout
