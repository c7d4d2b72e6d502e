"""What the spectrum browser draws: one spectrum raw, smoothed and normalized (lesson 01)."""

from spectra_helpers.plotting.axes import (
    choose_lines,
    choose_pixels,
    draw_verticals,
    fit_flux_axis,
    mark_lines,
    say_marks,
    set_title,
)
from spectra_helpers.plotting.browse import FAINT
from spectra_helpers.plotting.style import (
    FLUX_LABEL,
    WAVELENGTH_LABEL,
    class_color,
    new_figure,
    styled,
    to_class_name,
)
from spectra_helpers.plotting.words import with_words
from spectra_helpers.preprocess import (
    continuum_normalize,
    energy_normalize,
    median_normalize,
    smooth_savgol,
)

NORMALIZE = {
    "energy": energy_normalize,
    "median": median_normalize,
    "continuum": continuum_normalize,
}


def _prepare(flux, window, normalize):
    """Return what both panels show: {panel: (raw, smoothed)}."""
    smooth = flux if window <= 1 else smooth_savgol(flux, window, min(3, window - 1))
    scale = NORMALIZE[normalize]
    return {FLUX_LABEL: (flux, smooth), "normalized flux": (scale(flux), scale(smooth))}


@styled
def plot_stages(
    wavelength, flux, window=1, normalize="continuum", zoom=None, lines=None, redshift=0.0,
    label=None, title=None,
):  # fmt: skip
    """Plot a spectrum raw and smoothed, and below it the same normalized.

    Parameters
    ----------
    wavelength, flux : ndarray, shape (n_pixels,)
        Vacuum Å, and flux in survey units.
    window : int
        Window of the Savitzky-Golay smoothing in pixels; 1 leaves the spectrum as it is.
    normalize : {"energy", "median", "continuum"}
        What the lower panel is divided by (lesson 02).
    zoom : tuple of float, optional
        Show this range of wavelengths, Å (see `choose_pixels`).
    lines : bool or sequence of str, optional
        Spectral lines to mark, True for all; `redshift` says where.
    label : int or str, optional
        Class, for the colour.
    title : str, optional
        What stands over the spectrum.

    Returns
    -------
    matplotlib.figure.Figure
    """
    shown = choose_pixels(wavelength, zoom)
    panels = _prepare(flux, window, normalize)
    fig, axes = new_figure(2, 1, (9, 5), sharex=True)
    for ax, (name, (raw, smooth)) in zip(axes, panels.items(), strict=True):
        if window > 1:
            ax.plot(wavelength[shown], raw[shown], color=FAINT, linewidth=0.8)
        ax.plot(wavelength[shown], smooth[shown], color=class_color(label), linewidth=1.1)
        fit_flux_axis(ax, wavelength[shown], raw[shown])
        ax.set_ylabel(name)
    marked = choose_lines(lines, redshift, *axes[1].get_xlim()) if lines else []
    places = [line.wavelength * (1 + redshift) for line in marked]
    draw_verticals(axes[1], places, color=FAINT, linewidth=0.7)
    rows = mark_lines(axes[0], lines, redshift) if lines else 0
    set_title(axes[0], title or "spectrum", rows)
    words = " (grey: not smoothed)" if window > 1 else ""
    axes[1].set_title(f"{normalize}-normalized{words}", fontsize=12)
    axes[1].set_xlabel(WAVELENGTH_LABEL)
    seen = [wavelength[shown], *(smooth[shown] for _, smooth in panels.values())]
    kind = f"{to_class_name(label)} spectrum" if label is not None else "spectrum"
    kind += f" ({title})" if title else ""
    words = _say_stages(kind, *seen, window, normalize) + say_marks(marked, redshift)
    return with_words(fig, words)


def _say_stages(kind, wavelength, smooth, scaled, window, normalize):
    done = f" raw and smoothed over {window} pixels" if window > 1 else ""
    return (
        f"Two panels of a {kind}, {wavelength[0]:.0f} to {wavelength[-1]:.0f} Å: above the "
        f"flux{done}, highest near {wavelength[smooth.argmax()]:.0f} Å; below the same "
        f"{normalize}-normalized, from {scaled.min():.3g} to {scaled.max():.3g}"
    )
