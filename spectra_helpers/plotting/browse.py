"""What the sliders of lessons 01, 03 and 04 draw: one spectrum of a set, seen in different ways."""

from spectra_helpers.augment import add_noise
from spectra_helpers.plotting.axes import choose_pixels
from spectra_helpers.plotting.processing import plot_augmented
from spectra_helpers.plotting.spectra import draw_spectrum, say_spectrum
from spectra_helpers.plotting.style import class_color, new_figure, styled
from spectra_helpers.plotting.words import with_words
from spectra_helpers.preprocess import smooth_savgol

FAINT = "#A6A6A6"


def say_truth(spectra, row):
    """Say what is known of a spectrum: class, and from the truth table subtype, z and SNR."""
    words = [spectra.class_name(row)]
    if spectra.truth is not None:
        truth = spectra.truth[row]
        known = set(spectra.truth.colnames)
        words += [str(truth["subtype"])] if "subtype" in known and str(truth["subtype"]) else []
        words += [f"z = {truth['z']:.4f}"] if "z" in known else []
        words += [f"SNR {truth['snr']:.0f}"] if "snr" in known else []
    return ", ".join(words)


def _known_redshift(spectra, row):
    has_z = spectra.truth is not None and "z" in spectra.truth.colnames
    return float(spectra.truth["z"][row]) if has_z else None


@styled
def plot_browse(spectra, row, window=1, truth=False, zoom=None):
    """Plot one spectrum of a set, smoothed on top of raw, with what is known of it on request.

    Parameters
    ----------
    spectra : SpectraSet
        The set.
    row : int
        Which spectrum.
    window : int
        Window of the smoothing in pixels; 1 leaves the spectrum as it is.
    truth : bool
        Whether to colour it by class, name class and redshift and mark spectral lines there.
    zoom : tuple of float, optional
        Show this range of wavelengths, Å.
    """
    label = spectra.label[row] if truth else None
    redshift = _known_redshift(spectra, row) if truth else None
    title = f"row {row}" + (f": {say_truth(spectra, row)}" if truth else "")
    marks = (redshift is not None, redshift or 0.0)
    shown = choose_pixels(spectra.wavelength, zoom)
    part = spectra.wavelength[shown], spectra.flux[row][shown], label
    fig, ax = new_figure()
    draw_spectrum(ax, *part, title, *marks)
    words = say_spectrum(*part, None, *marks)
    if window > 1:
        ax.lines[0].set(color=FAINT)
        smooth = smooth_savgol(spectra.flux[row], window, min(3, window - 1))
        ax.plot(part[0], smooth[shown], color=class_color(label), linewidth=1.1)
        words = f"{words[:-1]}; smoothed over {window} pixels."
    return with_words(fig, words)


@styled
def plot_redshift(spectra, row, redshift, truth=False, lines=True, zoom=None):
    """Plot a spectrum with the line list moved to a redshift.

    Parameters
    ----------
    spectra : SpectraSet
        The set.
    row : int
        Which spectrum.
    redshift : float
        Where to put the lines: rest wavelength times ``1 + redshift``.
    truth : bool
        Whether the title says what the object is and its redshift.
    lines : bool or sequence of str
        Which lines.
    zoom : tuple of float, optional
        Show this range of wavelengths, Å.
    """
    title = f"line list at z = {redshift:.3f}"
    title += f"   (in truth: {say_truth(spectra, row)})" if truth else ""
    shown = choose_pixels(spectra.wavelength, zoom)
    label = spectra.label[row] if truth else None
    part = spectra.wavelength[shown], spectra.flux[row][shown], label
    fig, ax = new_figure()
    draw_spectrum(ax, *part, title, lines, redshift)
    return with_words(fig, say_spectrum(*part, None, lines, redshift))


def plot_noisy(spectra, row, snr, seed=1, zoom=None):
    """Plot a spectrum as observed and with noise added for an SNR (see `plot_augmented`)."""
    flux = spectra.flux[row]
    versions = {"as observed": flux, f"noise added: SNR {snr:g}": add_noise(flux, snr, seed)}
    shown = choose_pixels(spectra.wavelength, zoom)
    versions = {name: version[shown] for name, version in versions.items()}
    return plot_augmented(spectra.wavelength[shown], versions, spectra.label[row])
