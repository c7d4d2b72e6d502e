"""What instrument and sky leave in a spectrum, and what added noise makes of it (01 to 03)."""

import numpy as np

from spectra_helpers.augment import add_noise
from spectra_helpers.lines import ARM_JOIN
from spectra_helpers.plotting.axes import choose_pixels, find_flux_range
from spectra_helpers.plotting.display import with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import (
    FLUX_LABEL,
    INK,
    MUTED,
    SHADE,
    WAVELENGTH_LABEL,
    class_color,
    styled,
    to_class_name,
)


@styled
def plot_zooms(wavelength, zooms, columns=3, ylabel=FLUX_LABEL):
    """Plot short stretches of spectra, a panel each.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    zooms : dict of str to tuple
        Title of a panel, and what it shows: ``(flux, low, high)`` with the limits in Å.
    columns : int
        Panels in a row.
    ylabel : str
    """
    rows = -(-len(zooms) // columns)
    fig, axes = new_figure(rows, columns, (9, 0.5 + 2.2 * rows), squeeze=False)
    for ax in axes.flat[len(zooms) :]:
        ax.set_visible(False)
    for ax, (title, (flux, low, high)) in zip(axes.flat, zooms.items(), strict=False):
        shown = (wavelength >= low) & (wavelength <= high)
        ax.plot(wavelength[shown], flux[shown], color=INK, linewidth=0.9, drawstyle="steps-mid")
        ax.margins(x=0)
        ax.set_title(title, fontsize=12)
        ax.locator_params(nbins=3)
    fig.supxlabel(WAVELENGTH_LABEL, fontsize=12)
    fig.supylabel(ylabel, fontsize=12)
    return with_words(fig, _say_zooms(wavelength, zooms, ylabel))


def _say_zooms(wavelength, zooms, ylabel):
    parts = []
    for title, (flux, low, high) in zooms.items():
        shown = flux[(wavelength >= low) & (wavelength <= high)]
        parts.append(
            f"{title}, {low:.0f} to {high:.0f} Å, {ylabel} {shown.min():.3g} to {shown.max():.3g}"
        )
    return f"{len(zooms)} line plots of stretches of spectra: {'; '.join(parts)}."


@styled
def plot_noise_level(wavelength, level):
    """Plot the noise as a fraction of the flux against wavelength.

    Parameters
    ----------
    wavelength : ndarray, shape (n_blocks,)
        Middle of each block of pixels, vacuum Å.
    level : ndarray, shape (n_blocks,)
        Noise of the block divided by its flux, the median over many spectra.
    """
    fig, ax = new_figure(figsize=(9, 3.0))
    ax.axvspan(*ARM_JOIN, color=SHADE, zorder=0)
    ax.annotate("the two arms meet", (np.mean(ARM_JOIN), 0.97), ha="center", va="top",
                xycoords=ax.get_xaxis_transform(), color=MUTED)  # fmt: skip
    ax.plot(wavelength, level, "-o", color=INK, markersize=4)
    ax.set(xlabel=WAVELENGTH_LABEL, ylabel="noise / flux", xlim=(3900, 9000))
    ax.set_ylim(0, 1.15 * level.max())
    worst, best = int(np.argmax(level)), int(np.argmin(level))
    return with_words(
        fig,
        f"Line plot of the noise as a fraction of the flux: {level[worst]:.1%} at "
        f"{wavelength[worst]:.0f} Å, where it is largest, and {level[best]:.1%} at "
        f"{wavelength[best]:.0f} Å, where it is smallest.",
    )


@styled
def plot_two_noises(wavelength, flux, survey, ours, label=None):
    """Plot a spectrum, and below it the noise that the survey tells and the one we estimate.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        The spectrum, vacuum Å and survey units.
    survey : ndarray, shape (n_pixels,)
        Standard deviation of each pixel, 1 / sqrt(inverse variance); infinite: not measured.
    ours : ndarray, shape (n_blocks,)
        Estimate for each block of pixels, all blocks equally long.
    label : int or str, optional
        Class, for the colour.
    """
    known = np.isfinite(survey)
    edges = np.append(wavelength[:: -(-len(wavelength) // len(ours))], wavelength[-1])
    fig, (top, bottom) = new_figure(2, 1, (9, 4.8), sharex=True)
    top.plot(wavelength, flux, color=class_color(label), linewidth=0.8)
    top.set(xlim=(wavelength[0], wavelength[-1]), ylabel="flux", ylim=find_flux_range(flux))
    shown = np.where(known, survey, np.nan)
    bottom.plot(wavelength, shown, color=MUTED, linewidth=0.8, label="the survey: each pixel")
    bottom.stairs(ours, edges, baseline=None, color=INK, linewidth=2, label="ours: 100 pixels")
    high = 1.3 * max(np.percentile(survey[known], 99), ours.max())
    bottom.set(xlabel=WAVELENGTH_LABEL, ylabel="noise", ylim=(0, high))
    bottom.legend(loc="upper center", ncols=2)
    fig.align_ylabels()
    return with_words(fig, _say_two_noises(edges, survey[known], ours, label))


def _say_two_noises(edges, survey, ours, label):
    middle = (edges[1:] + edges[:-1]) / 2
    return (
        f"Above a {to_class_name(label) or 'spectrum'}, below its noise in the same units: that of "
        f"the survey, a number a pixel, median {np.median(survey):.3g}, largest "
        f"{survey.max():.3g}; and our estimate in blocks, median {np.median(ours):.3g}, largest "
        f"{ours.max():.3g} near {middle[np.argmax(ours)]:.0f} Å."
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


def plot_noisy(spectra, row, snr, seed=1, zoom=None):
    """Plot a spectrum as observed and with noise added for an SNR (see `plot_augmented`)."""
    flux = spectra.flux[row]
    versions = {"as observed": flux, f"noise added: SNR {snr:g}": add_noise(flux, snr, seed)}
    shown = choose_pixels(spectra.wavelength, zoom)
    versions = {name: version[shown] for name, version in versions.items()}
    return plot_augmented(spectra.wavelength[shown], versions, spectra.label[row])
