"""Plot of the marks of a class (`spectra class report`)."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from spectra_helpers.plotting import INK, MUTED, PALETTE, new_figure, styled, with_words

# how much of a part was given: colour, hatch, colour of the number in it
LOOKS = {
    "all marks": (PALETTE["quasar"], "", "white"),
    "some": ("#9CC9E8", "//", INK),
    "none": ("#F2D3BE", "xx", INK),
    "to be read": ("#FFFFFF", "", INK),
}


def count_outcomes(share):
    """Count, for each part, students with all marks, some, none, and those still to be read.

    Parameters
    ----------
    share : array, shape (n_students, n_parts)
        Marks over the most possible, 0 to 1; NaN where the part waits to be read.

    Returns
    -------
    array of int, shape (4, n_parts)
    """
    share = np.asarray(share, dtype=float)
    kinds = (share >= 1, (share > 0) & (share < 1), share <= 0, np.isnan(share))
    return np.array([kind.sum(axis=0) for kind in kinds])


@styled
def plot_class_marks(names, share):
    """Plot how many students got all marks, some or none in each part.

    Parameters
    ----------
    names : sequence of str
        The parts, the first one on top.
    share : array, shape (n_students, n_parts)
        As for `count_outcomes`.
    """
    counts = count_outcomes(share)
    fig, ax = new_figure(figsize=(9, 1.2 + 0.42 * len(names)))
    place, left = np.arange(len(names)), np.zeros(len(names), dtype=int)
    for (kind, (color, hatch, ink)), number in zip(LOOKS.items(), counts, strict=True):
        if not number.any():
            continue
        ax.barh(place, number, 0.72, left, color=color, hatch=hatch, edgecolor=MUTED, label=kind)
        for y, n, start in zip(
            place[number > 0], number[number > 0], left[number > 0], strict=True
        ):
            box = {"facecolor": color, "edgecolor": "none", "pad": 1.5}
            ax.text(start + n / 2, y, n, ha="center", va="center", color=ink, bbox=box)
        left = left + number
    ax.set_yticks(place, names)
    ax.set(xlabel="number of students", xlim=(0, max(len(share), 1)), ylim=(len(names) - 0.5, -0.5))
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.tick_params(axis="y", length=0)
    fig.legend(loc="outside upper right", ncols=len(LOOKS))
    return with_words(fig, _say_class_marks(names, counts, len(share)))


def _say_class_marks(names, counts, n_students):
    words = [
        f"{name}: {', '.join(f'{n} {kind}' for kind, n in zip(LOOKS, number, strict=True) if n)}"
        for name, number in zip(names, counts.T, strict=True)
    ]
    return (
        f"Bars: how many of {n_students} students got all marks, some or none in each part. "
        f"{'; '.join(words)}."
    )
