"""What the labs show: models taught by wrong labels, searches for these, alarms (lesson 07)."""

from itertools import cycle

import numpy as np

from spectra_helpers.evaluate import catch_strange, trace_alarm
from spectra_helpers.plotting.display import with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import ACCENT, INK, MODEL_LOOKS, MUTED, model_look, styled

USUAL_SHARE = 0.05  # of the known spectra, for the words under a figure without marks
GREY = {"color": "#DDDDDD", "linewidth": 0.8}
# Lines that are neither a class nor a model
LOOKS = (
    {"color": "#7B3F9E", "linestyle": "-"},
    {"color": "#2B7A78", "linestyle": (0, (6, 2))},
    {"color": "#B03A2E", "linestyle": (0, (1, 1))},
)


def choose_looks(names):
    """Return a look for each name: that of the model which it names, else one of `LOOKS`."""
    others = cycle(LOOKS)
    looks = {name: model_look(name) for name in names}
    return {
        name: next(others)
        if look is MODEL_LOOKS["other"]
        else {key: look[key] for key in ("color", "linestyle")}
        for name, look in looks.items()
    }


@styled
def plot_label_noise(rates, scores, intervals=None, ylabel="macro F1"):
    """Plot the scores of models that learned from wrong labels, a panel for each kind of mistake.

    Parameters
    ----------
    rates : sequence of float
        Shares of wrong labels, 0 to 1.
    scores : dict of str to dict of str to sequence of float
        ``{panel: {model: scores}}``, a score for each rate.
    intervals : dict of str to dict of str to sequence of (float, float), optional
        The same for the intervals.
    ylabel : str
        What the scores are.
    """
    fig, axes = new_figure(1, len(scores), (9, 3.6), sharey=True, squeeze=False)
    percent = 100 * np.asarray(rates)
    parts = []
    for ax, (panel, models) in zip(axes[0], scores.items(), strict=True):
        for model, values in models.items():
            look = model_look(model)
            ax.plot(percent, values, linewidth=1.6, markersize=7, label=model, **look)
            if intervals:
                band = np.transpose(intervals[panel][model])
                ax.fill_between(percent, *band, color=look["color"], alpha=0.18)
        ax.set(title=panel, xlabel="wrong labels (%)", xticks=percent)
        ax.grid(axis="y", **GREY)
        ends = [f"{model} {values[0]:.3f} to {values[-1]:.3f}" for model, values in models.items()]
        parts.append(f"{panel}: {', '.join(ends)}")
    axes[0, 0].set_ylabel(ylabel)
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper right", ncols=3)
    start = f"Line plots of {ylabel} against the share of wrong labels, from {percent[0]:.0f} % to "
    return with_words(fig, f"{start}{percent[-1]:.0f} %. {'; '.join(parts)}.")


@styled
def plot_search(searches, looked=None):
    """Plot how many of the wrong labels are found against how many spectra were looked at.

    Parameters
    ----------
    searches : dict of str to ndarray of bool, shape (n_spectra,)
        For each search, whether the label is wrong, in the order in which one looks.
    looked : int, optional
        A number of spectra to mark on each curve.
    """
    fig, ax = new_figure(figsize=(9, 3.8))
    looks, words = choose_looks(searches), []
    for name, wrong in searches.items():
        found = np.cumsum(wrong) / max(np.sum(wrong), 1)
        number = np.arange(1, len(wrong) + 1)
        ax.plot(number, found, linewidth=1.8, label=name, **looks[name])
        words.append(f"{name}: {_say_find(found, len(wrong) // 10)}")
        if looked is not None:
            ax.plot(looked, found[looked - 1], "o", color=ACCENT, markersize=11, zorder=5,
                    markeredgecolor=looks[name]["color"], markeredgewidth=2)  # fmt: skip
            words[-1] = f"{name}: {_say_find(found, looked)}"
            words[-1] += f", {np.mean(wrong[:looked]):.0%} of what was looked at"
    ax.plot([0, len(wrong)], [0, 1], color=MUTED, linewidth=1, label="in any order")
    if looked is not None:
        counts = [f"{name} {np.sum(wrong[:looked])}" for name, wrong in searches.items()]
        ax.set_title(f"wrong ones among the first {looked}: {', '.join(counts)}")
    ax.set(xlabel="spectra looked at, the suspects first", ylabel="part of wrong labels found")
    ax.set(xlim=(0, len(wrong)), ylim=(0, 1.03))
    ax.grid(axis="y", **GREY)
    ax.legend(loc="lower right")
    start = "Line plot of the part of the wrong labels found against the spectra looked at"
    return with_words(fig, f"{start}, of {len(wrong)}. {'; '.join(words)}.")


def _say_find(found, looked):
    return f"after {looked} spectra {found[max(looked - 1, 0)]:.0%} found"


@styled
def plot_alarms(alarms, kinds, share=None):
    """Plot what alarms find against how often they ring for nothing, a panel for each kind.

    Parameters
    ----------
    alarms : dict of str to dict of str to ndarray
        ``{alarm: {"known": values, kind: values}}``; the larger a value, the stranger.
    kinds : sequence of str
        The kinds never seen, as in `alarms`.
    share : float, optional
        A share of false alarms to mark on each curve, 0 to 1.
    """
    fig, axes = new_figure(1, len(kinds), (9, 3.8), sharey=True, squeeze=False)
    looks, parts = choose_looks(alarms), []
    for ax, kind in zip(axes[0], kinds, strict=True):
        words = []
        for name, values in alarms.items():
            look, both = looks[name], (values["known"], values[kind])
            rings, found = catch_strange(*both, USUAL_SHARE if share is None else share)
            words.append(f"{name} {found:.0%} at {rings:.1%}")
            label = name if share is None else f"{name}: {found:.0%}"
            ax.plot(*trace_alarm(*both), linewidth=1.8, label=label, **look)
            if share is not None:
                ax.plot(rings, found, "o", color=ACCENT, markersize=10, zorder=5, clip_on=False,
                        markeredgecolor=look["color"], markeredgewidth=2)  # fmt: skip
        ax.plot([0, 1], [0, 1], color=INK, linewidth=0.6)
        ax.set(title=kind, xlabel="part of the known", xticks=(0, 0.5, 1))
        ax.set(xlim=(-0.01, 1.01), ylim=(0, 1.03))
        ax.grid(axis="y", **GREY)
        parts.append(f"{kind}, found at false alarms: {', '.join(words)}")
    axes[0, 0].set_ylabel("part of the never seen")
    fig.legend(*ax.get_legend_handles_labels(), loc="outside upper left", ncols=5 - 2 * bool(share))
    return with_words(fig, f"Curves of what alarms find. {'; '.join(parts)}.")
