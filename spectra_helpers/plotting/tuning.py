"""Plots of lesson 05: what a model makes of a plane, and the scores of a grid of settings."""

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.patches import Rectangle

from spectra_helpers.data import CLASSES
from spectra_helpers.plotting.style import ACCENT, MARKERS, PALETTE, new_figure, styled
from spectra_helpers.plotting.words import with_words

GRID = 120  # points along each side of a plane


def _map_plane(model, points):
    """Return the edges of the plane round some points and the model's class on a grid in it."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.05 * (high - low)
    axes = np.linspace(low - margin, high + margin, GRID).T
    plane = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    return axes, model.predict(plane).reshape(GRID, GRID)


@styled
def plot_boundaries(models, points, label, names=("PC1", "PC2")):
    """Plot the class that models give to every place of a plane, with some spectra on it.

    Parameters
    ----------
    models : dict of str to estimator
        Fitted on two features; a panel each.
    points : ndarray, shape (n_spectra, 2)
        The spectra to draw.
    label : ndarray, shape (n_spectra,)
        Their true classes.
    names : sequence of str
        Names of the two features.
    """
    fig, axes = new_figure(1, len(models), (9, 3.6), sharey=True, squeeze=False)
    colors = ListedColormap([PALETTE[name] for name in CLASSES])
    parts = []
    for ax, (title, model) in zip(axes[0], models.items(), strict=True):
        (x, y), called = _map_plane(model, points)
        extent = (x[0], x[-1], y[0], y[-1])
        ax.imshow(called, origin="lower", extent=extent, aspect="auto", cmap=colors, vmin=0,
                  vmax=2, alpha=0.35, interpolation="nearest")  # fmt: skip
        for index, name in enumerate(CLASSES):
            some = points[label == index]
            size = 8 if MARKERS[name] == "*" else 5  # the same area to the eye
            ax.plot(*some.T, MARKERS[name], color=PALETTE[name], markersize=size, label=name,
                    markeredgewidth=0.4, markeredgecolor="white")  # fmt: skip
        ax.set(title=title, xlabel=names[0], xlim=extent[:2], ylim=extent[2:])
        parts.append(f"{title}: {_say_plane(called, model.predict(points) == label)}")
    axes[0, 0].set_ylabel(names[1])
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=3)
    start = f"Planes of {names[0]} and {names[1]} coloured by predicted class."
    return with_words(fig, f"{start} {'; '.join(parts)}.")


def _say_plane(called, right):
    shares = ", ".join(f"{np.mean(called == i):.0%} {name}" for i, name in enumerate(CLASSES))
    return f"{shares} of the plane, {np.mean(right):.1%} of the points right"


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
