"""Plots of lesson 06: a network as a flow chart, its learning curve, and one of its kernels."""

from collections import Counter

import numpy as np
from matplotlib.patches import FancyBboxPatch

from spectra_helpers.models import correlate_kernel
from spectra_helpers.plotting.axes import find_flux_range
from spectra_helpers.plotting.network_chart import read_chart
from spectra_helpers.plotting.style import (
    ACCENT,
    INK,
    MUTED,
    WAVELENGTH_LABEL,
    new_figure,
    styled,
)
from spectra_helpers.plotting.words import with_words

BOX_COLORS = {"input": "#FFFFFF", "conv": "#CFE6F5", "dense": "#F9E3B4", "other": "#E8E8E8"}


@styled
def plot_network(network):
    """Draw a Keras network as a flow chart, branches side by side.

    Parameters
    ----------
    network : keras.Model
        A functional or sequential model.

    Returns
    -------
    matplotlib.figure.Figure
        A box for each step, top to bottom; layers that follow each other without a branch, such as
        convolution, batch norm and ReLU, share one box. ``n × m`` is the shape that comes out:
        positions × channels.
    """
    boxes = read_chart(network)
    depth = 1 + max(box.level for box in boxes)
    places = [sorted(box.x for box in boxes if box.level == level) for level in range(depth)]
    size = 11 if max(map(len, places)) <= 5 else 9.5
    widths = [_choose_width(row) for row in places]
    words = [box.wrap(widths[box.level] * 130 / size) for box in boxes]
    count = [(box.level, len(text)) for box, text in zip(boxes, words, strict=True)]
    lines = [max(n for level, n in count if level == y) for y in range(depth)]
    heights = 0.26 + 0.19 * np.array(lines)
    bottoms = np.cumsum((heights + 0.24)[::-1])[::-1] - heights - 0.24
    fig, ax = new_figure(figsize=(9, sum(heights) + 0.24 * depth + 0.3))
    for box, text in zip(boxes, words, strict=True):
        corner = (9 * box.x - widths[box.level] / 2, bottoms[box.level])
        _draw_box(ax, corner, widths[box.level], heights[box.level], text, box.kind, size)
        for parent in box.parents:
            _draw_arrow(ax, boxes[parent], box, bottoms, heights)
    ax.set(xlim=(0, 9), ylim=(-0.05, bottoms[0] + heights[0] + 0.05))
    ax.set_title(f"{network.count_params():,} weights", fontsize=12)
    ax.axis("off")
    return with_words(fig, _say_network(boxes, network.count_params()))


def _say_network(boxes, n_weights):
    steps = []
    for level in range(1 + max(box.level for box in boxes)):
        row = Counter(", ".join(box.words) for box in boxes if box.level == level)
        start, *_ = row
        said = []
        for words, n in row.items():
            times = f"{n} times " if n > 1 else ""
            said.append(times + (words if words == start else _shorten(words, start)))
        side = f"{row.total()} side by side: " if row.total() > 1 else ""
        steps.append(side + " | ".join(said))
    return f"Flow chart of a network of {n_weights:,} weights: {'; then '.join(steps)}."


def _shorten(words, start):
    """Leave out what follows the first layer of a branch where it is as in the branch `start`."""
    first, _, after = words.partition(",")
    return first if after == start.partition(",")[2] else words


def _choose_width(places):
    """Width of the boxes of a level, so that they keep clear of each other and of the margins."""
    room = np.diff([-places[0], *places, 2 - places[-1]]).min()
    return min(9 * room - 0.19, 3.4)


def _draw_box(ax, corner, width, height, text, kind, size):
    shape = FancyBboxPatch(corner, width, height, "round,pad=0,rounding_size=0.08",
                           facecolor=BOX_COLORS[kind], edgecolor=MUTED)  # fmt: skip
    ax.add_patch(shape)
    middle = (corner[0] + width / 2, corner[1] + height / 2)
    ax.text(*middle, "\n".join(text), ha="center", va="center", fontsize=size)


def _draw_arrow(ax, start, end, bottoms, heights):
    tail = (9 * start.x, bottoms[start.level])
    head = (9 * end.x, bottoms[end.level] + heights[end.level])
    style = {"arrowstyle": "-|>", "color": MUTED, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", head, tail, arrowprops=style)


@styled
def plot_learning_curve(history):
    """Plot loss and accuracy against the epoch.

    Parameters
    ----------
    history : dict of str to sequence of float
        What Keras records: "loss", "accuracy", and with validation "val_loss", "val_accuracy".
    """
    metrics = [name for name in ("loss", "accuracy") if name in history]
    fig, axes = new_figure(1, len(metrics), (9, 3.3), squeeze=False)
    epochs = np.arange(1, len(history["loss"]) + 1)
    best = _find_best_epoch(history)
    for ax, name in zip(axes[0], metrics, strict=True):
        ax.plot(epochs, history[name], "-", color=INK, linewidth=1.6, label="training")
        if f"val_{name}" in history:
            values = history[f"val_{name}"]
            ax.plot(epochs, values, "--o", color=ACCENT, markersize=4, label="validation")
            ax.plot(best, values[best - 1], "o", color="none", markeredgecolor=INK, markersize=11)
        ax.set(xlabel="epoch", ylabel=name)
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend(loc="best")
    return with_words(fig, _say_learning_curve(history, best))


def _say_learning_curve(history, best):
    n = len(history["loss"])
    parts = ", ".join(f"{name} {values[best - 1]:.3g}" for name, values in history.items())
    start = f"Line plots of a training of {n} epoch{'s' * (n != 1)}; "
    return f"{start}the best is epoch {best}, marked with a circle, with {parts}."


def _find_best_epoch(history):
    return 1 + int(np.argmin(history.get("val_loss", history["loss"])))


@styled
def plot_kernel(kernel, wavelength, flux, channels=None, name="kernel"):
    """Plot one kernel of a network's first layer and what it answers along a spectrum.

    Parameters
    ----------
    kernel : ndarray, shape (n_weights,) or (n_weights, n_channels)
        Weights of the kernel.
    wavelength, flux : ndarray, shape (n_pixels,)
        A spectrum.
    channels : ndarray, shape (n_steps, n_channels), optional
        What the layer reads, when that is not the spectrum itself: several versions of it, perhaps
        cut into patches of neighbouring pixels (fewer steps than pixels).
    name : str
        Title of the left panel.
    """
    where, answer = answer_kernel(kernel, wavelength, flux, channels)
    weights = _as_columns(kernel)
    if weights.shape[1] == 1:
        fig, (left, top, bottom) = new_figure("wt;wb", figsize=(9, 4.2), width_ratios=(1, 2.6))
        _draw_stems(left, weights[:, 0])
    else:
        shape = {"width_ratios": (1, 2.6), "height_ratios": (10, 8, 1)}
        fig, (left, top, bottom, scale) = new_figure("wt;wb;sb", figsize=(9, 4.2), **shape)
        _draw_weights(left, scale, weights)
    left.set_title(name)
    top.plot(wavelength, flux, color=INK, linewidth=0.8)
    top.set(ylim=find_flux_range(flux), ylabel="flux", xlim=(wavelength[0], wavelength[-1]))
    top.tick_params(labelbottom=False)
    bottom.plot(where, answer, color=ACCENT, linewidth=0.9)
    bottom.axhline(0, color=MUTED, linewidth=0.8)
    bottom.set(xlabel=WAVELENGTH_LABEL, ylabel="answer")
    bottom.set_xlim(wavelength[0], wavelength[-1])
    return with_words(fig, _say_kernel(weights, name, where[np.abs(answer).argmax()]))


def _say_kernel(weights, name, peak):
    steps, n = weights.shape
    size = f"{steps} steps" + (f", {n} channels" if n > 1 else "")
    return (
        f"Panels with the {steps * n} weights of {name} ({size}), from {np.min(weights):.2g} to "
        f"{np.max(weights):.2g}; a spectrum; and the kernel's answer along it, largest near "
        f"{peak:.0f} Å."
    )


def _draw_stems(ax, weights):
    ax.stem(np.arange(1, len(weights) + 1), weights, linefmt="k-", markerfmt="ko", basefmt=" ")
    ax.axhline(0, color=MUTED, linewidth=0.8)
    ax.set(xlabel="pixel", ylabel="weight")
    ax.xaxis.get_major_locator().set_params(integer=True)


def _draw_weights(ax, scale, weights):
    """Weights as colours, and below them the colours as weights: quicker than `Figure.colorbar`."""
    limit = np.abs(weights).max() or 1
    look = {"cmap": "PuOr", "vmin": -limit, "vmax": limit, "aspect": "auto"}
    n_weights, n_channels = weights.shape
    ax.imshow(weights.T, extent=(0.5, n_weights + 0.5, n_channels + 0.5, 0.5), **look)
    ax.set(xlabel="step", ylabel="channel")
    ax.xaxis.get_major_locator().set_params(integer=True)
    scale.imshow(np.linspace(-limit, limit, 128)[None], extent=(-limit, limit, 0, 1), **look)
    scale.set(xlabel="weight", yticks=[])


def _as_columns(values):
    values = np.asarray(values)
    return values[:, None] if values.ndim == 1 else values


def answer_kernel(kernel, wavelength, flux, channels=None):
    """Return where along the spectrum a kernel answers, and its answers there."""
    channels = _as_columns(flux if channels is None else channels)
    answer = correlate_kernel(kernel, channels)
    middles = (np.arange(len(answer)) + 0.5) / len(answer) * len(wavelength) - 0.5
    return np.interp(middles, np.arange(len(wavelength)), wavelength), answer
