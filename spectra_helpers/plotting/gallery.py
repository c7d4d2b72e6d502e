"""Galleries of spectra: the most confident mistakes (lesson 07) and the atlas (lesson 01)."""

from collections import Counter

import numpy as np

from spectra_helpers.data import CLASSES
from spectra_helpers.lines import CLASS_LINES
from spectra_helpers.plotting.axes import fit_flux_axis, mark_lines
from spectra_helpers.plotting.style import (
    FLUX_LABEL,
    PALETTE,
    WAVELENGTH_LABEL,
    class_color,
    new_figure,
    styled,
    to_class_name,
)
from spectra_helpers.plotting.words import with_words


@styled
def plot_gallery(spectra, predicted, confidence, columns=3):
    """Plot spectra with what they are and what a model called them, for example its mistakes.

    Parameters
    ----------
    spectra : SpectraSet
        The spectra to show, all of them (about twelve).
    predicted : ndarray, shape (n_spectra,)
        The model's labels.
    confidence : ndarray, shape (n_spectra,)
        The probability of that label.
    columns : int
        Panels in a row.
    """
    rows = -(-len(spectra) // columns)
    size = (9, 0.7 + 1.3 * rows)
    fig, axes = new_figure(rows, columns, size, sharex=True, squeeze=False)
    for ax in axes.flat[len(spectra) :]:
        ax.set_visible(False)
    for i, ax in zip(range(len(spectra)), axes.flat, strict=False):
        ax.plot(spectra.wavelength, spectra.flux[i], color=class_color(spectra.label[i]), lw=0.7)
        fit_flux_axis(ax, spectra.wavelength, spectra.flux[i])
        ax.locator_params(axis="y", nbins=3)
        true, called = to_class_name(spectra.label[i]), to_class_name(predicted[i])
        ax.set_title(f"{true} → {called} {confidence[i]:.2f}", fontsize=11)
        if i + columns >= len(spectra):
            ax.tick_params(labelbottom=True)
    fig.supxlabel(WAVELENGTH_LABEL, fontsize=12)
    fig.supylabel(FLUX_LABEL, fontsize=12)
    return with_words(fig, _say_gallery(spectra, predicted, confidence))


def _say_gallery(spectra, predicted, confidence):
    parts = [
        f"{to_class_name(true)} called {to_class_name(called)} with confidence {sure:.2f}"
        for true, called, sure in zip(spectra.label, predicted, confidence, strict=True)
    ]
    return f"Line plots of {len(spectra)} spectra: {'; '.join(parts)}."


def choose_atlas_rows(spectra, n=6):
    """Return ``{class name: rows}``: `n` of each class at rising SNR.

    Each n-th of the class, in order of SNR, gives one spectrum: of the most frequent kind that is
    not yet in the atlas, if it has one, and as near to the middle of that n-th as possible.
    """
    snr = np.asarray(spectra.truth["snr"], dtype=float)
    rows = {}
    for index, name in enumerate(CLASSES):
        candidates = np.flatnonzero(spectra.label == index)
        candidates = candidates[np.argsort(snr[candidates], kind="stable")]
        kinds = {row: _atlas_kind(name, spectra.truth[row]) for row in candidates}
        left = Counter(kinds.values())
        chosen = []
        for part in np.array_split(candidates, max(1, min(n, len(candidates)))):
            middle_first = part[np.argsort(np.abs(np.arange(len(part)) - len(part) // 2))]
            chosen += sorted(middle_first, key=lambda row: -left[kinds[row]])[:1]
            left.update({kinds[row]: -len(candidates) for row in chosen[-1:]})
        rows[name] = np.array(chosen, dtype=int)
    return rows


def _atlas_kind(name, truth):
    if name == "quasar":
        return round(float(truth["z"]))  # other redshifts, other lines
    return str(truth["subtype"])[: 1 if name == "star" else None]  # G of the star G2V


@styled
def plot_atlas(spectra, n=6, real=None, n_real=2):
    """Plot `n` spectra of each class at rising signal-to-noise ratio, and real ones under them.

    Parameters
    ----------
    spectra : SpectraSet
        Spectra with a truth table (columns z, subtype, snr).
    n : int
        Spectra of each class.
    real : SpectraSet, optional
        Real spectra with the same columns.
    n_real : int
        Real spectra of each class.
    """
    sets = [(spectra, choose_atlas_rows(spectra, n), n, "")]
    if real is not None:
        sets.append((real, choose_atlas_rows(real, n_real), n_real, "real "))
    total = sum(count for _, _, count, _ in sets)
    fig, axes = new_figure(total, 3, (9, 0.9 + 1.5 * total), sharex=True)
    for ax, name in zip(axes[0], CLASSES, strict=True):
        ax.annotate(name, (0, 1), (0, 42), xycoords="axes fraction", textcoords="offset points",
                    fontsize=14, fontweight="bold", color=PALETTE[name])  # fmt: skip
    start = 0
    for source, rows, count, prefix in sets:
        for column, chosen in enumerate(rows.values()):
            for ax in axes[start + len(chosen) : start + count, column]:
                ax.set_visible(False)
            for ax, row in zip(axes[start:, column], chosen, strict=False):
                _plot_atlas_panel(ax, source, row, prefix)
        start += count
    for ax in axes[-1]:
        ax.tick_params(labelbottom=True)
    fig.supxlabel(WAVELENGTH_LABEL, fontsize=12)
    return with_words(fig, _say_atlas(*sets))


def _say_atlas(simulated, *real):
    spectra, rows, *_ = simulated
    parts = []
    for name, chosen in rows.items():
        if not len(chosen):
            parts.append(f"none of class {name}")
            continue
        snr = np.asarray(spectra.truth["snr"])[chosen]
        parts.append(f"{len(chosen)} of class {name} from SNR {snr.min():.0f} to {snr.max():.0f}")
    words = f"Atlas of spectra in three columns: {', '.join(parts)}"
    for _, rows, *_ in real:
        words += f"; under them {sum(map(len, rows.values()))} real spectra"
    return f"{words}; the main spectral lines of each are marked."


def _plot_atlas_panel(ax, spectra, row, prefix):
    name, truth = to_class_name(spectra.label[row]), spectra.truth[row]
    color = PALETTE[name]
    ax.plot(spectra.wavelength, spectra.flux[row], color=color, linewidth=0.6)
    fit_flux_axis(ax, spectra.wavelength, spectra.flux[row])
    mark_lines(ax, CLASS_LINES[name], truth["z"], fontsize=9)
    words = [f"{prefix}{truth['subtype'] or name}"[:18], f"SNR {truth['snr']:.0f}"]
    words[1:1] = [] if name == "star" else [f"z {truth['z']:.2f}"]
    ax.set_title(", ".join(words), fontsize=11, color=color, pad=26)
    ax.set_yticks([])
    if prefix:
        ax.set_facecolor("#F4F4F4")
