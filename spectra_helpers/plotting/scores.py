"""How right models are: confusions, scores, repeats, grids of settings (lessons 03, 05 to 07)."""

from textwrap import fill

import numpy as np
from matplotlib.patches import Rectangle

from spectra_helpers.data import CLASSES
from spectra_helpers.plotting.display import with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import ACCENT, INK, model_look, styled


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


@styled
def plot_tuning(scores, rows, columns, names=("C", "gamma"), metric="macro F1"):
    """Plot the scores of a grid of settings as a table of coloured cells, the best one framed.

    Parameters
    ----------
    scores : ndarray, shape (n_rows, n_columns)
        Score of each setting.
    rows, columns : sequence of float
        Values of the two settings.
    names : (str, str)
        Names of the settings, of rows and columns.
    metric : str
        What the scores are.
    """
    fig, ax = new_figure(figsize=(1.6 + 1.0 * len(columns), 1.1 + 0.55 * len(rows)))
    image = ax.imshow(scores, cmap="Blues", aspect="auto")
    middle = (np.min(scores) + np.max(scores)) / 2
    for (row, column), value in np.ndenumerate(scores):
        color = "white" if value > middle else "black"
        ax.text(column, row, f"{value:.3f}", ha="center", va="center", color=color)
    row, column = np.unravel_index(np.argmax(scores), np.shape(scores))
    frame = {"fill": False, "edgecolor": ACCENT, "linewidth": 3}
    ax.add_patch(Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, **frame))
    ax.set(xticks=range(len(columns)), xticklabels=[f"{value:g}" for value in columns])
    ax.set(yticks=range(len(rows)), yticklabels=[f"{value:g}" for value in rows])
    ax.set(xlabel=names[1], ylabel=names[0])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    fig.colorbar(image, ax=ax, label=metric)
    return with_words(
        fig,
        f"Table of the {metric} for {np.size(scores)} settings of {names[0]} and {names[1]}, from "
        f"{np.min(scores):.3f} to {np.max(scores):.3f}; the best has {names[0]} = {rows[row]:g} "
        f"and {names[1]} = {columns[column]:g}.",
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
