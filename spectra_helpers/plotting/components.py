"""Plots of lesson 04: what principal components hold."""

import numpy as np

from spectra_helpers.data import CLASSES
from spectra_helpers.plotting.axes import find_flux_range
from spectra_helpers.plotting.style import (
    INK,
    LINESTYLES,
    MARKERS,
    MUTED,
    PALETTE,
    WAVELENGTH_LABEL,
    class_color,
    new_figure,
    styled,
)
from spectra_helpers.plotting.words import with_words


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
