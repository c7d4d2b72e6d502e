"""Pictures of one widget: nothing cut off, nothing on top of each other, the axes in one place."""

import io
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from spectra_helpers.plotting import figure_to_png, plot_augmented, plot_kernel, plot_spectrum
from spectra_helpers.widgets.steady import SteadyLayout

WAVELENGTH = np.linspace(3900, 9000, 300)
SCALES = (1, 1e5, 30, 1e-3)  # tick labels from narrow to wide


def draw(scale):
    flux = scale * (2 + np.sin(WAVELENGTH / 300))
    return plot_augmented(WAVELENGTH, {"as observed": flux, "again": flux})


def read(png):
    return np.asarray(Image.open(io.BytesIO(png)))


def find_frame(picture):
    """Return the row and column of the lower left corner of the axes: the longest dark lines."""
    dark = picture[..., :3].max(axis=2) < 60
    return int(dark.sum(axis=1).argmax()), int(dark.sum(axis=0).argmax())


def test_first_picture_is_that_of_matplotlib():
    assert np.array_equal(
        read(SteadyLayout().draw_png(partial(draw, 1))[0]), read(figure_to_png(draw(1), None))
    )


def test_axes_move_at_most_once_for_wider_labels_and_never_back():
    layout = SteadyLayout()
    pictures = [read(layout.draw_png(partial(draw, scale))[0]) for scale in (*SCALES, *SCALES)]
    assert len({find_frame(picture) for picture in pictures[len(SCALES) :]}) == 1


@pytest.mark.parametrize("scale", SCALES)
def test_label_of_all_panels_keeps_clear_of_wider_tick_labels(scale):
    layout = SteadyLayout()
    layout.draw_png(partial(draw, 1))[0]
    picture = read(layout.draw_png(partial(draw, scale))[0])
    margin = picture[:, : find_frame(picture)[1] - 2].min(axis=(0, 2)) < 200  # columns with ink
    gaps = np.flatnonzero(~margin[margin.argmax() :])
    assert gaps[0] < 30, "the label of the flux axis touches the tick labels"


@pytest.mark.parametrize("scale", SCALES)
def test_no_label_is_cut_off(scale):
    layout = SteadyLayout()
    layout.draw_png(partial(draw, 1))[0]
    picture = read(layout.draw_png(partial(draw, scale))[0])
    assert picture[[0, -1]].min() == 255
    assert picture[:, [0, -1]].min() == 255


def test_line_labels_get_room_when_they_come():
    layout = SteadyLayout()
    for lines in (None, ["Hα", "[N II]"]):
        plot = partial(plot_spectrum, WAVELENGTH, np.sin(WAVELENGTH), title="a title", lines=lines)
        assert read(layout.draw_png(plot)[0])[0].min() == 255


def test_room_is_found_once_for_pictures_alike(monkeypatch):
    found = []
    find = SteadyLayout._find_room
    monkeypatch.setattr(SteadyLayout, "_find_room", lambda *x: found.append(1) or find(*x))
    layout = SteadyLayout()
    weights = np.random.default_rng(1).normal(size=(3, 5, 9))
    for kernel in weights:
        plot = partial(plot_kernel, kernel, WAVELENGTH, WAVELENGTH, np.ones((30, 9)))
        layout.draw_png(plot)
    assert len(found) == 1


def test_words_are_inside_the_picture_and_no_figure_stays_open():
    png, alt = SteadyLayout().draw_png(partial(draw, 1))
    assert alt == draw(1).alt_text
    assert Image.open(io.BytesIO(png)).info["Description"] == alt
    assert plt.get_fignums() == []
