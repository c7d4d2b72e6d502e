"""Plot of what a model looks at: the occlusion map (lesson 06)."""

import numpy as np

from spectra_helpers.lines import ARM_JOIN, SKY_LINES, TELLURIC_BANDS
from spectra_helpers.plotting.axes import choose_lines, draw_verticals, find_flux_range, mark_lines
from spectra_helpers.plotting.style import (
    ACCENT,
    INK,
    MUTED,
    SHADE,
    WAVELENGTH_LABEL,
    class_color,
    new_figure,
    styled,
)
from spectra_helpers.plotting.words import with_words


def _shade_sky(ax, labels=True):
    """Shade what the sky and the spectrograph do, so that it is not taken for a feature."""
    shade = {"color": SHADE, "zorder": -1, "linewidth": 0}
    for number, (low, high) in enumerate((*TELLURIC_BANDS, ARM_JOIN)):
        ax.axvspan(low, high, **shade)
        name = "O₂" if number < len(TELLURIC_BANDS) else "arms join"
        if labels:
            ax.annotate(name, ((low + high) / 2, 0.97), xycoords=ax.get_xaxis_transform(),
                        ha="center", va="top", fontsize=11, color=MUTED)  # fmt: skip
    draw_verticals(ax, SKY_LINES, color="#BDBDBD", linewidth=2.5, zorder=-1)


@styled
def plot_occlusion(wavelength, importance, flux=None, lines=None, redshift=0.0, label=None):
    """Plot how much a model's answer changes when a piece of the spectrum is hidden.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    importance : ndarray, shape (n_pixels,)
        Drop of the score (or of a class's probability) with the piece around a pixel hidden.
    flux : ndarray, shape (n_pixels,), optional
        A spectrum to draw above it.
    lines : bool or sequence of str, optional
        Spectral lines to mark; `redshift` says where.
    label : int or str, optional
        Class of the spectrum, for the colour.

    Returns
    -------
    matplotlib.figure.Figure
        Grey bands: oxygen of the air and the join of the spectrograph's arms; grey lines: the sky.
    """
    panels = 1 if flux is None else 2
    fig, axes = new_figure(panels, 1, (9, 2.2 + 1.6 * panels), sharex=True, squeeze=False)
    top, bottom = axes[0, 0], axes[-1, 0]
    for ax in axes[:, 0]:
        _shade_sky(ax, labels=ax is bottom)
    if flux is not None:
        top.plot(wavelength, flux, color=class_color(label), linewidth=0.9)
        top.set(ylim=find_flux_range(flux), ylabel="flux")
    bottom.fill_between(wavelength, 0, importance, color=ACCENT, alpha=0.5, linewidth=0)
    bottom.plot(wavelength, importance, color=INK, linewidth=1.0)
    bottom.set(xlabel=WAVELENGTH_LABEL, ylabel="drop when hidden")
    bottom.set(xlim=(wavelength[0], wavelength[-1]))
    bottom.margins(y=0.2)
    if lines:
        mark_lines(top, lines, redshift)
    return with_words(fig, _say_occlusion(wavelength, importance, lines, redshift))


def _say_occlusion(wavelength, importance, lines, redshift):
    peak = int(np.argmax(importance))
    near = min(
        choose_lines(lines or True, redshift, 0, np.inf),
        key=lambda line: abs(line.wavelength * (1 + redshift) - wavelength[peak]),
    )
    distance = near.wavelength * (1 + redshift) - wavelength[peak]
    return (
        f"Occlusion map from {wavelength[0]:.0f} to {wavelength[-1]:.0f} Å: hiding the spectrum "
        f"near {wavelength[peak]:.0f} Å matters most, a drop of {importance[peak]:.3g}; the "
        f"nearest spectral line is {near.name}, {abs(distance):.0f} Å away."
    )
