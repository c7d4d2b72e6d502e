"""All figures: readable, small, described; shown as HTML and saved with their words."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image
from plot_calls import CALLS, all_texts, call, draw, read

from spectra_helpers import plotting
from spectra_helpers.plotting import answers, galleries, network, processing, spectra

SMALL_PRINT = {"atlas"}  # a poster, not a slide


@pytest.mark.parametrize("name", sorted(CALLS))
def test_figure_is_readable_labelled_small_and_described(name):
    fig = call(name)
    png = plotting.figure_to_png(fig)
    labels = [fig.get_supxlabel(), fig.get_supylabel()]
    labels += [text for ax in fig.axes for text in (ax.get_xlabel(), ax.get_ylabel())]
    assert any(labels)
    if name not in SMALL_PRINT:
        assert min(text.get_fontsize() for text in all_texts(fig).values()) >= 11
    assert fig.alt_text.endswith(".")
    assert any(letter.isdigit() for letter in fig.alt_text)
    assert len(png) < 120_000
    assert Image.open(io.BytesIO(png)).size[0] <= 900


@pytest.mark.parametrize("name", ["spectrum", "browse", "smoothing", "augmented", "atlas"])
def test_no_text_overlaps_another(name):
    fig = call(name)
    renderer = draw(fig)
    boxes = [t.get_window_extent(renderer).shrunk(0.95, 0.8) for t in all_texts(fig).values()]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_every_plot_function_is_tested_here():
    plots = {name.removeprefix("plot_") for name in plotting.__all__ if name.startswith("plot_")}
    assert plots == {*CALLS, "network"}


@pytest.mark.parametrize(
    ("name", "module", "costly"),
    [
        ("smoothing", processing, "smooth_savgol"),
        ("stages", spectra, "smooth_savgol"),
        ("boundaries", answers, "_map_plane"),
        ("coverage", answers, "compute_coverage"),
        ("kernel", network, "answer_kernel"),
        ("atlas", galleries, "choose_atlas_rows"),
    ],
)
def test_words_are_made_of_what_was_drawn_and_computed_once(name, module, costly, monkeypatch):
    compute, asked = getattr(module, costly), []
    monkeypatch.setattr(
        module, costly, lambda *x, **options: asked.append(x) or compute(*x, **options)
    )
    call(name)
    assert len(asked) == (2 if name == "atlas" else 1)  # simulated ones and real ones


@pytest.mark.parametrize("name", sorted(CALLS))
def test_figure_can_be_drawn_twice(name):
    fig = call(name)
    first, second = (read(plotting.figure_to_png(fig, None)) for _ in range(2))
    assert first.shape == second.shape
    moved = np.abs(first.astype(int) - second).mean() / 255  # the layout is looked for anew
    assert moved < 0.01


def test_plots_leave_the_users_settings_alone():
    before = dict(plt.rcParams)
    call("spectrum")
    assert dict(plt.rcParams) == before


def test_html_holds_picture_alt_and_caption_and_closes_the_figure():
    fig = plotting.with_words(plt.figure(), 'peak "at" 5 < 6')
    fig.add_subplot().plot([1, 2])
    html = plotting.figure_to_html(fig, "see <this>")
    assert 'alt="peak &quot;at&quot; 5 &lt; 6"' in html
    assert "<figcaption>see &lt;this&gt;</figcaption>" in html
    assert 'src="data:image/png;base64,' in html


@pytest.mark.parametrize("words", [None, "", " "])
def test_figure_without_alternative_text_is_refused(words, tmp_path):
    fig = plt.figure()
    if words is not None:
        plotting.with_words(fig, words)
    with pytest.raises(ValueError, match="A figure needs alternative text"):
        plotting.figure_to_html(fig)
    with pytest.raises(ValueError, match="A figure needs alternative text"):
        plotting.save_figure(fig, tmp_path / "empty.png")
    assert not list(tmp_path.iterdir())


def test_other_words_can_take_the_place_of_a_figures_own():
    assert 'alt="Five stars."' in plotting.figure_to_html(call("class_counts"), alt="Five stars.")


@pytest.mark.parametrize("alt", [None, "Three classes."])
def test_saved_picture_carries_its_description(tmp_path, alt):
    fig = call("class_counts")
    plotting.save_figure(fig, tmp_path / "counts.png", alt)
    assert Image.open(tmp_path / "counts.png").text["Description"] == (alt or fig.alt_text)


@pytest.mark.parametrize("name", ["counts", "counts.jpg", "counts.png.txt"])
def test_picture_needs_a_known_ending(tmp_path, name):
    with pytest.raises(ValueError, match=rf"{name}.* \.png, \.svg or \.pdf"):
        plotting.save_figure(call("class_counts"), tmp_path / name)
    assert not list(tmp_path.iterdir())
