"""What lesson 02 does to a spectrum: normalize it, smooth it, choose the window for that."""

import numpy as np

from spectra_helpers.plotting.axes import find_flux_range, mark_lines, set_title
from spectra_helpers.plotting.display import with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import (
    ACCENT,
    CURVES,
    FAINT,
    FLUX_LABEL,
    INK,
    MUTED,
    SHADE,
    WAVELENGTH_LABEL,
    class_color,
    styled,
    to_class_name,
)
from spectra_helpers.preprocess import fit_locally, smooth_savgol


@styled
def plot_normalization(wavelength, flux, normalized, label, name="energy-normalized"):
    """Plot the same spectra before and after normalization, one panel above the other.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    flux, normalized : ndarray, shape (n_spectra, n_pixels)
        The spectra before and after.
    label : ndarray, shape (n_spectra,)
        Class of each spectrum.
    name : str
        What was done, for the axis label of the lower panel.
    """
    fig, axes = new_figure(2, 1, (9, 4.6), sharex=True)
    for ax, rows, ylabel in zip(
        axes, (flux, normalized), (FLUX_LABEL, f"{name} flux"), strict=True
    ):
        for i, (spectrum, index) in enumerate(zip(rows, label, strict=True)):
            shade = 1 - 0.65 * i / len(rows)  # spectra of a class can be told apart
            ax.plot(wavelength, spectrum, color=class_color(index), linewidth=0.8, alpha=shade)
        ax.set(xlim=(wavelength[0], wavelength[-1]), ylim=find_flux_range(rows), ylabel=ylabel)
    for kind in [to_class_name(index) for index in np.unique(label)]:
        axes[0].plot([], [], color=class_color(kind), linewidth=3, label=kind)
    axes[0].legend(loc="upper right", ncols=3)
    axes[1].set(xlabel=WAVELENGTH_LABEL)
    return with_words(fig, _say_normalization(flux, normalized, label, name))


def _say_normalization(flux, normalized, label, name):
    before, after = (np.median(np.abs(rows), axis=1) for rows in (flux, normalized))
    kinds = ", ".join(to_class_name(index) for index in label)
    return (
        f"Two line plots of {len(flux)} spectra ({kinds}): above the survey flux, where the "
        f"brightest is {before.max() / before.min():.3g} times the faintest, below the {name} "
        f"flux, where this ratio is {after.max() / after.min():.3g}."
    )


@styled
def plot_smoothing(wavelength, flux, window=10, polyorder=3, lines=None, redshift=0.0, zoom=None):
    """Plot a spectrum, its Savitzky-Golay smoothing, and what the smoothing took away.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        The spectrum, vacuum Å and survey units.
    window : int
        Pixels in the filter's window.
    polyorder : int
        Order of the polynomial, less than `window`.
    lines : bool or sequence of str, optional
        Spectral lines to mark; `redshift` says where.
    zoom : tuple of float, optional
        Show this range of wavelengths, Å.
    """
    smooth = smooth_savgol(flux, window=window, polyorder=polyorder)
    fig, (top, bottom) = new_figure(2, 1, (9, 4.6), sharex=True, height_ratios=(2, 1))
    low, high = zoom or (wavelength[0], wavelength[-1])
    shown = (wavelength >= low) & (wavelength <= high)
    top.plot(wavelength, flux, color="#A6A6A6", linewidth=0.9, label="as observed")
    top.plot(wavelength, smooth, color=INK, linewidth=1.2, label="smoothed")
    top.set(xlim=(low, high), ylim=find_flux_range(flux[shown]), ylabel=FLUX_LABEL)
    rows = mark_lines(top, lines, redshift) if lines else 0
    top.legend(loc="best")
    set_title(top, f"window {window} pixels, polynomial order {polyorder}", rows)
    removed = flux - smooth
    bottom.axhline(0, color=MUTED, linewidth=0.8)
    bottom.plot(wavelength, removed, color=ACCENT, linewidth=0.8)
    bottom.set(xlabel=WAVELENGTH_LABEL, ylabel="removed", ylim=find_flux_range(removed[shown]))
    if zoom:  # here the sharpest line is what the panel is for
        extreme = 1.1 * np.abs(removed[shown]).max()
        bottom.set_ylim(-extreme, extreme)
    return with_words(
        fig,
        f"Two panels. Above, a spectrum from {low:.0f} to {high:.0f} Å and its "
        f"Savitzky-Golay smoothing with window {window} and polynomial order {polyorder}; below, "
        f"what was removed, with a standard deviation of {removed[shown].std():.3g} survey units.",
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
def plot_trade_off(windows, noise, depth, chosen=None):
    """Plot noise left and line depth left against the smoothing window (lesson 02).

    Parameters
    ----------
    windows : sequence of int
        Window lengths, pixels.
    noise, depth : sequence of float
        Noise and line depth left after smoothing, each as a fraction of what there was.
    chosen : int, optional
        Window to point out.
    """
    fig, ax = new_figure(figsize=(7, 3.4))
    ax.plot(windows, noise, "--s", color=ACCENT, label="noise left")
    ax.plot(windows, depth, "-o", color=INK, label="line depth left")
    if chosen is not None:
        ax.axvline(chosen, color=MUTED, linewidth=1.0)
        ax.annotate(f" {chosen}", (chosen, 1.0), xycoords=ax.get_xaxis_transform(), va="top")
    ax.set(xlabel="window (pixels)", ylabel="fraction left", ylim=(0, 1.08))
    ax.legend(loc="best")
    at = list(windows).index(chosen) if chosen in list(windows) else len(windows) - 1
    return with_words(
        fig,
        f"Line plot of noise and line depth left after smoothing with windows of {min(windows)} to "
        f"{max(windows)} pixels; with {windows[at]} pixels {noise[at]:.0%} of the noise and "
        f"{depth[at]:.0%} of the line depth are left.",
    )


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
