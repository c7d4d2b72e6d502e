"""Plots of what lessons 02 and 03 do to a spectrum: normalize, smooth, add noise."""

import numpy as np

from spectra_helpers.plotting.axes import find_flux_range, mark_lines, set_title
from spectra_helpers.plotting.style import (
    ACCENT,
    FLUX_LABEL,
    INK,
    MUTED,
    WAVELENGTH_LABEL,
    class_color,
    new_figure,
    styled,
    to_class_name,
)
from spectra_helpers.plotting.words import with_words
from spectra_helpers.preprocess import smooth_savgol


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
        for spectrum, index in zip(rows, label, strict=True):
            ax.plot(wavelength, spectrum, color=class_color(index), linewidth=0.8)
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
def plot_augmented(wavelength, versions, label=None):
    """Plot versions of one spectrum under each other on the same flux scale.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    versions : dict of str to ndarray, shape (n_pixels,)
        What each version is, and its flux; first the original, then for example "SNR 100", "SNR 5".
    label : int or str, optional
        Class of the spectrum.
    """
    size = (9, 0.9 + 1.35 * len(versions))
    fig, axes = new_figure(len(versions), 1, size, sharex=True, sharey=True, squeeze=False)
    for ax, (name, flux) in zip(axes[:, 0], versions.items(), strict=True):
        ax.plot(wavelength, flux, color=class_color(label), linewidth=0.8)
        ax.set_title(name, fontsize=12)
    axes[0, 0].set(xlim=(wavelength[0], wavelength[-1]))
    axes[0, 0].set_ylim(find_flux_range(np.array(list(versions.values()))))
    what = to_class_name(label) or "spectrum"
    axes[0, 0].set_title(f"{what}: {next(iter(versions))}", fontsize=12)
    axes[-1, 0].set_xlabel(WAVELENGTH_LABEL)
    fig.supylabel(FLUX_LABEL, fontsize=12)
    return with_words(fig, _say_augmented(wavelength, versions, label))


def _say_augmented(wavelength, versions, label):
    first, original = next(iter(versions.items()))
    changes = {name: np.std(flux - original) for name, flux in versions.items() if name != first}
    parts = ", ".join(
        f"{name} (root mean squared difference {change:.3g})" for name, change in changes.items()
    )
    return (
        f"Line plots of one {to_class_name(label) or 'unclassified'} spectrum from "
        f"{wavelength[0]:.0f} to {wavelength[-1]:.0f} Å under each other: {first}, {parts}."
    )


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
