"""What the files of LAMOST share in all data releases: masks, class and identity."""

import numpy as np

from spectra_helpers.files.survey import as_float, as_int, find_label
from spectra_helpers.lines import SKY_LINES

SKY_HALF_WIDTH = 12.0  # Å; the residual of the 5577 Å sky line is no wider
BRIGHT_SKY = 8  # the one and-mask bit that marks a noisy pixel, not a lost one


def find_bad_pixels(wavelength, flux, ivar, mask):
    """Mark dead pixels, masked ones, and those that the brightest sky line has spoiled.

    An inverse variance of 0 is not enough: DR1 has it in the cores of deep lines, in the whole
    telluric A band and for faint pixels in the blue, where the flux is good. To bridge them would
    fill in the very lines that tell a star.
    """
    no_weight = ~(ivar > 0)
    near_sky = np.abs(wavelength - SKY_LINES[0]) < SKY_HALF_WIDTH
    bits = np.nan_to_num(mask).astype(int)
    return no_weight & ((flux == 0) | near_sky) | (bits & ~BRIGHT_SKY != 0)


def describe_object(header):
    """Return class, redshift, SNR and identity from the first header of a LAMOST file."""
    return {
        "label": find_label(header.get("CLASS")),
        "subclass": str(header.get("SUBCLASS", "")).strip(),
        "redshift": as_float(header.get("Z")),
        "snr": as_float(header.get("SNRR", header.get("SN_R"))),
        "objid": _number_object(header),
    }


def _number_object(header):
    """Return OBSID or, where DR1 has none, night, spectrograph and fibre as in the file's name."""
    if obsid := as_int(header.get("OBSID")):
        return obsid
    night, spectrograph, fibre = (as_int(header.get(x)) for x in ("LMJD", "SPID", "FIBERID"))
    return night * 100_000 + spectrograph * 1000 + fibre
