"""Plots of lesson 04: line windows, blocks, and which features matter."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from spectra_helpers.features import block_statistics
from spectra_helpers.lines import air_to_vacuum, get_line
from spectra_helpers.plotting.axes import find_flux_range
from spectra_helpers.plotting.style import (
    ACCENT,
    FLUX_LABEL,
    MUTED,
    WAVELENGTH_LABEL,
    class_color,
    new_figure,
    styled,
)
from spectra_helpers.plotting.words import with_words

MARGIN = 30.0  # Å shown on both sides of a line window


def find_windows(line, redshift=0.0, half_width=3.0):
    """Return the windows that a line can be measured in.

    Parameters
    ----------
    line : str
        Name of a line of `spectra_helpers.lines.LINES`.
    redshift : float
    half_width : float
        Å.

    Returns
    -------
    dict of str to (float, float)
        Both ends of each window, Å. "rest" windows stand at the wavelength of the laboratory,
        "observed" ones at ``1 + redshift`` times it. An "air" window takes the line's air
        wavelength as if the spectrum were in air.

    Raises
    ------
    ValueError
        Unknown line.
    """
    vacuum = get_line(line).wavelength
    air = vacuum - (air_to_vacuum(vacuum) - vacuum)  # the index of air is flat over 2 Å
    windows = {}
    for frame, stretch in (("rest", 1.0), ("observed", 1.0 + redshift)):
        for medium, center in (("vacuum", vacuum), ("air", air)):
            middle = center * stretch
            windows[f"{frame}, {medium}"] = (middle - half_width, middle + half_width)
    return windows


@styled
def plot_line_windows(wavelength, flux, line="Hα", redshift=0.0, half_width=3.0, label=None):
    """Plot where the window of a line falls: at rest and at the observed redshift, air and vacuum.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        The spectrum, vacuum Å and survey units.
    line : str
        Name of the line.
    redshift : float
        Redshift of the object.
    half_width : float
        Half the width of a window, Å.
    label : int or str, optional
        Class, for the colour.
    """
    windows = find_windows(line, redshift, half_width)
    fig, axes = new_figure(1, 2, (9, 3.4))
    for ax, frame in zip(axes, ("rest", "observed"), strict=True):
        center = np.mean(windows[f"{frame}, vacuum"])
        shown = np.abs(wavelength - center) < MARGIN
        ax.step(wavelength[shown], flux[shown], where="mid", color=class_color(label), lw=1.3)
        for medium, color, hatch in (("vacuum", "#56B4E9", ""), ("air", "none", "////")):
            low, high = windows[f"{frame}, {medium}"]
            ax.axvspan(low, high, facecolor=color, alpha=0.6, hatch=hatch, edgecolor=MUTED, lw=0.8,
                       label=f"{medium} ±{half_width:g} Å")  # fmt: skip
        ax.set(xlim=(center - MARGIN, center + MARGIN), xlabel=WAVELENGTH_LABEL)
        ax.xaxis.set_major_locator(MaxNLocator(4))
        if shown.any():
            ax.set_ylim(find_flux_range(flux[shown]))
        else:
            ax.annotate("outside the spectrum", (0.5, 0.4), xycoords="axes fraction", ha="center")
    axes[0].set(title=f"{line} at rest", ylabel=FLUX_LABEL)
    axes[1].set(title=f"{line} at z = {redshift:.3f}")
    handles, names = axes[1].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside upper right", ncols=2)
    return with_words(fig, _say_line_windows(wavelength, flux, line, redshift, windows))


def _say_line_windows(wavelength, flux, line, redshift, windows):
    means = {}
    for name, (low, high) in windows.items():
        inside = (wavelength >= low) & (wavelength <= high)
        means[name] = f"{np.mean(flux[inside]):.3g}" if inside.any() else "no pixel"
    parts = "; ".join(f"{name} {mean}" for name, mean in means.items())
    return (
        f"Two panels with the windows of {line}, {high - low:g} Å wide, at rest and at "
        f"redshift {redshift:.3f}; mean flux in each window: {parts}."
    )


@styled
def plot_blocks(wavelength, flux, n_blocks=20, label=None):
    """Plot a spectrum cut into blocks: the mean of each, and the range from its min to its max.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        The spectrum.
    n_blocks : int
        Number of blocks.
    label : int or str, optional
        Class, for the colour.
    """
    mean, variance, high, low = block_statistics(flux, n_blocks).reshape(4, n_blocks)
    edges = [block[0] for block in np.array_split(wavelength, n_blocks)] + [wavelength[-1]]
    fig, ax = new_figure()
    ax.stairs(high, edges, baseline=low, fill=True, color="#D9D9D9", label="minimum to maximum")
    ax.plot(wavelength, flux, color=MUTED, linewidth=0.5, label="spectrum")
    ax.stairs(mean, edges, baseline=None, color=class_color(label), linewidth=2, label="mean")
    ax.set(xlim=(edges[0], edges[-1]), ylim=find_flux_range(flux))
    ax.set(xlabel=WAVELENGTH_LABEL, ylabel="flux", title=f"{n_blocks} blocks")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper right", ncols=3)
    middle = [np.mean(block) for block in np.array_split(wavelength, n_blocks)]
    return with_words(
        fig,
        f"Line plot of a spectrum in {n_blocks} blocks with the mean, minimum and maximum of each; "
        f"the mean is highest near {middle[np.argmax(mean)]:.0f} Å, the variance near "
        f"{middle[np.argmax(variance)]:.0f} Å.",
    )


@styled
def plot_importance(values, names, title="", unit="importance", n=12):
    """Plot the largest of some named values as bars, for example feature importances.

    Parameters
    ----------
    values : array, shape (n_values,)
    names : sequence of str
        A name for each value.
    title : str
    unit : str
        Label of the axis.
    n : int
        How many to show: those of the largest absolute values.
    """
    order = np.argsort(np.abs(values))[::-1][:n]
    fig, ax = new_figure(figsize=(7, 0.9 + 0.3 * len(order)))
    ax.barh([names[i] for i in order], np.asarray(values)[order], color=ACCENT)
    ax.set(xlabel=unit, title=title)
    ax.invert_yaxis()
    first = ", ".join(f"{names[i]} ({values[i]:.2g})" for i in order[:3])
    return with_words(fig, f"Bar chart of {unit}, largest first: {first}; {len(order)} bars.")
