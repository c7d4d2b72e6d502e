"""LAMOST files from data release 7 on: a table of one row that holds arrays."""

import numpy as np

from spectra_helpers.files.fits_file import name_columns
from spectra_helpers.files.layouts.lamost import describe_object, find_bad_pixels
from spectra_helpers.files.survey import NativeSpectrum, survey_layout

COLUMNS = ("WAVELENGTH", "FLUX", "IVAR", "ANDMASK")


def identify_table(hdus):
    """Tell whether the second HDU is a table with LAMOST's columns."""
    return set(COLUMNS) <= name_columns(hdus, 1)


def read_table(hdus, path):
    """Read flux, weights, mask and wavelengths of one spectrum; a list of one."""
    table = hdus[1].data
    if len(table) != 1:
        raise ValueError(f"{path} has {len(table)} rows in its table, not one: get it again.")
    wavelength, flux, ivar, mask = (np.array(table[name][0], dtype=float) for name in COLUMNS)
    bad = find_bad_pixels(wavelength, flux, ivar, mask)
    return [NativeSpectrum(wavelength, flux, bad, describe_object(hdus[0].header), ivar)]


LAMOST_DR9 = survey_layout(
    "LAMOST DR9",
    "table COADD of one row with FLUX, IVAR, WAVELENGTH (DR7 on)",
    identify_table,
    read_table,
)
