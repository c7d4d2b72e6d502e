"""How a notebook shows figures: once, with their words; stills beside each other; one's own."""

import html
import re

import nbformat
import pytest
from nbclient import NotebookClient

from spectra_helpers.lessons import filmstrip
from spectra_helpers.plotting import plot_class_counts

PICTURES = {"text/html", "image/png", "image/svg+xml"}
OPEN = """
from IPython.display import display
from spectra_helpers.lessons import filmstrip, start_lesson
from spectra_helpers.plotting import plot_class_counts, plot_spectrum
from spectra_helpers.simulate import simulate_survey

start_lesson(1, "Explore")
counts = {"star": 3, "quasar": 1}
few = simulate_survey(3, 1)
stills = {"few": {"counts": {"star": 3}}, "many": {"counts": {"star": 30}}}
"""
WORDS = "Bar chart of 4 spectra: 3 of class star (75.0%), 1 of class quasar (25.0%)."
CELLS = {
    "last line": "plot_class_counts(counts)",
    "kept": "fig = plot_class_counts(counts)\nfig",
    "again": "fig",
    "displayed": "display(plot_class_counts(counts))",
    "not last": "plot_class_counts(counts)\n2 + 2",
    "twice": "for _ in range(2):\n    display(fig)",
    "saved": "fig = plot_class_counts(counts)\nfig.savefig('counts.png')\nfig",
    "stills": "filmstrip(plot_class_counts, stills)",
    "own": "import matplotlib.pyplot as plt\nplt.plot([1, 2]);",
    "own axes": "_, ax = plt.subplots()\nplot_spectrum(few.wavelength, few.flux[0], ax=ax)",
    "after %matplotlib": "%matplotlib inline\nplot_class_counts(counts)",
    "other formats": "%config InlineBackend.figure_formats = ['svg']\nplot_class_counts(counts)",
    "own once more": "plt.plot([1, 2]);",
    "none": "counts",
}
ONCE = ("last line", "kept", "again", "displayed", "not last", "saved", "after %matplotlib",
        "other formats")  # fmt: skip


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Run the cells in a kernel; return, for each, the data of the outputs that hold a picture."""
    cells = [nbformat.v4.new_code_cell(source) for source in (OPEN, *CELLS.values())]
    notebook = nbformat.v4.new_notebook(cells=cells)
    folder = tmp_path_factory.mktemp("notebook")
    client = NotebookClient(notebook, timeout=120, kernel_name="python3",
                            resources={"metadata": {"path": str(folder)}})  # fmt: skip
    client.execute()
    found = {}
    for name, cell in zip(CELLS, cells[1:], strict=True):
        data = [output.get("data", {}) for output in cell.outputs]
        found[name] = [one for one in data if set(one) & PICTURES]
    return found


@pytest.mark.parametrize("name", ONCE)
def test_figure_is_shown_once_with_its_words_and_one_copy_of_the_picture(outputs, name):
    (data,) = outputs[name]
    assert set(data) == {"text/html", "text/plain"}
    assert data["text/plain"] == f"Figure. {WORDS}"
    assert data["text/html"].count("<img") == 1
    assert html.unescape(re.search(r'alt="([^"]+)"', data["text/html"])[1]) == WORDS
    assert len(data["text/html"]) < 10_000  # a palette of 128 colours


def test_figure_can_be_shown_twice(outputs):
    first, second = outputs["twice"]
    assert first["text/html"].count("<img") == second["text/html"].count("<img") == 1


def test_same_figure_gives_the_same_bytes(outputs):
    assert outputs["last line"] == outputs["kept"] == outputs["displayed"]


@pytest.mark.parametrize(("name", "form"), [("own", "png"), ("own once more", "svg+xml")])
def test_students_own_figure_is_shown_as_usual(outputs, name, form):
    (data,) = outputs[name]
    assert set(data) == {f"image/{form}", "text/plain"}
    assert data["text/plain"].startswith("<Figure")


def test_spectrum_in_a_students_axes_is_shown_once_with_words(outputs):
    (data,) = outputs["own axes"]
    assert data["text/plain"].startswith("Figure. Line plot of a spectrum, 3900 to 9000 Å")
    assert data["text/html"].count("<img") == 1


def test_stills_are_shown_side_by_side_each_with_its_own_words(outputs):
    (data,) = outputs["stills"]
    assert data["text/html"].count("<img") == 2
    for words, n in (("few", 3), ("many", 30)):
        alt = f"Bar chart of {n} spectra: {n} of class star (100.0%)."
        assert f"<b>{words}</b>" in data["text/html"]
        assert f'alt="{alt}"' in data["text/html"]
        assert f"{words}: {alt}" in data["text/plain"]


def test_nothing_is_shown_where_nothing_was_drawn(outputs):
    assert outputs["none"] == []


def test_stills_need_settings():
    with pytest.raises(ValueError, match="Stills need settings"):
        filmstrip(plot_class_counts, {})
