"""Where two arms of a spectrograph meet, and how far a flux calibration can be off.

Most joins are good to some per cent. Some are not: the arms differ by a factor, or the flux of one
rises or falls without limit towards its end, where hardly any light was measured and the division
by the response blows up. One LAMOST spectrum in ten is like that.
"""

import math
from functools import lru_cache

import numpy as np

from spectra_helpers.simulate.grid import OBSERVED_WAVELENGTH
from spectra_helpers.simulate.instrument import draw_response

# 18 of 178 spectra of LAMOST that we looked at have a bad join; other spectrographs fewer.
BAD_JOIN_SHARE, BAD_JOIN_SHARE_ELSEWHERE = 0.15, 0.05
JOIN_RANGE = (
    5700.0,
    6050.0,
)  # Å: LAMOST's arms overlap at 5,700-5,900, those of SDSS at 5,900-6,150
STEP_SIZE, LARGEST_STEP = 0.35, math.log(3.0)  # of ln flux: Laplace scale, limit
BUMP_SIZE, LARGEST_BUMP = 0.45, math.log(6.0)  # few reach 3, hardly one 6
BUMP_REACH = (25.0, 350.0)  # Å from the join at which a bump has fallen to 1/e

# Bad plates: errors of the calibration that are this many times larger than the usual ones. A tenth
# of SDSS's plates have colours off by more than 5 % at the ends, LAMOST's relative calibration
# (stars of unknown reddening) by 10 % and more (Yan et al. 2016, AJ 151, 8; Du et al. 2016, ApJS
# 227, 27; Xiang et al. 2015, MNRAS 448, 90).
BAD_PLATE_SHARE, BAD_PLATE_SIZE = 0.2, (0.18, 0.10, 0.07)  # ln: tilt and two bends


FLAG_JOIN, FLAG_PLATE = 4, 16  # bits of the truth table's `flags`


@lru_cache(maxsize=1)
def _bends():
    x = (OBSERVED_WAVELENGTH - 6450.0) / 2550.0
    return np.polynomial.legendre.legvander(x, 3).T[1:].astype(np.float32)


def draw_deep_response(spectrograph, rng):
    """Draw a calibration error as `instrument.draw_response`, with bad plates and bad joins.

    Parameters
    ----------
    spectrograph : str
        LAMOST corrects the bands of the air in few spectra, and its arms join badly more often.
    rng : numpy.random.Generator

    Returns
    -------
    response : ndarray, shape (len(OBSERVED_WAVELENGTH),)
    flags : int
    """
    lamost, flags = spectrograph == "LAMOST", 0
    response = draw_response(rng, corrected_share=0.4 if lamost else 0.9)
    if rng.random() < BAD_PLATE_SHARE:
        errors = rng.standard_normal(3) * BAD_PLATE_SIZE
        response = response * np.exp(errors.astype(np.float32) @ _bends())
        flags |= FLAG_PLATE
    if rng.random() < (BAD_JOIN_SHARE if lamost else BAD_JOIN_SHARE_ELSEWHERE):
        response = response * draw_join(rng)
        flags |= FLAG_JOIN
    return response, flags


def draw_join(rng):
    """Draw a bad join of the arms: a step between them, and each arm's rise or fall before it.

    Parameters
    ----------
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (len(OBSERVED_WAVELENGTH),), float32
        Factor on the flux, between 1/11 and 11.
    """
    place, width = rng.uniform(*JOIN_RANGE), math.exp(rng.uniform(math.log(4), math.log(60)))
    distance = (OBSERVED_WAVELENGTH - place).astype(np.float32)
    red = 1 / (1 + np.exp(np.clip(-distance / np.float32(width), -50, 50)))
    ln_factor = _draw_limited(rng, STEP_SIZE, LARGEST_STEP) * (red - 0.5)
    for arm in (1 - red, red):
        if rng.random() < 0.6:
            reach = math.exp(rng.uniform(*np.log(BUMP_REACH)))
            bump = np.exp(-np.abs(distance) / np.float32(reach))
            ln_factor += _draw_limited(rng, BUMP_SIZE, LARGEST_BUMP) * arm * bump
    return np.exp(ln_factor).astype(np.float32)


def _draw_limited(rng, scale, limit):
    return np.float32(np.clip(rng.laplace(0, scale), -limit, limit))
