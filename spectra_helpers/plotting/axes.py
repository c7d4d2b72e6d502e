"""What the plots of spectra share: limits of their axes, and marks of spectral lines."""

import functools

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.textpath import TextPath
from matplotlib.transforms import ScaledTranslation
from scipy.ndimage import median_filter

from spectra_helpers.lines import LINES, get_line
from spectra_helpers.plotting.style import MUTED

LINE_DASHES = {"emission": (0, (5, 3)), "absorption": (0, (1, 2)), "both": (0, (5, 2, 1, 2))}
NARROWEST = 50.0  # Å
LABEL_ROWS = 2  # line labels stand in this many rows above a spectrum


def find_flux_range(flux):
    """Return y limits that show the spectrum and cut off spikes of one pixel.

    One cosmic ray can be ten times brighter than its star and would press the star flat. A median
    over three pixels removes it; a real line is wider and stays inside.
    """
    flux = np.nan_to_num(np.atleast_2d(flux))
    smooth = median_filter(flux, size=(1, 3))
    low, high = smooth.min(), smooth.max()
    span = max(high - low, 1e-6 * max(abs(high), 1e-30))
    top = min(flux.max(), high + 0.7 * span)
    bottom = max(flux.min(), low - 0.3 * span)
    return bottom - 0.04 * span, top + 0.06 * span


def fit_flux_axis(ax, wavelength, flux):
    """Set the limits of a spectrum's axes; triangles at the edge stand for pixels outside."""
    bottom, top = find_flux_range(flux)
    ax.set(xlim=(wavelength[0], wavelength[-1]), ylim=(bottom, top))
    for marker, outside, edge in (("^", flux > top, 0.985), ("v", flux < bottom, 0.015)):
        where = np.asarray(wavelength)[outside]
        if len(where):
            ax.plot(where, np.full(len(where), edge), marker, color="black", markersize=5,
                    transform=ax.get_xaxis_transform())  # fmt: skip


def choose_pixels(wavelength, zoom=None):
    """Return the mask of the pixels within ``zoom`` (low, high) Å, all of them for None.

    A range below 50 Å, which shows no more than a line between a few pixels, is widened.
    """
    if zoom is None:
        return np.ones(len(wavelength), bool)
    half = max(zoom[1] - zoom[0], NARROWEST) / 2
    middle = np.clip(np.mean(zoom), wavelength[0] + half, wavelength[-1] - half)
    return np.abs(wavelength - middle) <= half


def choose_lines(lines, redshift, low, high):
    """Return the `Line`s of `lines` (names, or True for all) that fall within low..high Å."""
    chosen = LINES if lines is True else [get_line(name) for name in lines]
    inside = [line for line in chosen if low < line.wavelength * (1 + redshift) < high]
    return sorted(inside, key=lambda line: line.wavelength)


def say_marks(marked, redshift):
    """Return the end of a sentence about a spectrum that says which lines are marked, and where."""
    places = ", ".join(f"{x.label} at {x.wavelength * (1 + redshift):.0f} Å" for x in marked)
    return f"; marked for redshift {redshift:.3f}: {places}." if marked else "."


def mark_lines(ax, lines, redshift=0.0, fontsize=11):
    """Mark spectral lines on a spectrum.

    Labels that would overlap go to a second row; where that is full too, the line stays without
    a label. Dashes mark emission lines, dots absorption lines.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Its limits along x, in Å, must be set.
    lines : True or sequence of str
        Names of `spectra_helpers.lines.LINES`, or all of them.
    redshift : float
    fontsize : float
        Of the labels, points.

    Returns
    -------
    int
        Rows of labels above the spectrum.

    Raises
    ------
    ValueError
        Unknown line.
    """
    low, high = ax.get_xlim()
    share = ax.get_subplotspec().get_position(ax.figure).width
    angstrom_per_point = (high - low) / (0.88 * 72 * ax.figure.get_figwidth() * share)
    row_ends = [-np.inf] * LABEL_ROWS
    chosen = choose_lines(lines, redshift, low, high)
    places = [line.wavelength * (1 + redshift) for line in chosen]
    dashes = [LINE_DASHES[line.kind] for line in chosen]
    draw_verticals(ax, places, color=MUTED, linewidth=0.9, linestyle=dashes)
    for line, observed in zip(chosen, places, strict=True):
        half = (_measure_width(line.label, fontsize) + 2) / 2 * angstrom_per_point
        middle = min(observed, high - half)  # a label at the red end stays inside the figure
        row = next((r for r, end in enumerate(row_ends) if middle - half > end), None)
        if row is None:
            continue
        row_ends[row] = middle + half + 5 * angstrom_per_point
        rise = ScaledTranslation(0, (2 + 1.27 * fontsize * row) / 72, ax.figure.dpi_scale_trans)
        ax.text(middle, 1, line.label, ha="center", va="bottom", fontsize=fontsize,
                transform=ax.get_xaxis_transform() + rise)  # fmt: skip
    return sum(np.isfinite(row_ends))


def set_title(ax, title, rows=0):
    """Put a title over `rows` rows of line labels; ``$``, as in a name of a file, stays ``$``."""
    ax.set_title(title, pad=6 + 15 * rows, parse_math=False)


def draw_verticals(ax, places, zorder=0, **look):
    """Draw lines from the bottom to the top of the axes, behind all else: one artist for all."""
    segments = [[(x, 0), (x, 1)] for x in places]
    lines = LineCollection(segments, transform=ax.get_xaxis_transform(), zorder=zorder, **look)
    ax.add_collection(lines, autolim=False)


@functools.cache  # a slider asks for the same few labels each time it moves
def _measure_width(text, fontsize):
    return TextPath((0, 0), text, size=fontsize).get_extents().width
