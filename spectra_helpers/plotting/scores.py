"""Plots of lessons 05 to 07: how right the models are, where, and how sure."""

from textwrap import fill

import numpy as np

from spectra_helpers.data import CLASSES
from spectra_helpers.evaluate import score_threshold
from spectra_helpers.plotting.style import (
    ACCENT,
    INK,
    LINESTYLES,
    MUTED,
    PALETTE,
    model_look,
    new_figure,
    styled,
)
from spectra_helpers.plotting.words import with_words


@styled
def plot_confusions(matrices):
    """Plot row-normalized confusion matrices side by side.

    Parameters
    ----------
    matrices : dict of str to ndarray, shape (3, 3)
        For each model, the fraction of each true class (row) called each class (column).
    """
    import seaborn  # slow to import: only where it is used

    n = len(matrices)
    fig, axes = new_figure(1, n, (max(2.75 * n + 0.75, 4.8), 3.4), sharey=True, squeeze=False)
    for ax, (name, matrix) in zip(axes[0], matrices.items(), strict=True):
        seaborn.heatmap(
            matrix, vmin=0, vmax=1, cmap="Blues", annot=True, fmt=".3f", square=True,
            cbar=False, xticklabels=CLASSES, yticklabels=CLASSES, ax=ax,
        )  # fmt: skip
        ax.set(title=fill(name, 28), xlabel="predicted class")
        ax.tick_params(length=0, rotation=0)
    axes[0, 0].set_ylabel("true class")
    fig.colorbar(ax.collections[0], ax=axes, shrink=0.8, label="fraction of true class", pad=0.02)
    return with_words(fig, _say_confusions(matrices))


def _say_confusions(matrices):
    parts = []
    for name, matrix in matrices.items():
        matrix = np.asarray(matrix, dtype=float)
        there = [i for i in range(len(CLASSES)) if matrix[i].any()]
        right = ", ".join(f"{CLASSES[i]} {matrix[i, i]:.1%}" for i in there)
        wrong = np.where(np.eye(3, dtype=bool), -1, matrix)
        row, column = np.unravel_index(wrong.argmax(), (3, 3))
        worst = f"most often wrong, {CLASSES[row]} called {CLASSES[column]} {wrong.max():.1%}"
        parts.append(f"{name}: right {right}; {worst if wrong.max() > 0 else 'no mistakes'}")
    return f"Confusion matrices, rows the true class. {'. '.join(parts)}."


@styled
def plot_scores(scores, intervals=None, published=None, metrics=("accuracy", "macro F1")):
    """Plot the scores of models with their intervals, next to the published values.

    Parameters
    ----------
    scores : dict of str to dict of str to float
        ``{model: {metric: value}}``.
    intervals : dict of str to dict of str to (float, float), optional
        ``{model: {metric: (low, high)}}``.
    published : dict of str to dict of str to float, optional
        The published value of each model and metric, drawn as an open diamond.
    metrics : sequence of str
        Which metrics to draw, a panel each.
    """
    fig, axes = new_figure(1, len(metrics), (9, 1.3 + 0.42 * len(scores)), sharey=True)
    for ax, metric in zip(np.ravel(axes), metrics, strict=True):
        for row, (model, values) in enumerate(scores.items()):
            if intervals and metric in intervals.get(model, {}):
                ax.plot(intervals[model][metric], [row, row], color=INK, linewidth=2.5)
            ax.plot(values[metric], row, "o", color=INK, markersize=8)
            ax.annotate(f"{values[metric]:.3f}", (values[metric], row), (0, 7),
                        textcoords="offset points", ha="center", fontsize=11)  # fmt: skip
            if published and metric in published.get(model, {}):
                ax.plot(published[model][metric], row, "D", markersize=9, markerfacecolor="white",
                        markeredgecolor=ACCENT, markeredgewidth=2, zorder=1)  # fmt: skip
        ax.set(xlabel=metric, yticks=range(len(scores)), yticklabels=list(scores))
        ax.margins(x=0.12)
        ax.set_ylim(len(scores) - 0.5, -0.7)
        ax.grid(axis="x", color="#DDDDDD", linewidth=0.8)
    handles = [fig.axes[0].plot([], [], "o-", color=INK, lw=2.5, label="here, with interval")[0]]
    if published:
        handles += fig.axes[0].plot([], [], "D", mfc="white", mec=ACCENT, mew=2, label="published")
    fig.legend(handles=handles, loc="outside upper right", ncols=2)
    return with_words(fig, _say_scores(scores, intervals or {}, published or {}, metrics))


def _say_scores(scores, intervals, published, metrics):
    parts = []
    for model, values in scores.items():
        words = []
        for metric in metrics:
            word = f"{metric} {values[metric]:.3f}"
            if metric in intervals.get(model, {}):
                word += " ({:.3f} to {:.3f})".format(*intervals[model][metric])
            if metric in published.get(model, {}):
                word += f", published {published[model][metric]:.3f}"
            words.append(word)
        parts.append(f"{model}: {', '.join(words)}")
    return f"Dot plot of scores. {'; '.join(parts)}."


@styled
def plot_threshold(y, proba, threshold=0.5, class_name="quasar"):
    """Plot precision and recall of a class against the probability asked for.

    Parameters
    ----------
    y : ndarray, shape (n_spectra,)
        True labels.
    proba : ndarray, shape (n_spectra, 3)
        Probabilities of the classes.
    threshold : float
        The threshold to mark, 0 to 1.
    class_name : str
        The class in question.
    """
    grid = np.linspace(0, 1, 101)
    curves = np.array([score_threshold(y, proba, t, class_name) for t in grid])
    now = score_threshold(y, proba, threshold, class_name)
    fig, ax = new_figure(figsize=(9, 3.4))
    ax.plot(grid, curves[:, 0], LINESTYLES["galaxy"], color=INK, linewidth=1.8, label="precision")
    ax.plot(grid, curves[:, 1], "--", color=PALETTE[class_name], linewidth=1.8, label="recall")
    ax.axvline(threshold, color=ACCENT, linewidth=2)
    ax.plot([threshold] * 2, now, "o", color=ACCENT, markersize=8)
    precision = "none called" if np.isnan(now[0]) else f"precision {now[0]:.3f}"
    ax.set(xlabel=f"probability asked for to call it a {class_name}", ylabel="fraction")
    ax.set(ylim=(0, 1.03), xlim=(0, 1))
    ax.set_title(f"threshold {threshold:.2f}: {precision}, recall {now[1]:.3f}")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper right", ncols=2)
    right = "nothing is called so" if np.isnan(now[0]) else f"precision is {now[0]:.3f}"
    return with_words(
        fig,
        f"Line plot of precision and recall of class {class_name} against the probability asked "
        f"for; at {threshold:.2f} {right} and recall is {now[1]:.3f}.",
    )


@styled
def plot_snr_ladder(snr, accuracy, intervals=None, ylabel="accuracy"):
    """Plot the accuracy of models on the same spectra degraded to lower and lower SNR.

    Parameters
    ----------
    snr : sequence of float
        Signal-to-noise ratios.
    accuracy : dict of str to sequence of float
        For each model, a value for each SNR.
    intervals : dict of str to sequence of (float, float), optional
        For each model, an interval for each SNR.
    ylabel : str
        What the values are.
    """
    fig, ax = new_figure(figsize=(9, 3.8))
    for model, values in accuracy.items():
        look = model_look(model)
        ax.plot(snr, values, linewidth=1.6, markersize=7, label=model, **look)
        if intervals and model in intervals:
            ax.fill_between(snr, *np.transpose(intervals[model]), color=look["color"], alpha=0.18)
    ax.set_xscale("log")
    ax.set_xticks(snr, [f"{value:g}" for value in snr])
    ax.minorticks_off()
    ax.set(xlabel="signal-to-noise ratio of the test spectra", ylabel=ylabel)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    # Above the axes: a line may run anywhere, that of the majority class at the bottom.
    fig.legend(loc="outside upper left", ncols=len(accuracy))
    return with_words(fig, _say_snr_ladder(snr, accuracy, ylabel))


def _say_snr_ladder(snr, accuracy, ylabel):
    low, high = int(np.argmin(snr)), int(np.argmax(snr))
    parts = [f"{name} {v[low]:.3f} at SNR {snr[low]:g}, {v[high]:.3f} at SNR {snr[high]:g}"
             for name, v in accuracy.items()]  # fmt: skip
    return f"Line plot of {ylabel} against signal-to-noise ratio: {'; '.join(parts)}."


@styled
def plot_reliability(curves):
    """Plot how often a model is right against how sure it says it is.

    Parameters
    ----------
    curves : dict of str to (ndarray, ndarray)
        For each model, the mean confidence and the fraction right in bins of confidence.
    """
    fig, ax = new_figure(figsize=(5.2, 4))
    ax.plot([0, 1], [0, 1], color=MUTED, linewidth=1, label="as sure as right")
    for model, (confidence, right) in curves.items():
        ax.plot(confidence, right, markersize=7, linewidth=1.6, label=model, **model_look(model))
    low = min(np.nanmin(confidence) for confidence, _ in curves.values())
    ax.set(xlabel="confidence (largest probability)", ylabel="fraction right")
    ax.set(xlim=(min(low - 0.03, 0.97), 1.01), ylim=(0, 1.03))
    ax.legend(loc="lower right")
    return with_words(fig, _say_reliability(curves))


def _say_reliability(curves):
    gaps = []
    for model, (confidence, right) in curves.items():
        gap = np.asarray(confidence) - np.asarray(right)
        worst = int(np.nanargmax(np.abs(gap)))
        where = f"{right[worst]:.2f} right at confidence {confidence[worst]:.2f}"
        gaps.append(f"{model} is furthest off with {where}")
    return f"Line plot of the fraction right against confidence: {'; '.join(gaps)}."
