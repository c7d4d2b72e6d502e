"""One spectrum: as it is, smoothed, under a line list, normalized (lessons 01 and 04)."""

import numpy as np
from scipy.ndimage import median_filter

from spectra_helpers.plotting.axes import (
    choose_lines,
    choose_pixels,
    draw_verticals,
    fit_flux_axis,
    mark_lines,
    say_marks,
    set_title,
)
from spectra_helpers.plotting.display import add_words, with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import (
    FAINT,
    FLUX_LABEL,
    WAVELENGTH_LABEL,
    class_color,
    styled,
    to_class_name,
)
from spectra_helpers.preprocess import (
    continuum_normalize,
    energy_normalize,
    median_normalize,
    smooth_savgol,
)

NORMALIZE = {
    "energy": energy_normalize,
    "median": median_normalize,
    "continuum": continuum_normalize,
}


@styled
def plot_spectrum(
    wavelength, flux, label=None, title=None, lines=None, redshift=0.0, ax=None, zoom=None
):
    """Plot one spectrum.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    flux : ndarray, shape (n_pixels,)
        Flux, in the units of the survey.
    label : int or str, optional
        Class; it gives the colour and, without a `title`, the title.
    title : str, optional
        Title of the plot.
    lines : bool or sequence of str, optional
        Names of spectral lines to mark (see `spectra_helpers.lines.LINES`); True for all of them.
    redshift : float
        Where the marked lines stand: rest wavelength times ``1 + redshift``.
    ax : matplotlib.axes.Axes, optional
        Draw here, in place of a new figure, whose words follow those of what is there already.
    zoom : tuple of float, optional
        Show this range of wavelengths, Å.

    Returns
    -------
    matplotlib.figure.Figure
        Small triangles at the edge show pixels outside the plot (cosmic rays, bad pixels).
    """
    if ax is None:
        _, ax = new_figure()
    shown = choose_pixels(wavelength, zoom)
    part = (wavelength[shown], flux[shown], label, title, lines, redshift)
    draw_spectrum(ax, *part)
    return add_words(ax.get_figure(root=True), say_spectrum(*part))


def draw_spectrum(ax, wavelength, flux, label, title, lines, redshift):
    """Draw a spectrum into axes, see `plot_spectrum`."""
    ax.plot(wavelength, flux, color=class_color(label), linewidth=0.9)
    fit_flux_axis(ax, wavelength, flux)
    ax.set(xlabel=WAVELENGTH_LABEL, ylabel=FLUX_LABEL)
    rows = mark_lines(ax, lines, redshift) if lines else 0
    title = to_class_name(label) if title is None else title
    if title:
        set_title(ax, title, rows)


def say_spectrum(wavelength, flux, label, title, lines, redshift):
    """Say what `draw_spectrum` draws."""
    smooth = median_filter(np.nan_to_num(flux), size=5)
    low, high = wavelength[0], wavelength[-1]
    kind = f"{to_class_name(label)} spectrum" if label is not None else "spectrum"
    kind += f" ({title})" if title else ""
    sentence = (
        f"Line plot of a {kind}, {low:.0f} to {high:.0f} Å; apart from spikes, dead pixels and the "
        f"narrowest lines the flux is highest near {wavelength[smooth.argmax()]:.0f} Å and lowest "
        f"near {wavelength[smooth.argmin()]:.0f} Å"
    )
    marked = choose_lines(lines, redshift, low, high) if lines else []
    return sentence + say_marks(marked, redshift)


@styled
def plot_browse(spectra, row, window=1, truth=False, zoom=None):
    """Plot one spectrum of a set, smoothed on top of raw, with what is known of it on request.

    Parameters
    ----------
    spectra : SpectraSet
        The set.
    row : int
        Which spectrum.
    window : int
        Window of the smoothing in pixels; 1 leaves the spectrum as it is.
    truth : bool
        Whether to colour it by class, name class and redshift and mark spectral lines there.
    zoom : tuple of float, optional
        Show this range of wavelengths, Å.
    """
    label = spectra.label[row] if truth else None
    redshift = _known_redshift(spectra, row) if truth else None
    title = f"row {row}" + (f": {say_truth(spectra, row)}" if truth else "")
    marks = (redshift is not None, redshift or 0.0)
    shown = choose_pixels(spectra.wavelength, zoom)
    part = spectra.wavelength[shown], spectra.flux[row][shown], label
    fig, ax = new_figure()
    draw_spectrum(ax, *part, title, *marks)
    words = say_spectrum(*part, None, *marks)
    if window > 1:
        ax.lines[0].set(color=FAINT)
        smooth = smooth_savgol(spectra.flux[row], window, min(3, window - 1))
        ax.plot(part[0], smooth[shown], color=class_color(label), linewidth=1.1)
        words = f"{words[:-1]}; smoothed over {window} pixels."
    return with_words(fig, words)


@styled
def plot_redshift(spectra, row, redshift, truth=False, lines=True, zoom=None):
    """Plot a spectrum with the line list moved to a redshift.

    Parameters
    ----------
    spectra : SpectraSet
        The set.
    row : int
        Which spectrum.
    redshift : float
        Where to put the lines: rest wavelength times ``1 + redshift``.
    truth : bool
        Whether the title says what the object is and its redshift.
    lines : bool or sequence of str
        Which lines.
    zoom : tuple of float, optional
        Show this range of wavelengths, Å.
    """
    title = f"line list at z = {redshift:.3f}"
    title += f"   (in truth: {say_truth(spectra, row)})" if truth else ""
    shown = choose_pixels(spectra.wavelength, zoom)
    label = spectra.label[row] if truth else None
    part = spectra.wavelength[shown], spectra.flux[row][shown], label
    fig, ax = new_figure()
    draw_spectrum(ax, *part, title, lines, redshift)
    return with_words(fig, say_spectrum(*part, None, lines, redshift))


def say_truth(spectra, row):
    """Say what is known of a spectrum: class, and from the truth table subtype, z and SNR."""
    words = [spectra.class_name(row)]
    if spectra.truth is not None:
        truth = spectra.truth[row]
        known = set(spectra.truth.colnames)
        words += [str(truth["subtype"])] if "subtype" in known and str(truth["subtype"]) else []
        words += [f"z = {truth['z']:.4f}"] if "z" in known else []
        words += [f"SNR {truth['snr']:.0f}"] if "snr" in known else []
    return ", ".join(words)


def _known_redshift(spectra, row):
    has_z = spectra.truth is not None and "z" in spectra.truth.colnames
    return float(spectra.truth["z"][row]) if has_z else None


@styled
def plot_stages(
    wavelength, flux, window=1, normalize="continuum", zoom=None, lines=None, redshift=0.0,
    label=None, title=None,
):  # fmt: skip
    """Plot a spectrum raw and smoothed, and below it the same normalized.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        Vacuum Å, and flux in survey units.
    window : int
        Window of the Savitzky-Golay smoothing in pixels; 1 leaves the spectrum as it is.
    normalize : {"energy", "median", "continuum"}
        What the lower panel is divided by (lesson 02).
    zoom : tuple of float, optional
        Show this range of wavelengths, Å (see `choose_pixels`).
    lines : bool or sequence of str, optional
        Spectral lines to mark, True for all; `redshift` says where.
    label : int or str, optional
        Class, for the colour.
    title : str, optional
        What stands over the spectrum.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shown = choose_pixels(wavelength, zoom)
    panels = _prepare(flux, window, normalize)
    fig, axes = new_figure(2, 1, (9, 5), sharex=True)
    for ax, (name, (raw, smooth)) in zip(axes, panels.items(), strict=True):
        if window > 1:
            ax.plot(wavelength[shown], raw[shown], color=FAINT, linewidth=0.8)
        ax.plot(wavelength[shown], smooth[shown], color=class_color(label), linewidth=1.1)
        fit_flux_axis(ax, wavelength[shown], raw[shown])
        ax.set_ylabel(name)
    marked = choose_lines(lines, redshift, *axes[1].get_xlim()) if lines else []
    places = [line.wavelength * (1 + redshift) for line in marked]
    draw_verticals(axes[1], places, color=FAINT, linewidth=0.7)
    rows = mark_lines(axes[0], lines, redshift) if lines else 0
    set_title(axes[0], title or "spectrum", rows)
    words = " (grey: not smoothed)" if window > 1 else ""
    axes[1].set_title(f"{normalize}-normalized{words}", fontsize=12)
    axes[1].set_xlabel(WAVELENGTH_LABEL)
    seen = [wavelength[shown], *(smooth[shown] for _, smooth in panels.values())]
    kind = f"{to_class_name(label)} spectrum" if label is not None else "spectrum"
    kind += f" ({title})" if title else ""
    words = _say_stages(kind, *seen, window, normalize) + say_marks(marked, redshift)
    return with_words(fig, words)


def _prepare(flux, window, normalize):
    """Return what both panels show: {panel: (raw, smoothed)}."""
    smooth = flux if window <= 1 else smooth_savgol(flux, window, min(3, window - 1))
    scale = NORMALIZE[normalize]
    return {FLUX_LABEL: (flux, smooth), "normalized flux": (scale(flux), scale(smooth))}


def _say_stages(kind, wavelength, smooth, scaled, window, normalize):
    done = f" raw and smoothed over {window} pixels" if window > 1 else ""
    return (
        f"Two panels of a {kind}, {wavelength[0]:.0f} to {wavelength[-1]:.0f} Å: above the "
        f"flux{done}, highest near {wavelength[smooth.argmax()]:.0f} Å; below the same "
        f"{normalize}-normalized, from {scaled.min():.3g} to {scaled.max():.3g}"
    )
