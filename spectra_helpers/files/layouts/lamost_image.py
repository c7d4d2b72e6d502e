"""LAMOST files of data releases 1 to 6: one image of five rows."""

import numpy as np

from spectra_helpers.files.layouts.lamost import describe_object, find_bad_pixels
from spectra_helpers.files.survey import NativeSpectrum, survey_layout
from spectra_helpers.files.training_check import N_PIXELS


def identify_with_coefficients(hdus):
    """Tell whether it is an image of five rows without a row of wavelengths (DR1, DR2)."""
    return _has_five_rows(hdus) and not _has_wavelengths(hdus)


def identify_with_wavelengths(hdus):
    """Tell whether it is an image of five rows, one of them the wavelengths (DR3 to DR6)."""
    return _has_five_rows(hdus) and _has_wavelengths(hdus)


def _has_five_rows(hdus):
    shape = hdus[0].shape
    # a training file of five spectra has five rows too, but of 3000 pixels
    return len(shape) == 2 and shape[0] == 5 and shape[1] != N_PIXELS


def _has_wavelengths(hdus):
    return "wavelength" in str(hdus[0].header.get("EXTEN0", "")).lower()


def read_image(hdus, path):
    """Read flux, weights, mask and wavelengths of one spectrum; a list of one."""
    header, rows = hdus[0].header, np.asarray(hdus[0].data, dtype=float)
    flux, ivar, mask = rows[0], rows[1], rows[3]
    if _has_wavelengths(hdus):
        wavelength = rows[2]
    elif "COEFF0" in header and "COEFF1" in header:
        wavelength = 10 ** (header["COEFF0"] + header["COEFF1"] * np.arange(len(flux)))
    else:
        raise ValueError(f"{path} tells no wavelengths: neither COEFF0 and COEFF1 nor a row of it.")
    bad = find_bad_pixels(wavelength, flux, ivar, mask)
    return [NativeSpectrum(wavelength, flux, bad, describe_object(header), ivar)]


LAMOST_DR1 = survey_layout(
    "LAMOST DR1",
    "image of 5 rows, wavelength from COEFF0 and COEFF1 (DR1, DR2)",
    identify_with_coefficients,
    read_image,
)
LAMOST_DR5 = survey_layout(
    "LAMOST DR5",
    "image of 5 rows, row 2 is the wavelength (DR3 to DR6)",
    identify_with_wavelengths,
    read_image,
)
