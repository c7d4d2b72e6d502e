"""Plot of the redshift-free pattern of lines and breaks (lesson 06)."""

import numpy as np

from spectra_helpers.plotting.axes import find_flux_range
from spectra_helpers.plotting.style import ACCENT, INK, WAVELENGTH_LABEL, new_figure, styled
from spectra_helpers.plotting.words import with_words


@styled
def plot_patterns(wavelength, spectra, patterns):
    """Plot spectra and beside each its pattern, over that of the first.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum Å.
    spectra : dict of str to ndarray, shape (n_pixels,)
        Name of each spectrum and its flux.
    patterns : dict of str to ndarray, shape (n_frequencies,)
        For the same names, what `spectra_helpers.models.pattern.measure_pattern` returns.
    """
    n = len(spectra)
    fig, axes = new_figure(n, 2, (9, 0.7 + 1.6 * n), sharex="col", squeeze=False)
    start, first = next(iter(patterns.items()))
    likeness = {name: np.corrcoef(first, other)[0, 1] for name, other in patterns.items()}
    waves = np.arange(1, len(first) + 1)
    for (left, right), name in zip(axes, spectra, strict=True):
        left.plot(wavelength, spectra[name], color=INK, linewidth=0.8)
        left.set(ylim=find_flux_range(spectra[name]), title=name)
        left.set_yticks([])
        right.fill_between(waves, first, min(first), color=ACCENT, alpha=0.35, linewidth=0)
        right.plot(waves, patterns[name], color=INK, linewidth=1.4)
        beside = "" if name == start else f", correlation {likeness[name]:.2f}"
        right.set(title=f"its pattern{beside}", xlim=(1, waves[-1]))
        right.set_ylabel("log strength")
    axes[-1, 0].set(xlabel=WAVELENGTH_LABEL, xlim=(wavelength[0], wavelength[-1]))
    axes[-1, 1].set_xlabel("waves in the spectrum")
    return with_words(fig, _say_patterns(wavelength, likeness))


def _say_patterns(wavelength, likeness):
    (start, _), *others = likeness.items()
    words = (
        f"Line plots of {len(likeness)} spectra from {wavelength[0]:.0f} to {wavelength[-1]:.0f} "
        "Å, and of their patterns."
    )
    if others:
        parts = ", ".join(f"{value:.2f} with that of {name}" for name, value in others)
        words += f" The pattern of {start} has a correlation of {parts}."
    return words
