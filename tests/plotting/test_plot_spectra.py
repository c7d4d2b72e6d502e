"""Plots of one spectrum: its data, its lines, its limits."""

from contextlib import nullcontext

import numpy as np
import pytest
from plot_calls import HALPHA, SURVEY, Z, all_texts, draw

from spectra_helpers import plotting
from spectra_helpers.data import WAVELENGTH
from spectra_helpers.plotting import axes, figures


def test_spectrum_plots_its_data_with_units():
    flux = SURVEY.flux[0]
    ax = plotting.plot_spectrum(WAVELENGTH, flux, 0).axes[0]
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), WAVELENGTH)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), flux)
    assert ax.get_xlabel() == "wavelength (vacuum Å)"
    assert ax.get_ylabel() == "flux (survey units)"
    assert ax.lines[0].get_color() == plotting.PALETTE["galaxy"]
    assert ax.get_title(loc="left") == "galaxy"


def test_marked_lines_stand_at_rest_times_one_plus_z():
    fig = plotting.plot_spectrum(WAVELENGTH, SURVEY.flux[0], lines=["Hα", "Hβ"], redshift=Z)
    drawn = [segment[0, 0] for segment in fig.axes[0].collections[0].get_segments()]
    assert drawn == pytest.approx([4862.68 * (1 + Z), HALPHA * (1 + Z)], abs=0.05)
    sentence = plotting.plot_spectrum(WAVELENGTH, SURVEY.flux[0], 0, None, ["Hα", "Mg"], Z).alt_text
    assert "galaxy" in sentence
    assert "Hα at 6893 Å" in sentence
    assert "Mg b at" in sentence  # named as in the figure
    assert "highest near 689" in sentence


@pytest.mark.parametrize("width", [nullcontext, figures.as_stills])
@pytest.mark.parametrize("z", [0.0, 0.03, 0.3, 1.0, 2.2, 3.5, 4.9])
def test_line_labels_never_overlap(z, width):
    with width():
        fig = plotting.plot_spectrum(WAVELENGTH, SURVEY.flux[2], lines=True, redshift=z)
    renderer = draw(fig)
    labels = fig.axes[0].texts
    boxes = [text.get_window_extent(renderer) for text in labels]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])
        assert box.x1 <= fig.bbox.x1 + 1
    assert len(labels) >= min(3, len(axes.choose_lines(True, z, 3900, 9000)))


def test_a_cosmic_ray_does_not_press_the_spectrum_flat():
    flux = SURVEY.flux[2].copy()
    flux[1000] = 1e5
    ax = plotting.plot_spectrum(WAVELENGTH, flux).axes[0]
    assert ax.get_ylim()[1] < 400
    (triangle,) = ax.lines[1:]
    assert triangle.get_xdata() == pytest.approx([WAVELENGTH[1000]])


@pytest.mark.parametrize("plot", [plotting.plot_spectrum, plotting.plot_stages])
def test_dollars_in_a_title_make_no_formula(plot):
    fig = plot(WAVELENGTH, SURVEY.flux[0], title="a$_$b.fits")
    draw(fig)
    (title,) = [text for words, text in all_texts(fig).items() if words == "a$_$b.fits"]
    assert title.get_window_extent().width > 60  # all of its letters


@pytest.mark.parametrize("flux", [np.zeros(3000), np.full(3000, np.nan), np.full(3000, -5.0)])
def test_flat_or_empty_spectrum_can_be_drawn(flux):
    fig = plotting.plot_spectrum(WAVELENGTH, flux, lines=True)
    draw(fig)
    assert fig.alt_text


def test_spectra_in_axes_given_are_all_described():
    fig, (left, right) = plotting.new_figure(1, 2)
    assert plotting.plot_spectrum(WAVELENGTH, SURVEY.flux[0], 0, ax=right) is fig
    assert not left.lines
    assert right.lines
    plotting.plot_spectrum(WAVELENGTH, SURVEY.flux[2], 2, ax=left)
    galaxy, star = fig.alt_text.split(". ")
    assert galaxy.startswith("Line plot of a galaxy")
    assert star.startswith("Line plot of a star")
