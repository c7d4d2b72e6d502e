"""Lessons with widgets in a real browser: run all cells, move each slider, see the picture change.

JupyterLab runs on a free port with a copy of the lessons; Chromium is driven without a window.
Nothing is installed here: without Chromium the tests skip and say so.
"""

import re
import shutil

import nbformat
import pytest
from lab_in_browser import (
    CHROMIUM,
    CHROMIUM_OPTIONS,
    ROOT,
    LabPage,
    move_sliders,
    start_jupyter,
)

WIDGET_CALL = re.compile(r"\b(browse_files|browse_spectra|label_spectra|slide_\w+|interact)\(")
LONG = ("03", "06", "07")  # they train much: run up to the last widget, all cells run in notebooks/
pytestmark = pytest.mark.skipif(
    CHROMIUM is None,
    reason="no Chromium to move the sliders in (Debian, Ubuntu: apt install chromium)",
)
MANY_WIDGETS = """
import numpy as np
from astropy.table import Table
from sklearn.decomposition import PCA
from spectra_helpers import widgets
from spectra_helpers.data import WAVELENGTH, SpectraSet
from spectra_helpers.files import write_spectra

rng = np.random.default_rng(1)
flux = 20 + rng.normal(0, 1, (6, 3000)) + 9 * np.arange(6)[:, None]
truth = Table({"z": [0.1, 0.2, 2.0, 0.0, 0.1, 0.0], "snr": [20.0] * 6, "subtype": list("abcdef")})
spectra = SpectraSet(flux, [0, 0, 1, 2, 0, 2], np.arange(6), truth=truth)
proba = rng.dirichlet([1, 1, 1], 6)
maps = {10: rng.random(3000), 100: rng.random(3000)}
write_spectra("six.fits", spectra)
"""
MANY_CALLS = (
    "widgets.browse_spectra(spectra)",
    "widgets.browse_files(['six.fits'])",
    "widgets.slide_redshift(spectra)",
    "widgets.slide_smoothing(spectra)",
    "widgets.slide_snr(spectra)",
    "widgets.slide_components(WAVELENGTH, spectra.flux, PCA(3).fit(spectra.flux))",
    "widgets.slide_threshold(spectra.label, proba)",
    "widgets.slide_occlusion(WAVELENGTH, maps)",
    "widgets.label_spectra(spectra, [0, 1, 2], 'answers.csv')",
)


def find_widget_cells(cells):
    return [
        i for i, c in enumerate(cells) if c.cell_type == "code" and WIDGET_CALL.search(c.source)
    ]


def find_lessons_with_widgets():
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    return [p.name for p in paths if find_widget_cells(nbformat.read(p, as_version=4).cells)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Copy the lessons without their outputs; add one of all widgets and one run elsewhere."""
    folder = tmp_path_factory.mktemp("jupyter") / "notebooks"
    shutil.copytree(
        ROOT / "notebooks", folder, ignore=shutil.ignore_patterns(".*"), dirs_exist_ok=True
    )
    measured = folder.parent / "benchmarks"  # lessons quote some results from there
    measured.mkdir()
    for path in (ROOT / "benchmarks").glob("*.json"):
        shutil.copy(path, measured)
    for path in folder.glob("*.ipynb"):
        lesson = nbformat.read(path, as_version=4)
        if path.name.startswith(LONG):
            lesson.cells = lesson.cells[: find_widget_cells(lesson.cells)[-1] + 1]
        for cell in lesson.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(lesson, path)
    new = nbformat.v4
    cells = [new.new_code_cell(source) for source in (MANY_WIDGETS, *MANY_CALLS)]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = new.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, folder / "all_widgets.ipynb")
    from spectra_helpers.plotting import figure_to_html, plot_class_counts

    html = figure_to_html(plot_class_counts({"star": 5}), "Five.")
    output = new.new_output("display_data", {"text/html": html})
    cell = new.new_code_cell("1", outputs=[output], execution_count=1)
    notebook = new.new_notebook(cells=[cell], metadata=kernel)
    nbformat.write(notebook, folder / "run_elsewhere.ipynb")
    return folder


@pytest.fixture(scope="module")
def jupyter(folder):
    with start_jupyter(folder) as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    """Chromium with an empty profile, for all tests of this file."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        yield browser.new_context(viewport={"width": 1200, "height": 1000})
        browser.close()


@pytest.fixture
def lab(browser, jupyter):
    """An empty page; afterwards its kernels end, and errors in it fail the test."""
    lab = LabPage(browser, jupyter)
    yield lab
    lab.close()
    assert not lab.errors, lab.errors


@pytest.mark.parametrize("name", find_lessons_with_widgets())
def test_sliders_of_a_lesson(name, lab):
    lab.open(name)
    lab.run_all_cells()
    assert move_sliders(lab)


def test_every_widget_answers_the_keyboard(folder, lab):
    lab.open("all_widgets.ipynb")
    lab.run_all_cells()
    assert move_sliders(lab) >= 24
    cell = lab.find_widgets()[-1]
    assert lab.page.locator(".jp-OutputArea-output img:not([alt])").count() == 0
    assert lab.page.locator("[title=null]:visible").count() == 0
    lab.page.get_by_text("Save the picture").focus()
    with lab.page.expect_download() as download:
        lab.page.keyboard.press("Enter")
    assert download.value.suggested_filename == "six.fits_row_1.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    lab.press(cell, cell.query_selector("text=2 quasar"), "Enter")
    lab.press(cell, cell.query_selector("input[type=text]"), "3")
    lab.page.wait_for_selector("text=Spectrum 3 of 3")
    answers = (folder / "answers.csv").read_text().splitlines()
    assert [line.split(",")[2] for line in answers[1:]] == ["quasar", "star"]


def test_figures_of_a_notebook_that_was_run_elsewhere_are_shown(lab):
    lab.open("run_elsewhere.ipynb")
    picture = lab.page.get_by_alt_text("Bar chart of 5 spectra")
    picture.wait_for()
    assert picture.evaluate("image => image.naturalWidth") > 100
    assert lab.page.locator("figcaption").inner_text() == "Five."
