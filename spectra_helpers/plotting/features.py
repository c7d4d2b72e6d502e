"""What lesson 04 makes of a spectrum: line windows, blocks, components, and which matter."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from spectra_helpers.data import CLASSES
from spectra_helpers.features import block_statistics
from spectra_helpers.lines import air_to_vacuum, get_line
from spectra_helpers.plotting.axes import find_flux_range
from spectra_helpers.plotting.display import with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import (
    ACCENT,
    FLUX_LABEL,
    INK,
    LINESTYLES,
    MARKERS,
    MUTED,
    PALETTE,
    WAVELENGTH_LABEL,
    class_color,
    styled,
)

MARGIN = 30.0  # Å shown on both sides of a line window
HISTOGRAM_LOOKS = ((INK, "-"), (ACCENT, "--"), (PALETTE["quasar"], ":"), (MUTED, "-."))


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
def plot_histograms(values, xlabel, reference=None, bins=40):
    """Plot histograms of a few samples over each other.

    Parameters
    ----------
    values : dict of str to ndarray
        One to four samples, by name; NaN and infinity are left out.
    xlabel : str
        What the values are.
    reference : float, optional
        A value to mark by a vertical line.
    bins : int
        Number of bins over the range of all samples.

    Raises
    ------
    ValueError
        No sample, or more than four.
    """
    finite = _keep_finite(values)
    edges = np.histogram_bin_edges(np.concatenate(list(finite.values())), bins)
    fig, ax = new_figure(figsize=(8, 3.4))
    for (name, sample), (color, line) in zip(finite.items(), HISTOGRAM_LOOKS, strict=False):
        ax.hist(sample, edges, histtype="step", color=color, linestyle=line, lw=1.8, label=name)
    if reference is not None:
        ax.axvline(reference, color=MUTED, linewidth=0.8)
    ax.set(xlabel=xlabel, ylabel="number of spectra")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper right", ncols=len(finite))
    return with_words(fig, _say_histograms(finite, xlabel))


def _keep_finite(samples):
    """Return the samples without NaN and infinity; `ValueError` if they are none or too many."""
    if not 1 <= len(samples) <= len(HISTOGRAM_LOOKS):
        raise ValueError(
            f"One figure shows histograms of 1 to {len(HISTOGRAM_LOOKS)} samples, not of "
            f"{len(samples)}: choose some."
        )
    return {name: np.asarray(sample)[np.isfinite(sample)] for name, sample in samples.items()}


def _say_histograms(finite, xlabel):
    parts = []
    for name, sample in finite.items():
        if not sample.size:
            parts.append(f"{name}, no finite value")
            continue
        low, middle, high = np.percentile(sample, (5, 50, 95))
        parts.append(f"{name}, median {middle:.3g}, 90 % between {low:.3g} and {high:.3g}")
    return f"Histograms of {xlabel}: {'; '.join(parts)}."


@styled
def plot_pca(scores, label, explained):
    """Plot principal components as in the published figure, in three panels.

    Parameters
    ----------
    scores : ndarray, shape (n_spectra, n_components)
        Principal component scores, the two first ones are drawn.
    label : ndarray, shape (n_spectra,)
        Class of each spectrum.
    explained : ndarray, shape (n_components,)
        Fraction of the variance that each component carries.
    """
    fig, (left, middle, right) = new_figure(1, 3, (9, 3.3), width_ratios=(1, 1.25, 1))
    total = np.cumsum(explained)
    left.plot(
        np.arange(1, len(total) + 1), total, color=MUTED, marker="." if len(total) < 30 else None
    )
    left.set(xlabel="number of components", ylabel="cumulative variance", ylim=(None, 1.01))
    left.set_xscale("log")
    left.xaxis.set_major_formatter("{x:.0f}")
    edges = np.histogram_bin_edges(scores[:, 0], 40)
    classes = _classes_by_size(label)
    for index, name in classes:
        rows = label == index
        look = {"color": PALETTE[name], "label": name}
        middle.plot(*scores[rows, :2].T, MARKERS[name], alpha=0.55, markersize=4.5, mew=0, **look)
        right.hist(scores[rows, 0], edges, density=True, histtype="step", linewidth=1.8,
                   linestyle=LINESTYLES[name], **look)  # fmt: skip
    middle.set(xlabel="PC1 score", ylabel="PC2 score")
    right.set(xlabel="PC1 score", ylabel="density")
    legend = fig.legend(*middle.get_legend_handles_labels(), loc="outside upper center", ncols=3,
                        markerscale=2)  # fmt: skip
    for handle in legend.legend_handles:
        handle.set_alpha(1)
    return with_words(fig, _say_pca(scores, label, explained, classes))


def _say_pca(scores, label, explained, classes):
    names = ", ".join(f"{np.sum(label == index)} of class {name}" for index, name in classes)
    centers = ", ".join(
        f"{name} {np.median(scores[label == index, 0]):.3g}" for index, name in classes
    )
    return (
        f"Three panels: the cumulative variance, {explained[0]:.0%} with one component and "
        f"{np.sum(explained):.1%} with {len(explained)}; the scores on PC1 and PC2 of {names}; "
        f"histograms of PC1 for each class, with medians {centers}."
    )


def _classes_by_size(label):
    counts = [(np.sum(label == index), index, name) for index, name in enumerate(CLASSES)]
    return [(index, name) for count, index, name in sorted(counts, reverse=True) if count]


@styled
def plot_eigenspectra(wavelength, components, explained=None):
    """Plot principal components as spectra, one under the other.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    components : ndarray, shape (n_components, n_pixels)
        The components, for example ``pca.components_[:4]``.
    explained : ndarray, shape (n_components,), optional
        Fraction of the variance of each.
    """
    fig, axes = new_figure(
        len(components), 1, (9, 0.8 + 1.05 * len(components)), sharex=True, squeeze=False
    )
    for number, (ax, component) in enumerate(zip(axes[:, 0], components, strict=True), start=1):
        ax.plot(wavelength, component, color=INK, linewidth=0.9)
        ax.axhline(0, color=MUTED, linewidth=0.6)
        share = "" if explained is None else f" ({explained[number - 1]:.1%} of the variance)"
        ax.set_title(f"PC{number}{share}", fontsize=12)
        ax.set(xlim=(wavelength[0], wavelength[-1]))
        ax.locator_params(axis="y", nbins=3)
    axes[-1, 0].set_xlabel(WAVELENGTH_LABEL)
    return with_words(fig, _say_eigenspectra(wavelength, components, explained))


def _say_eigenspectra(wavelength, components, explained):
    n, share = len(components), ""
    if explained is not None:
        share = f" carrying {np.sum(explained[:n]):.1%} of the variance"
    places = [wavelength[np.abs(component).argmax()] for component in components]
    peaks = ", ".join(f"PC{i} near {place:.0f} Å" for i, place in enumerate(places, start=1))
    return f"Line plots of {n} principal components{share}; largest: {peaks}."


@styled
def plot_reconstruction(wavelength, flux, approximations, label=None):
    """Plot a spectrum and what is rebuilt of it from more and more components.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        The spectrum.
    approximations : dict of int to ndarray, shape (n_pixels,)
        Number of components, and the spectrum rebuilt from them.
    label : int or str, optional
        Class, for the colour.
    """
    size = (9, max(3.0, 0.9 + 1.15 * len(approximations)))
    fig, axes = new_figure(len(approximations), 1, size, sharex=True, sharey=True, squeeze=False)
    parts = []
    for ax, (n, rebuilt) in zip(axes[:, 0], approximations.items(), strict=True):
        ax.plot(wavelength, flux, color="#A6A6A6", linewidth=0.8, label="spectrum")
        ax.plot(wavelength, rebuilt, color=class_color(label), linewidth=1.2, label="rebuilt")
        left = np.std(flux - rebuilt) / np.std(flux)
        words = f"{n} component{'s' * (n != 1)}: {left:.0%} of the spread is missing"
        ax.set_title(words, fontsize=12)
        parts.append(f"{left:.0%} with {n}")
    shown = np.stack([flux, *approximations.values()])
    axes[0, 0].set(xlim=(wavelength[0], wavelength[-1]), ylim=find_flux_range(shown))
    handles, names = axes[0, 0].get_legend_handles_labels()
    fig.legend(handles, names, loc="outside upper right", ncols=2)
    axes[-1, 0].set_xlabel(WAVELENGTH_LABEL)
    fig.supylabel("normalized flux", fontsize=12)
    return with_words(
        fig,
        f"Line plots of one spectrum from {wavelength[0]:.0f} to {wavelength[-1]:.0f} Å with its "
        "reconstruction from principal components; part of its spread that is missing: "
        f"{', '.join(parts)}.",
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
