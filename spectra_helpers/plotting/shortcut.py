"""What sky lines that go with a class do to a spectrum, and to scores (lesson 06)."""

import numpy as np

from spectra_helpers.augment import add_sky
from spectra_helpers.lines import SKY_LINES
from spectra_helpers.plotting.axes import draw_verticals
from spectra_helpers.plotting.display import with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import (
    CURVES,
    INK,
    MUTED,
    WAVELENGTH_LABEL,
    class_color,
    styled,
)


@styled
def plot_shortcut(wavelength, flux, strength, scores, label=None):
    """Plot a spectrum with and without sky lines, and scores against their strength.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    flux : ndarray, shape (n_pixels,)
        The spectrum without them.
    strength : float
        As in `spectra_helpers.augment.add_sky`.
    scores : dict of str to dict of float to float
        What was tested, up to five, and the score for each strength.
    label : int or str, optional
        Class of the spectrum, for the colour.
    """
    fig, (top, bottom) = new_figure(2, 1, (9, 5.4), height_ratios=(1, 1.1))
    after = add_sky(flux, strength)
    draw_verticals(top, SKY_LINES, color="#BDBDBD", linewidth=2.5, zorder=-1)
    top.plot(wavelength, after, color=class_color(label), linewidth=0.9, label="with sky lines")
    top.plot(wavelength, flux, color=INK, linewidth=0.6, label="without")
    top.set(xlabel=WAVELENGTH_LABEL, ylabel="flux", xlim=(wavelength[0], wavelength[-1]))
    top.set(title=f"strength {strength:g}", ylim=(min(0, after.min()), 1.08 * after.max()))
    top.legend(loc="upper right")
    for (name, values), (color, style, marker) in zip(scores.items(), CURVES, strict=False):
        look = {"color": color, "linestyle": style, "marker": marker, "linewidth": 1.6}
        bottom.plot(list(values), list(values.values()), label=name, **look)
    bottom.axvline(strength, color=MUTED, linewidth=1.0)
    bottom.set(xlabel="strength of the sky lines in the quasars of the training", ylim=(0, 1.03))
    bottom.set_ylabel("macro F1")
    bottom.legend(loc="lower left")
    return with_words(fig, _say_shortcut(wavelength, flux, after, strength, scores))


def _say_shortcut(wavelength, flux, after, strength, scores):
    peak = int(np.argmax(after - flux))
    rise = (after - flux)[peak] / np.abs(flux).mean()
    parts = "; ".join(
        f"{name} {', '.join(f'{score:.3f} at {each:g}' for each, score in values.items())}"
        for name, values in scores.items()
    )
    return (
        f"A spectrum with sky lines of strength {strength:g}, the highest {rise:.2f} times the "
        f"mean flux at {wavelength[peak]:.0f} Å, over the spectrum without them. Below, macro F1 "
        f"against this strength: {parts}."
    )
