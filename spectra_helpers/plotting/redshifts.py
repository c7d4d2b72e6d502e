"""Class and redshift together: χ² of the templates at every trial redshift (lesson 04)."""

import numpy as np

from spectra_helpers.data import name_class
from spectra_helpers.lines import CLASS_LINES
from spectra_helpers.plotting.axes import find_flux_range, mark_lines, set_title
from spectra_helpers.plotting.display import with_words
from spectra_helpers.plotting.figures import new_figure
from spectra_helpers.plotting.style import (
    FAINT,
    INK,
    LINESTYLES,
    MUTED,
    WAVELENGTH_LABEL,
    class_color,
    styled,
)

FEW = 20  # trial redshifts of stars: a curve as short as theirs would not be seen


@styled
def plot_redshift_scan(wavelength, flux, scan, redshift):
    """Plot a spectrum under the template that fits best at a trial redshift, and χ² at all of them.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        The spectrum that was matched, vacuum Å and any unit.
    scan : RedshiftScan
        Its matches, from `TemplateMatcher.scan_redshifts`.
    redshift : float
        Trial redshift to show: the nearest that was tried.
    """
    place = int(np.argmin(np.abs(scan.z - redshift)))
    worse = scan.chi2 - np.nanmin(scan.chi2)
    tried = np.where(np.isnan(worse), np.inf, worse)
    name = name_class(scan.label[tried[:, place].argmin()])
    matched = np.isfinite(tried[:, place].min())
    fig, (top, bottom) = new_figure(2, 1, (9, 5.6), height_ratios=(3, 2))
    top.plot(wavelength, flux, color=FAINT, linewidth=0.7, label="spectrum")
    top.set(xlim=(wavelength[0], wavelength[-1]), xlabel=WAVELENGTH_LABEL, ylabel="flux")
    top.set_ylim(find_flux_range(flux))
    top.tick_params(labelleft=False)  # the unit tells nothing: templates are stretched to it
    rows, title = 0, f"z = {scan.z[place]:.3f}: no template comes here"
    if matched:
        top.plot(wavelength, scan.fit[place], color=class_color(name), linewidth=1.3)
        rows = mark_lines(top, CLASS_LINES[name], scan.z[place])
        title = f"z = {scan.z[place]:.3f}: best template {name}, Δχ² = {tried[:, place].min():.0f}"
    set_title(top, title, rows)
    _draw_curves(bottom, scan, worse, scan.z[place])
    return with_words(fig, _say_scan(scan, title))


def _draw_curves(ax, scan, worse, redshift):
    for label, curve in zip(scan.label, worse, strict=True):
        name = name_class(label)
        few = np.isfinite(curve).sum() < FEW
        look = {"marker": "o", "markersize": 3} if few else {}
        ax.plot(
            scan.z, curve, color=class_color(name), linestyle=LINESTYLES[name], label=name, **look
        )
    ax.axvline(redshift, color=INK, linewidth=1.2, zorder=0)
    high = np.nanmax(worse)
    for word, (label, z, height) in zip(("best", "runner-up"), scan.list_valleys(), strict=False):
        ax.plot(z, height, "o", color=class_color(label), markersize=8, markeredgecolor=INK)
        near_end = z > 0.85 * scan.z[-1] + 0.15 * scan.z[0]
        ax.annotate(
            word, (z, height), (-8 if near_end else 8, -4), textcoords="offset points",
            ha="right" if near_end else "left", va="top", fontsize=11,
        )  # fmt: skip
    ax.axhline(0, color=MUTED, linewidth=0.6, zorder=0)
    ax.set(xlim=(scan.z[0], scan.z[-1]), ylim=(-0.16 * high, 1.05 * high))
    ax.set(xlabel="trial redshift", ylabel="Δχ²")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.22), ncols=3)


def _say_scan(scan, title):
    (label, z, _), *others = scan.list_valleys()
    text = (
        f"Above a spectrum with the template that fits best at a trial redshift ({title}); below "
        f"χ² of each class against trial redshift {scan.z[0]:.2f} to {scan.z[-1]:.2f}. The best "
        f"match is a {name_class(label)} at z = {z:.3f}"
    )
    for label, z, height in others:
        text += f", the runner-up a {name_class(label)} at z = {z:.3f} with Δχ² = {height:.0f}"
    return f"{text}."
