"""Plots of spectra as they are: one, a few of each class, and how many there are (lesson 01)."""

import functools

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.textpath import TextPath
from matplotlib.transforms import ScaledTranslation
from scipy.ndimage import median_filter

from spectra_helpers.data import CLASSES
from spectra_helpers.lines import LINES, get_line
from spectra_helpers.plotting.style import (
    FLUX_LABEL,
    MUTED,
    PALETTE,
    WAVELENGTH_LABEL,
    class_color,
    name_class,
    new_figure,
    styled,
)

LINE_DASHES = {"emission": (0, (5, 3)), "absorption": (0, (1, 2)), "both": (0, (5, 2, 1, 2))}
NARROWEST = 50.0  # Å
LABEL_ROWS = 2  # line labels stand in this many rows above a spectrum


def find_flux_range(flux):
    """Return y limits that show the spectrum and cut off spikes of one pixel.

    One cosmic ray can be ten times brighter than its star and would press the star flat. A median
    over three pixels removes it; a real line is wider and stays inside.
    """
    flux = np.nan_to_num(np.atleast_2d(flux))
    smooth = median_filter(flux, size=(1, 3))
    low, high = smooth.min(), smooth.max()
    span = max(high - low, 1e-6 * max(abs(high), 1e-30))
    top = min(flux.max(), high + 0.7 * span)
    bottom = max(flux.min(), low - 0.3 * span)
    return bottom - 0.04 * span, top + 0.06 * span


def choose_pixels(wavelength, zoom=None):
    """Return the mask of the pixels within ``zoom`` (low, high) Å, all of them for None.

    A range below 50 Å, which shows no more than a line between a few pixels, is widened.
    """
    if zoom is None:
        return np.ones(len(wavelength), bool)
    half = max(zoom[1] - zoom[0], NARROWEST) / 2
    middle = np.clip(np.mean(zoom), wavelength[0] + half, wavelength[-1] - half)
    return np.abs(wavelength - middle) <= half


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
        Draw here, in place of a new figure.
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
    wavelength, flux = wavelength[shown], flux[shown]
    ax.plot(wavelength, flux, color=class_color(label), linewidth=0.9)
    fit_flux_axis(ax, wavelength, flux)
    ax.set(xlabel=WAVELENGTH_LABEL, ylabel=FLUX_LABEL)
    rows = mark_lines(ax, lines, redshift) if lines else 0
    title = name_class(label) if title is None else title
    if title:
        ax.set_title(title, pad=6 + 15 * rows)
    return ax.figure


def fit_flux_axis(ax, wavelength, flux):
    """Set the limits of a spectrum's axes; triangles at the edge stand for pixels outside."""
    bottom, top = find_flux_range(flux)
    ax.set(xlim=(wavelength[0], wavelength[-1]), ylim=(bottom, top))
    for marker, outside, edge in (("^", flux > top, 0.985), ("v", flux < bottom, 0.015)):
        where = np.asarray(wavelength)[outside]
        if len(where):
            ax.plot(where, np.full(len(where), edge), marker, color="black", markersize=5,
                    transform=ax.get_xaxis_transform())  # fmt: skip


def choose_lines(lines, redshift, low, high):
    """Return the `Line`s of `lines` (names, or True for all) that fall within low..high Å."""
    chosen = LINES if lines is True else [get_line(name) for name in lines]
    inside = [line for line in chosen if low < line.wavelength * (1 + redshift) < high]
    return sorted(inside, key=lambda line: line.wavelength)


def mark_lines(ax, lines, redshift=0.0, fontsize=11):
    """Mark spectral lines on a spectrum and return the number of label rows above it.

    Labels that would overlap go to a second row; where that is full too, the line stays without
    a label. Dashes mark emission lines, dots absorption lines.
    """
    low, high = ax.get_xlim()
    share = ax.get_subplotspec().get_position(ax.figure).width
    angstrom_per_point = (high - low) / (0.88 * 72 * ax.figure.get_figwidth() * share)
    row_ends = [-np.inf] * LABEL_ROWS
    chosen = choose_lines(lines, redshift, low, high)
    places = [line.wavelength * (1 + redshift) for line in chosen]
    dashes = [LINE_DASHES[line.kind] for line in chosen]
    draw_verticals(ax, places, color=MUTED, linewidth=0.9, linestyle=dashes)
    for line, observed in zip(chosen, places, strict=True):
        half = (_measure_width(line.label, fontsize) + 2) / 2 * angstrom_per_point
        middle = min(observed, high - half)  # a label at the red end stays inside the figure
        row = next((r for r, end in enumerate(row_ends) if middle - half > end), None)
        if row is None:
            continue
        row_ends[row] = middle + half + 5 * angstrom_per_point
        rise = ScaledTranslation(0, (2 + 1.27 * fontsize * row) / 72, ax.figure.dpi_scale_trans)
        ax.text(middle, 1, line.label, ha="center", va="bottom", fontsize=fontsize,
                transform=ax.get_xaxis_transform() + rise)  # fmt: skip
    return sum(np.isfinite(row_ends))


def draw_verticals(ax, places, zorder=0, **look):
    """Draw lines from the bottom to the top of the axes, behind all else: one artist for all."""
    segments = [[(x, 0), (x, 1)] for x in places]
    lines = LineCollection(segments, transform=ax.get_xaxis_transform(), zorder=zorder, **look)
    ax.add_collection(lines, autolim=False)


@functools.cache  # a slider asks for the same few labels each time it moves
def _measure_width(text, fontsize):
    return TextPath((0, 0), text, size=fontsize).get_extents().width


def describe_spectrum(
    wavelength, flux, label=None, title=None, lines=None, redshift=0.0, ax=None, zoom=None
):
    """Return a sentence that says what `plot_spectrum` shows."""
    shown = choose_pixels(wavelength, zoom)
    wavelength, flux = wavelength[shown], flux[shown]
    smooth = median_filter(np.nan_to_num(flux), size=5)
    low, high = wavelength[0], wavelength[-1]
    kind = f"{name_class(label)} spectrum" if label is not None else "spectrum"
    kind += f" ({title})" if title else ""
    sentence = (
        f"Line plot of a {kind}, {low:.0f} to {high:.0f} Å; apart from spikes, dead pixels and the "
        f"narrowest lines the flux is highest near {wavelength[smooth.argmax()]:.0f} Å and lowest "
        f"near {wavelength[smooth.argmin()]:.0f} Å"
    )
    marked = choose_lines(lines, redshift, low, high) if lines else []
    if marked:
        observed = [f"{x.label} at {x.wavelength * (1 + redshift):.0f} Å" for x in marked]
        sentence += f"; marked for redshift {redshift:.3f}: {', '.join(observed)}"
    return sentence + "."


def choose_examples(spectra, n_per_class, seed):
    """Return ``{class name: rows}``, up to `n_per_class` random rows of each class."""
    rng = np.random.default_rng(seed)
    rows = {}
    for index, name in enumerate(CLASSES):
        candidates = np.flatnonzero(spectra.label == index)
        rows[name] = rng.choice(candidates, min(n_per_class, len(candidates)), replace=False)
    return rows


@styled
def plot_examples(spectra, n_per_class=3, seed=1):
    """Plot random spectra of each class: a column a class, a row an example.

    Parameters
    ----------
    spectra : SpectraSet
        Where the examples come from.
    n_per_class : int
        Number of examples of each class (fewer where the class has fewer).
    seed : int
        Another seed, other examples.
    """
    size = (9, max(0.9 + 1.3 * n_per_class, 2.6))
    fig, axes = new_figure(n_per_class, 3, size, sharex=True, squeeze=False)
    for column, (name, rows) in enumerate(choose_examples(spectra, n_per_class, seed).items()):
        axes[0, column].set_title(name, color=PALETTE[name])
        for ax in axes[len(rows) :, column]:
            ax.set_visible(False)
        axes[max(len(rows), 1) - 1, column].tick_params(labelbottom=True)
        for ax, row in zip(axes[:, column], rows, strict=False):
            ax.plot(spectra.wavelength, spectra.flux[row], color=PALETTE[name], linewidth=0.7)
            fit_flux_axis(ax, spectra.wavelength, spectra.flux[row])
            ax.locator_params(axis="y", nbins=3)
            ax.set_title(f"row {row}", loc="right", fontsize=11, color=MUTED)
    fig.supxlabel(WAVELENGTH_LABEL, fontsize=12)
    fig.supylabel(FLUX_LABEL, fontsize=12)
    return fig


def describe_examples(spectra, n_per_class=3, seed=1):
    """Return a sentence that says what `plot_examples` shows."""
    rows = choose_examples(spectra, n_per_class, seed)
    parts = [f"{name} rows {', '.join(map(str, chosen))}" for name, chosen in rows.items()]
    return f"Line plots of spectra in three columns, one for each class: {'; '.join(parts)}."


@styled
def plot_class_counts(counts):
    """Plot how many spectra each class has; `counts` is ``{class name: number}``."""
    fig, ax = new_figure(figsize=(7, 2.2))
    total = sum(counts.values())
    bars = ax.barh(list(counts), list(counts.values()), color=[PALETTE[name] for name in counts])
    words = [f"{n:,} ({n / total:.1%})" for n in counts.values()]
    ax.bar_label(bars, words, padding=4, fontsize=12)
    ax.set(xlabel="number of spectra", xlim=(0, 1.3 * max(counts.values())))
    ax.invert_yaxis()
    return fig


def describe_class_counts(counts):
    """Return a sentence that says what `plot_class_counts` shows."""
    total = sum(counts.values())
    parts = ", ".join(f"{n:,} of class {name} ({n / total:.1%})" for name, n in counts.items())
    return f"Bar chart of {total:,} spectra: {parts}."
