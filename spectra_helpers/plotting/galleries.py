"""Many spectra: how many of each class, examples, an atlas, mistakes (lessons 01, 03, 07)."""

from collections import Counter

import numpy as np

from spectra_helpers.data import CLASSES
from spectra_helpers.lines import CLASS_LINES
from spectra_helpers.plotting.axes import fit_flux_axis, mark_lines
from spectra_helpers.plotting.display import with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import (
    FLUX_LABEL,
    MUTED,
    PALETTE,
    WAVELENGTH_LABEL,
    class_color,
    styled,
    to_class_name,
)


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


def choose_examples(spectra, n_per_class, seed):
    """Return ``{class name: rows}``, up to `n_per_class` random rows of each class."""
    rng = np.random.default_rng(seed)
    rows = {}
    for index, name in enumerate(CLASSES):
        candidates = np.flatnonzero(spectra.label == index)
        rows[name] = rng.choice(candidates, min(n_per_class, len(candidates)), replace=False)
    return rows


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
        ax.set_title(f"{i + 1}  {true} → {called} {confidence[i]:.2f}", fontsize=11)
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
