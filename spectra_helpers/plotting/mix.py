"""What a mistake costs where a class is rare (lesson 07)."""

import numpy as np

from spectra_helpers.plotting.display import with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import ACCENT, INK, styled


@styled
def plot_precision_by_share(share, precision, low, high, marks, class_name="quasar"):
    """Plot the precision for a class against its share of all spectra.

    Parameters
    ----------
    share : ndarray, shape (n,)
        Shares of the class, 0 to 1, rising.
    precision, low, high : ndarray, shape (n,)
        Precision there, and the ends of its interval.
    marks : dict of str to float
        Shares to mark, with their names.
    class_name : str
    """
    fig, ax = new_figure(figsize=(9, 3.6))
    ax.fill_between(share, low, high, color=ACCENT, alpha=0.25, linewidth=0, label="95 % interval")
    ax.plot(share, precision, color=INK, linewidth=1.8, label="precision")
    told = []
    for (name, where), marker in zip(marks.items(), "osD^v", strict=False):
        value = np.interp(where, share, precision)
        ax.plot(where, value, marker, color=ACCENT, markersize=8, markeredgecolor=INK)
        ax.annotate(name, (where, value), (6, -14), textcoords="offset points")
        told.append(f"{name} ({where:.1%}) {value:.2f}")
    ax.set(xscale="log", xlim=(share[0], share[-1]), ylim=(0, 1.03))
    ax.set(xlabel=f"share of the class {class_name} among all spectra", ylabel="precision")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.3g}")
    ax.legend(loc="lower right")
    return with_words(
        fig,
        f"Line plot of the precision for class {class_name} against its share of all spectra, "
        f"rising; {', '.join(told)}.",
    )
