"""Plots of numbers that come many times: scores of repeated runs, histograms (lessons 03, 04)."""

import numpy as np

from spectra_helpers.plotting.style import ACCENT, INK, MUTED, PALETTE, new_figure, styled
from spectra_helpers.plotting.words import with_words

HISTOGRAM_LOOKS = ((INK, "-"), (ACCENT, "--"), (PALETTE["quasar"], ":"), (MUTED, "-."))


@styled
def plot_repeats(scores, ylabel="macro F1"):
    """Plot the scores of repeated runs for a few ways to work, a panel for each model.

    Parameters
    ----------
    scores : dict of str to dict of str to sequence of float
        ``{panel: {way: scores}}``; the scores of one panel have the same repeats in the same order.
        A line joins those of one repeat; a dot with a bar is their mean and standard deviation.
    ylabel : str
        What the scores are.
    """
    width = 1.2 + sum(0.6 + 0.95 * len(ways) for ways in scores.values())
    width = min(max(width, 4.5), max(9, 4 * len(scores)))
    fig, axes = new_figure(1, len(scores), (width, 3.6), sharey=True, squeeze=False)
    parts = []
    for ax, (panel, ways) in zip(axes[0], scores.items(), strict=True):
        values = np.array(list(ways.values()), dtype=float)
        place = np.arange(len(ways))
        ax.plot(place, values, color="#BBBBBB", linewidth=0.8, marker=".", markersize=4, zorder=1)
        mean, spread = values.mean(axis=1), values.std(axis=1, ddof=1)
        ax.errorbar(place, mean, spread, fmt="o", color=INK, capsize=5, lw=2, markersize=7)
        for x, y in zip(place, mean, strict=True):
            ax.annotate(f"{y:.3f}", (x, y), (8, 0), textcoords="offset points", va="center",
                        fontsize=11, bbox={"facecolor": "white", "alpha": 0.75, "pad": 1, "lw": 0},
                        )  # fmt: skip
        ax.set_xticks(place, list(ways))
        ax.set(title=panel, xlim=(-0.4, len(ways) - 0.25))
        ax.grid(axis="y", color="#DDDDDD", linewidth=0.8)
        parts.append(f"{panel}: {_say_ways(ways, mean, spread)}")
    axes[0, 0].set_ylabel(ylabel)
    start = f"Dot plot of the {ylabel} in {values.shape[1]} repeats, with mean and spread."
    return with_words(fig, f"{start} {'; '.join(parts)}.")


def _say_ways(ways, mean, spread):
    numbers = zip(ways, mean, spread, strict=True)
    return ", ".join(f"{' '.join(way.split())} {m:.3f} (spread {s:.3f})" for way, m, s in numbers)


def _keep_finite(samples):
    """Return the samples without NaN and infinity; `ValueError` if they are none or too many."""
    if not 1 <= len(samples) <= len(HISTOGRAM_LOOKS):
        raise ValueError(
            f"One figure shows histograms of 1 to {len(HISTOGRAM_LOOKS)} samples, not of "
            f"{len(samples)}: choose some."
        )
    return {name: np.asarray(sample)[np.isfinite(sample)] for name, sample in samples.items()}


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


def _say_histograms(finite, xlabel):
    parts = []
    for name, sample in finite.items():
        if not sample.size:
            parts.append(f"{name}, no finite value")
            continue
        low, middle, high = np.percentile(sample, (5, 50, 95))
        parts.append(f"{name}, median {middle:.3g}, 90 % between {low:.3g} and {high:.3g}")
    return f"Histograms of {xlabel}: {'; '.join(parts)}."
