"""Plots of lesson 07: what models say of one spectrum, and when they had better say nothing."""

import numpy as np

from spectra_helpers.data import CLASSES
from spectra_helpers.evaluate import compute_coverage, score_coverage
from spectra_helpers.plotting.axes import fit_flux_axis
from spectra_helpers.plotting.style import (
    ACCENT,
    FLUX_LABEL,
    INK,
    PALETTE,
    WAVELENGTH_LABEL,
    class_color,
    model_look,
    new_figure,
    styled,
    to_class_name,
)
from spectra_helpers.plotting.words import with_words

HATCHES = {"galaxy": "", "quasar": "//", "star": ".."}  # a second cue beside the colour


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


def _find_disputed(y, probas, most):
    """Return the spectra that some model gets wrong, and what each model gives the true class."""
    y = np.asarray(y)
    wrong = np.any([proba.argmax(axis=1) != y for proba in probas.values()], axis=0)
    rows = np.flatnonzero(wrong)[:most]
    true = {name: np.asarray(proba)[rows, y[rows]] for name, proba in probas.items()}
    return rows, true


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
            words[-1] += _say_refusal(*point, threshold)
            left = min(left, point[0] - 0.02)
            ax.plot(*point, "o", color=ACCENT, markersize=11, markeredgewidth=2,
                    markeredgecolor=look["color"], zorder=5)  # fmt: skip
    if threshold is not None:
        ax.set_title(f"answers only when at least {threshold:.2f} sure (large dots)")
    ax.set(xlabel="part of the spectra that is answered", ylabel="accuracy of the answers")
    room = 1.003 - lowest
    ax.set(xlim=(left, 1.01), ylim=(lowest - 0.1 * room, 1 + 0.08 * room))
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.8)
    ax.legend(loc="lower left")
    start = "Line plot of accuracy against the part of the spectra answered"
    return with_words(fig, f"{start}: {'; '.join(words)}.")


def _say_refusal(coverage, accuracy, threshold):
    right = "no answer" if np.isnan(accuracy) else f"{accuracy:.3f}"
    return f", {right} at {coverage:.1%} of them, where it is at least {threshold:.2f} sure"
