"""Plots of spectra as they are: one, a few of each class, and how many there are (lesson 01)."""

import numpy as np
from scipy.ndimage import median_filter

from spectra_helpers.data import CLASSES
from spectra_helpers.plotting.axes import (
    choose_lines,
    choose_pixels,
    fit_flux_axis,
    mark_lines,
    say_marks,
    set_title,
)
from spectra_helpers.plotting.style import (
    FLUX_LABEL,
    MUTED,
    PALETTE,
    WAVELENGTH_LABEL,
    class_color,
    new_figure,
    styled,
    to_class_name,
)
from spectra_helpers.plotting.words import add_words, with_words


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
    return add_words(ax.figure, say_spectrum(*part))


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
    examples = choose_examples(spectra, n_per_class, seed)
    for column, (name, rows) in enumerate(examples.items()):
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
    parts = [f"{name} rows {', '.join(map(str, rows))}" for name, rows in examples.items()]
    start = "Line plots of spectra in three columns, one for each class"
    return with_words(fig, f"{start}: {'; '.join(parts)}.")


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
    parts = [f"{n:,} of class {name} ({n / total:.1%})" for name, n in counts.items()]
    return with_words(fig, f"Bar chart of {total:,} spectra: {', '.join(parts)}.")
