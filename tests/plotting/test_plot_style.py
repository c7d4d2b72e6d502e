"""Colours, markers and lines of the classes differ for everybody."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from spectra_helpers import plotting
from spectra_helpers.data import CLASSES

# Machado, Oliveira & Fernandes (2009, IEEE TVCG 15, 1291), table 1: severity 1, on linear RGB.
COLOR_BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}


def to_linear(color):
    rgb = np.array(to_rgb(color))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def to_lab(linear):
    """CIELAB of linear sRGB, white point D65 (IEC 61966-2-1, CIE 15)."""
    matrix = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = np.clip(matrix @ np.clip(linear, 0, 1), 0, None) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("kind", COLOR_BLINDNESS)
def test_class_colours_differ_for_colour_blind_readers(kind):
    labs = [to_lab(COLOR_BLINDNESS[kind] @ to_linear(c)) for c in plotting.PALETTE.values()]
    for i in range(3):
        # 2.3 is a difference one can see at all (Mahy et al. 1994)
        assert np.linalg.norm(labs[i] - labs[(i + 1) % 3]) > 20


def test_classes_differ_without_colour_and_stand_out_from_white():
    for cue in (plotting.PALETTE, plotting.MARKERS, plotting.LINESTYLES):
        assert tuple(cue) == CLASSES
        assert len(set(cue.values())) == 3
    for color in plotting.PALETTE.values():
        luminance = to_linear(color) @ [0.2126, 0.7152, 0.0722]
        assert 1.05 / (luminance + 0.05) >= 3  # WCAG 2.2, 1.4.11
