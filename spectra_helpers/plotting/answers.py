"""What models answer and how sure they are: planes, probabilities, refusals (05, 07)."""

import numpy as np
from matplotlib.colors import ListedColormap

from spectra_helpers.data import CLASSES
from spectra_helpers.evaluate import (
    bound_part,
    compute_coverage,
    score_coverage,
    score_threshold,
)
from spectra_helpers.plotting.axes import fit_flux_axis
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
    model_look,
    styled,
    to_class_name,
)

GRID = 120  # points along each side of a plane
HATCHES = {"galaxy": "", "quasar": "//", "star": ".."}  # a second cue beside the colour


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


def _map_plane(model, points):
    """Return the edges of the plane round some points and the model's class on a grid in it."""
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.05 * (high - low)
    axes = np.linspace(low - margin, high + margin, GRID).T
    plane = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 2)
    return axes, model.predict(plane).reshape(GRID, GRID)


def _say_plane(called, right):
    shares = ", ".join(f"{np.mean(called == i):.0%} {name}" for i, name in enumerate(CLASSES))
    return f"{shares} of the plane, {np.mean(right):.1%} of the points right"


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
def plot_answers(wavelength, flux, answers, label=None, title=""):
    """Plot a spectrum and, beside it, the probabilities that models give to its classes.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        Vacuum Å, and the spectrum the models were shown.
    answers : dict of str to ndarray, shape (3,)
        For each model, the probabilities of the classes.
    label : int or str, optional
        The true class.
    title : str
        What stands over the spectrum.
    """
    fig, (left, right) = new_figure(1, 2, (9, 3.4), width_ratios=(2.2, 1))
    left.plot(wavelength, flux, color=class_color(label), linewidth=0.7)
    fit_flux_axis(left, wavelength, flux)
    left.set(xlabel=WAVELENGTH_LABEL, ylabel=FLUX_LABEL, title=title)
    start = np.zeros(len(answers))
    for name, part in zip(CLASSES, np.array(list(answers.values())).T, strict=True):
        right.barh(range(len(answers)), part, left=start, color=PALETTE[name], height=0.6,
                   hatch=HATCHES[name], edgecolor="white", linewidth=0, label=name)  # fmt: skip
        start = start + part
    right.set(xlim=(0, 1), xlabel="probability", xticks=(0, 0.5, 1))
    right.set_yticks(range(len(answers)), list(answers))
    right.set_ylim(len(answers) - 0.5, -0.5)
    fig.legend(*right.get_legend_handles_labels(), loc="outside upper right", ncols=3)
    return with_words(fig, _say_answers(answers, label, title))


def _say_answers(answers, label, title):
    parts = []
    for model, proba in answers.items():
        best = int(np.argmax(proba))
        parts.append(f"{model} says {CLASSES[best]} with probability {proba[best]:.2f}")
    what = f"a {to_class_name(label)}" if label is not None else "an object"
    about = f" ({title})" if title else ""
    return f"Spectrum of {what}{about}; beside it bars of probability: {', '.join(parts)}."


@styled
def plot_votes(y, probas, most=20):
    """Plot what models give to the true class of each spectrum that one of them gets wrong.

    Parameters
    ----------
    y : ndarray, shape (n_spectra,)
        True labels.
    probas : dict of str to ndarray, shape (n_spectra, 3)
        For each model, the probabilities of the classes; the last one is drawn as open circles.
    most : int
        Spectra to show at most.
    """
    rows, true = _find_disputed(y, probas, most)
    fig, ax = new_figure(figsize=(9, 1.9 + 0.24 * max(len(rows), 1)))
    looks = {name: {**model_look(name), "markersize": 7} for name in true}
    looks[list(true)[-1]] = {"color": INK, "marker": "o", "markersize": 12, "fillstyle": "none"}
    for name, part in true.items():
        look = looks[name] | {"linestyle": "", "label": name, "clip_on": False}
        ax.plot(part, range(len(rows)), **look)
    ax.axvline(0.5, color=INK, linewidth=1.2)
    names = [to_class_name(label) for label in np.asarray(y)[rows]]
    ax.set_yticks(range(len(rows)), names)
    ax.set(
        xlim=(0, 1), ylim=(max(len(rows), 1) - 0.5, -0.5), xlabel="probability of the true class"
    )
    ax.grid(axis="y", linewidth=0.4)
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=len(true))
    above = ", ".join(f"{name} {np.sum(part > 0.5)}" for name, part in true.items())
    return with_words(
        fig,
        f"Dots of the probability of the true class for {len(rows)} test spectra that some model "
        f"gets wrong; above one half: {above}.",
    )


def _find_disputed(y, probas, most):
    """Return the spectra that some model gets wrong, and what each model gives the true class."""
    y = np.asarray(y)
    wrong = np.any([proba.argmax(axis=1) != y for proba in probas.values()], axis=0)
    rows = np.flatnonzero(wrong)[:most]
    true = {name: np.asarray(proba)[rows, y[rows]] for name, proba in probas.items()}
    return rows, true


@styled
def plot_reliability(curves, intervals=None):
    """Plot how often a model is right against how sure it says it is.

    Parameters
    ----------
    curves : dict of str to (ndarray, ndarray)
        For each model, the mean confidence and the fraction right in bins of confidence.
    intervals : dict of str to (ndarray, ndarray), optional
        For each model, the lower and upper ends of the fraction right.
    """
    fig, ax = new_figure(figsize=(5.2, 4))
    ax.plot([0, 1], [0, 1], color=MUTED, linewidth=1, label="as sure as right")
    for model, (confidence, right) in curves.items():
        look = model_look(model)
        ax.plot(confidence, right, markersize=7, linewidth=1.6, label=model, **look)
        if intervals:
            ax.vlines(confidence, *intervals[model], color=look["color"], linewidth=1.2, alpha=0.7)
    low = min(np.nanmin(confidence) for confidence, _ in curves.values())
    ax.set(xlabel="confidence (largest probability)", ylabel="fraction right")
    ax.set(xlim=(min(low - 0.03, 0.97), 1.01), ylim=(0, 1.03))
    ax.legend(loc="lower right")
    return with_words(fig, _say_reliability(curves, intervals or {}))


def _say_reliability(curves, intervals):
    gaps = []
    for model, (confidence, right) in curves.items():
        gap = np.asarray(confidence) - np.asarray(right)
        worst = int(np.nanargmax(np.abs(gap)))
        where = f"{right[worst]:.2f} right at confidence {confidence[worst]:.2f}"
        if model in intervals:
            ends = [end[worst] for end in intervals[model]]
            where = where.replace(" right", " ({:.2f} to {:.2f}) right".format(*ends))
        gaps.append(f"{model} is furthest off with {where}")
    return f"Line plot of the fraction right against confidence: {'; '.join(gaps)}."


@styled
def plot_coverage(y, probas, threshold=None):
    """Plot the accuracy of the answers that are left when the less sure ones are refused.

    Parameters
    ----------
    y : ndarray, shape (n_spectra,)
        True labels.
    probas : dict of str to ndarray, shape (n_spectra, 3)
        For each model, the probabilities of the classes.
    threshold : float, optional
        A confidence to mark on each curve, 0 to 1.
    """
    fig, ax = new_figure(figsize=(9, 3.8))
    words, lowest = [], 1.0
    left = 0.4  # farther left there are too few answers to tell how right they are
    for model, proba in probas.items():
        coverage, accuracy, _ = compute_coverage(y, proba)
        look = model_look(model)
        ax.plot(
            coverage, accuracy, linewidth=1.6, markersize=6, markevery=0.06, label=model, **look
        )
        lowest = min(lowest, accuracy[coverage > left].min())
        words.append(f"{model} {accuracy[-1]:.3f} when it answers all")
        if threshold is not None:
            point = score_coverage(y, proba, threshold)
            ends = _bound_answers(*point, len(y))
            words[-1] += _say_refusal(*point, ends, threshold)
            left = min(left, point[0] - 0.02)
            edge = {"markeredgecolor": look["color"], "markeredgewidth": 2}
            ax.plot(*point, "o", color=ACCENT, markersize=11, zorder=5, **edge)
            ax.vlines(point[0], *ends, color=look["color"], linewidth=2, zorder=4)
            lowest = np.nanmin([lowest, ends[0]])
    if threshold is not None:
        ax.set_title(f"answers only when at least {threshold:.2f} sure (large dots)")
    room = 1.003 - lowest
    ax.set(xlabel="part of the spectra that is answered", ylabel="accuracy of the answers")
    ax.set(xlim=(left, 1.01), ylim=(lowest - 0.1 * room, 1 + 0.08 * room))
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    ax.legend(loc="lower left")
    start = "Line plot of accuracy against the part of the spectra answered"
    return with_words(fig, f"{start}: {'; '.join(words)}.")


def _bound_answers(coverage, accuracy, n):
    answered = round(coverage * n)
    return bound_part(round(np.nan_to_num(accuracy) * answered), answered)


def _say_refusal(coverage, accuracy, ends, threshold):
    right = "{:.3f} ({:.3f} to {:.3f})".format(accuracy, *ends)
    right = "no answer" if np.isnan(accuracy) else right
    return f", {right} at {coverage:.1%} of them, where it is at least {threshold:.2f} sure"
