"""What distance, dust, instruments and sky change in a spectrum while its class stays (lesson 03).

Every function takes flux of training spectra and changes none of it in place; `vary_spectra` puts
them together. One spectrum or many may be given, and each number may be one for all or one for
each of them.
"""

import numpy as np
from scipy.fft import dct, idct

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.lines import ARM_JOIN, SKY_LINES
from spectra_helpers.preprocess import all_spectra, each_spectrum

# Of the lines of SKY_LINES: height, the first one's is 1 (Osterbrock et al. 1996, PASP 108, 277;
# rounded, as in the simulated survey), and width in LAMOST's blue and red arm.
SKY_HEIGHTS = (1.0, 0.6, 0.24)
SKY_SIGMAS = (1.3, 1.8, 1.8)  # Å


@all_spectra("snr")
def draw_noise(flux, snr, rng):
    """Draw normal noise of width mean absolute flux over `snr`.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    snr : float or array, shape (n_spectra,)
    rng : numpy.random.Generator or int

    Returns
    -------
    ndarray
        The noise alone, same shape and precision as the flux.

    Raises
    ------
    ValueError
        If an SNR is not above zero, or a row is NaN or empty.
    """
    if not np.all(snr > 0):  # NaN is not above zero
        raise ValueError(f"SNR {np.min(snr)} makes no sense: give a number above zero.")
    width = np.abs(flux).mean(axis=1, keepdims=True) / snr
    return width * np.random.default_rng(rng).standard_normal(flux.shape, dtype=np.float32)


@each_spectrum("dz")
def redshift_spectrum(flux, dz, wavelength=WAVELENGTH):
    """Move spectra as if their sources were farther away: every wavelength times 1 + dz.

    Only for galaxies and quasars: a star at z = 0.1 does not exist, and a classifier may well use
    that.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    dz : float or array, shape (n_spectra,)
        Added redshift in units of 1 + z; negative moves to the blue.
    wavelength : ndarray, shape (n_pixels,)
        Å, rising.

    Returns
    -------
    ndarray
        Same shape and precision. Pixels that no light was measured for are zero, like dead pixels.

    Raises
    ------
    ValueError
        If a `dz` is not above -1.
    """
    if not np.all(dz > -1):
        raise ValueError(f"dz = {np.min(dz)} makes no sense: give a number above -1.")
    before = wavelength / (1 + dz)  # where the light of each pixel was, a row a spectrum
    pairs = zip(before, flux, strict=True)
    moved = [np.interp(place, wavelength, row, left=0, right=0) for place, row in pairs]
    return moved / (1 + dz)  # a stretched spectrum has its light spread over more Å


@each_spectrum("tilt", "curvature")
def tilt_spectrum(flux, tilt, curvature=0.0):
    """Change the slope of spectra, as dust and flux calibration do.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    tilt : float or array, shape (n_spectra,)
        Natural logarithm of the factor at the red end; the blue end gets its inverse.
    curvature : float or array, shape (n_spectra,)
        Natural logarithm of the factor between the ends and the middle, shared by both ends.

    Returns
    -------
    ndarray
        Same shape and precision.
    """
    x = np.linspace(-1, 1, flux.shape[1])
    return flux * np.exp(tilt * x + curvature * (x**2 - 1 / 3))


@each_spectrum("offset")
def offset_arms(flux, offset, wavelength=WAVELENGTH):
    """Multiply the red arm by 1 + offset, with a ramp where LAMOST's arms overlap.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    offset : float or array, shape (n_spectra,)
        0.05 makes everything redward of 5,900 Å 5 % brighter.
    wavelength : ndarray, shape (n_pixels,)

    Returns
    -------
    ndarray
        Same shape and precision.
    """
    ramp = np.interp(wavelength, ARM_JOIN, (0, 1))
    return flux * (1 + offset * ramp)


@all_spectra
def mask_pixels(flux, rng, n_runs=3, longest=60, blue_end=0):
    """Set random runs of pixels to zero, as dead columns and bad sky lines do.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    rng : numpy.random.Generator or int
    n_runs : int
        Runs in each spectrum.
    longest : int
        Pixels in the longest run; lengths are drawn evenly from 1 to this.
    blue_end : int
        Up to that many pixels at the blue end are masked too (noise is worst there).

    Returns
    -------
    ndarray
        Same shape and precision. Zeros are bridged by the preprocessing of every model.
    """
    rng = np.random.default_rng(rng)
    n, n_pixels = flux.shape
    pixel = np.arange(n_pixels)
    gone = pixel < rng.integers(0, blue_end + 1, (n, 1))
    for _ in range(n_runs):
        start = rng.integers(0, n_pixels, (n, 1))
        gone |= (pixel >= start) & (pixel < start + rng.integers(1, longest + 1, (n, 1)))
    return np.where(gone, 0, flux)


@each_spectrum("fwhm")
def degrade_resolution(flux, fwhm):
    """Blur spectra by a Gaussian, as a spectrograph of lower resolution would.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    fwhm : float or array, shape (n_spectra,)
        Full width at half maximum of the Gaussian, pixels; 0 leaves a spectrum as it is.

    Returns
    -------
    ndarray
        Same shape and precision.
    """
    n_pixels = flux.shape[1]
    sigma = fwhm / np.sqrt(8 * np.log(2))
    frequency = np.arange(n_pixels) / (2 * n_pixels - 2)  # waves a pixel
    # Blurring damps each wave. A cosine transform takes the spectrum as mirrored at both ends.
    damping = np.exp(-2 * (np.pi * sigma * frequency) ** 2)
    return idct(dct(flux, type=1) * damping, type=1)


@all_spectra("snr", "slope")
def add_blue_noise(flux, snr, rng, slope=0.0, wavelength=WAVELENGTH):
    """Add noise that grows below 4,300 Å, where LAMOST's throughput falls.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    snr : float or array, shape (n_spectra,)
        Mean absolute flux over the width of the noise, in the middle of the spectrum.
    rng : numpy.random.Generator or int
    slope : float or array, shape (n_spectra,)
        Natural logarithm of how much wider the noise is at the blue end than in the middle, and
        narrower at the red end, beside the fourfold growth from 4,300 to 3,900 Å. About 0.7 in
        LAMOST DR1 (the noise of `simulate.instrument`), 0 for even noise.
    wavelength : ndarray, shape (n_pixels,)

    Returns
    -------
    ndarray
        Same shape and precision.

    Raises
    ------
    ValueError
        If an SNR is not above zero, or a row is NaN or empty.
    """
    x = np.linspace(1, -1, flux.shape[1])
    growth = np.interp(wavelength, (3900, 4300), (4, 1)) * np.exp(slope * x)
    return flux + growth * draw_noise(flux, snr, rng)


@each_spectrum("strength")
def add_sky(flux, strength, wavelength=WAVELENGTH):
    """Leave lines of the night sky in spectra, as a sky that was badly subtracted does.

    The three lines are those of `SKY_LINES`, [O I] of our own atmosphere. They stand still,
    whatever the redshift of the object. The sky is brighter than a faint object: a few per cent of
    it, left over, are much.

    Parameters
    ----------
    flux : array, shape (n_pixels,) or (n_spectra, n_pixels)
    strength : float or array, shape (n_spectra,)
        Height of the strongest line, at 5,579 Å, over the mean absolute flux. Negative where too
        much sky was subtracted.
    wavelength : ndarray, shape (n_pixels,)

    Returns
    -------
    ndarray
        Same shape and precision. Dead pixels stay zero.
    """
    shapes = np.exp(-0.5 * ((wavelength[:, None] - SKY_LINES) / SKY_SIGMAS) ** 2)
    height = strength * np.abs(flux).mean(axis=1, keepdims=True)
    return np.where(flux == 0, 0, flux + height * (shapes @ SKY_HEIGHTS))
