"""Sliders over spectra: browse, redshift, smoothing, noise (lessons 01 to 03)."""

import ipywidgets as w
import numpy as np

from spectra_helpers import plotting as p
from spectra_helpers.data import CLASSES
from spectra_helpers.widgets.controls import (
    LOOK,
    SNRS,
    choice_slider,
    explore,
    int_slider,
    redshift_controls,
    zoom_slider,
)

VIEWS = {
    "whole spectrum": None,
    "Hβ and Mg b at z = 0 (4750 to 5300 Å)": (4750, 5300),
    "Na D (5750 to 6050 Å)": (5750, 6050),
    "Hα at z = 0 (6450 to 6700 Å)": (6450, 6700),
}


def _choose_rows(spectra, rows, classes=CLASSES, each=4):
    """Rows as given, or the first few of each class in `classes`."""
    if rows is not None:
        return np.atleast_1d(rows)
    found = [np.flatnonzero(spectra.label == CLASSES.index(name))[:each] for name in classes]
    return np.concatenate(found)


def browse_spectra(spectra):
    """Browse a set of spectra by class and number, smoothed or raw, truth on request.

    Parameters
    ----------
    spectra : SpectraSet
        The spectra; each class remembers which of its spectra was looked at.
    """
    groups = {"all": np.arange(len(spectra))}
    groups |= {name: np.flatnonzero(spectra.label == i) for i, name in enumerate(CLASSES)}
    groups = {name: rows for name, rows in groups.items() if len(rows)}
    last = dict.fromkeys(groups, 0)
    group = w.Dropdown(options=list(groups), description="class", **LOOK)
    number = int_slider(0, len(spectra) - 1, 0, "number in the class")
    window = int_slider(1, 51, 1, "smoothing window (pixels)")
    truth = w.Checkbox(False, description="show what it is", indent=True, **LOOK)

    def change_group(change):
        last[change.old] = number.value
        target, highest = last[change.new], len(groups[change.new]) - 1
        if highest >= number.max:
            number.max, number.value = highest, target
        else:
            number.value = min(target, highest)
            number.max = highest

    group.observe(change_group, "value")

    def row_of(group, number):
        return int(groups[group][min(number, len(groups[group]) - 1)])

    return explore(
        lambda group, number, **view: p.plot_browse(spectra, row_of(group, number), **view),
        group=group, number=number, window=window, truth=truth, zoom=zoom_slider(),
    )  # fmt: skip


def slide_redshift(spectra, rows=None):
    """Slide the line list over spectra until its lines meet those of the object.

    Parameters
    ----------
    spectra : SpectraSet
        Spectra with a truth table for "show what it is".
    rows : int or sequence of int, optional
        Which spectra; default: a few galaxies and quasars.
    """
    rows = _choose_rows(spectra, rows, ("galaxy", "quasar"))
    number = int_slider(1, len(rows), 1, "spectrum")
    reach, redshift = redshift_controls()
    truth = w.Checkbox(False, description="show what it is", **LOOK)

    def arguments(number, redshift, truth, zoom, **_):
        return spectra, int(rows[number - 1]), redshift, truth, True, zoom

    return explore(
        lambda **values: p.plot_redshift(*arguments(**values)),
        number=number, reach=reach, redshift=redshift, truth=truth, zoom=zoom_slider(),
    )  # fmt: skip


def slide_trial_redshift(wavelength, scans):
    """Slide the template that fits best over a spectrum, and see χ² at each trial redshift.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
    scans : dict of str to (ndarray, RedshiftScan)
        Name of a spectrum, and its flux and matches; all at the same trial redshifts.
    """
    z = next(iter(scans.values()))[1].z
    name = w.Dropdown(options=list(scans), description="spectrum", **LOOK)
    redshift = w.FloatSlider(float(z[0]), min=float(z[0]), max=float(z[-1]), step=0.001,
                             readout_format=".3f", description="trial redshift",
                             continuous_update=False, **LOOK)  # fmt: skip
    return explore(
        lambda name, redshift: p.plot_redshift_scan(wavelength, *scans[name], redshift),
        name=name, redshift=redshift,
    )  # fmt: skip


def slide_smoothing(spectra, rows=None):
    """Slide window and order of the Savitzky-Golay filter and see what it removes.

    Parameters
    ----------
    spectra : SpectraSet
        The spectra.
    rows : int or sequence of int, optional
        Which spectra; default: a few of each class.
    """
    rows = _choose_rows(spectra, rows)

    def arguments(number, window, order):
        return spectra.wavelength, spectra.flux[rows[number - 1]], window, order

    return explore(
        lambda view, **values: p.plot_smoothing(*arguments(**values), zoom=VIEWS[view]),
        number=int_slider(1, len(rows), 1, "spectrum"),
        window=int_slider(6, 61, 10, "window (pixels)"),
        order=int_slider(0, 5, 3, "polynomial order"),
        view=w.Dropdown(options=list(VIEWS), description="show", **LOOK),
    )


def slide_snr(spectra, rows=None):
    """Slide the signal-to-noise ratio of added noise and see when a class is no longer seen.

    Parameters
    ----------
    spectra : SpectraSet
        The spectra.
    rows : int or sequence of int, optional
        Which spectra; default: a few of each class.
    """
    rows = _choose_rows(spectra, rows)
    return explore(
        lambda number, **values: p.plot_noisy(spectra, int(rows[number - 1]), **values),
        number=int_slider(1, len(rows), 1, "spectrum"),
        snr=choice_slider(SNRS, SNRS[0], "signal-to-noise ratio"),
        zoom=zoom_slider(),
    )
