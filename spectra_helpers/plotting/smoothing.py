"""Plots that explain Savitzky-Golay smoothing and help to choose its window (lesson 02)."""

import numpy as np

from spectra_helpers.plotting.style import (
    ACCENT,
    FLUX_LABEL,
    INK,
    MUTED,
    PALETTE,
    SHADE,
    WAVELENGTH_LABEL,
    new_figure,
    styled,
)
from spectra_helpers.plotting.words import with_words
from spectra_helpers.preprocess import fit_locally

FAINT = "#A6A6A6"
CURVES = (  # colour, line style, marker: each curve differs from the others in all three
    (INK, "-", "o"),
    (PALETTE["galaxy"], "--", "s"),
    (PALETTE["quasar"], "-.", "^"),
    (ACCENT, ":", "D"),
    (PALETTE["star"], (0, (3, 1, 1, 1)), "v"),
)


@styled
def plot_local_fit(wavelength, flux, pixel, window=11, polyorder=3):
    """Plot the pixels of one window, the polynomial through them, and its value in the middle.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        The spectrum, vacuum Å and survey units.
    pixel, window, polyorder : int
        As in `fit_locally`.
    """
    pixels, polynomial = fit_locally(flux, pixel, window, polyorder)
    around = slice(pixel - 2 * window, pixel + 2 * window + 1)
    fine = np.linspace(pixels[0], pixels[-1], 200)
    x = np.interp(fine, np.arange(len(wavelength)), wavelength)
    fig, ax = new_figure(figsize=(9, 3.4))
    half_pixel = (wavelength[pixel + 1] - wavelength[pixel]) / 2
    ax.axvspan(wavelength[pixels[0]] - half_pixel, wavelength[pixels[-1]] + half_pixel, color=SHADE)
    ax.plot(wavelength[around], flux[around], ".", color=MUTED, markersize=7, label="pixels")
    ax.plot(x, polynomial(fine), color=ACCENT, lw=2, label=f"polynomial of order {polyorder}")
    ax.plot(wavelength[pixel], polynomial(pixel), "D", color=INK, markersize=9, label="new value")
    ax.margins(x=0.01)
    ax.set(xlabel=WAVELENGTH_LABEL, ylabel=FLUX_LABEL)
    ax.legend(loc="best")
    return with_words(
        fig,
        f"Pixels of a spectrum near {wavelength[pixel]:.0f} Å, a shaded window of {window} of them "
        f"and a polynomial of order {polyorder} through these; in the middle the flux is "
        f"{flux[pixel]:.4g} and the polynomial {polynomial(pixel):.4g}.",
    )


@styled
def plot_overlay(wavelength, versions, zoom):
    """Plot versions of one spectrum on top of each other in a short range of wavelengths.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    versions : dict of str to ndarray, shape (n_pixels,)
        Name and flux of each version, up to six; the first is drawn in grey.
    zoom : tuple of float
        Range of wavelengths, Å.
    """
    shown = (wavelength >= zoom[0]) & (wavelength <= zoom[1])
    fig, ax = new_figure(figsize=(9, 3.4))
    looks = [(FAINT, "-", "."), *CURVES]
    for (name, flux), (color, style, marker) in zip(versions.items(), looks, strict=False):
        ax.plot(wavelength[shown], flux[shown], color=color, linestyle=style, marker=marker,
                markersize=5, label=name)  # fmt: skip
    ax.margins(x=0.01)
    ax.set(xlabel=WAVELENGTH_LABEL, ylabel=FLUX_LABEL)
    ax.legend(loc="best")
    return with_words(fig, _say_overlay(wavelength[shown], shown, versions, zoom))


def _say_overlay(wavelength, shown, versions, zoom):
    parts = []
    for name, flux in versions.items():
        low = np.argmin(flux[shown])
        parts.append(f"{name}, lowest at {wavelength[low]:.1f} Å with {flux[shown][low]:.4g}")
    return f"Line plot, {zoom[0]:.0f} to {zoom[1]:.0f} Å, of {'; '.join(parts)}."


@styled
def plot_error_curves(windows, errors):
    """Plot the error that smoothing leaves against the window, a curve for each kind of spectra.

    Parameters
    ----------
    windows : sequence of int
        Window lengths, pixels.
    errors : dict of str to sequence of float
        Name of each curve, up to five, and its error at each window as a fraction of the error
        without smoothing. A large marker shows each curve's lowest point.
    """
    fig, ax = new_figure(figsize=(9, 3.8))
    parts = []
    for (name, error), (color, style, marker) in zip(errors.items(), CURVES, strict=False):
        ax.plot(windows, error, color=color, linestyle=style, lw=1.6, label=name)
        best = int(np.argmin(error))
        ax.plot(windows[best], error[best], marker, color=color, markersize=10)
        parts.append(f"{name} lowest at window {windows[best]} with {error[best]:.2f}")
    ax.axhline(1, color=MUTED, lw=1)
    ax.annotate("no smoothing", (0, 1), (4, 3), xycoords=ax.get_yaxis_transform(),
                textcoords="offset points", color=MUTED)  # fmt: skip
    ax.set(xlabel="window (pixels)", ylabel="error left")
    ax.set_ylim(0, min(1.5, ax.get_ylim()[1]))  # farther up, every window only does harm
    ax.legend(loc="lower left", ncols=len(errors))
    return with_words(
        fig,
        f"Line plot of the error left after smoothing against windows of {min(windows)} to "
        f"{max(windows)} pixels, 1 without smoothing: {'; '.join(parts)}.",
    )
