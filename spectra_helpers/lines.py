"""The one list of spectral lines, in vacuum Å, and the step from air to vacuum (lesson 04)."""

from dataclasses import dataclass

import numpy as np

ARM_JOIN = (5700.0, 5900.0)  # LAMOST's blue and red arms meet here
SKY_LINES = (5578.9, 6302.0, 6365.5)  # [O I] of the night sky
TELLURIC_BANDS = ((6868.0, 6960.0), (7594.0, 7700.0))  # O2 bands B and A


@dataclass(frozen=True)
class Line:
    """A spectral line: its name, rest wavelength (vacuum Å), kind and label for figures."""

    name: str
    wavelength: float
    kind: str
    label: str


def air_to_vacuum(wavelength):
    """Convert wavelengths measured in air to vacuum.

    Parameters
    ----------
    wavelength : float or array
        Wavelength in air, Å, above 2000 Å.

    Returns
    -------
    float or ndarray
        Wavelength in vacuum, Å.

    Notes
    -----
    Refractive index of standard air by Morton (2000, ApJS 130, 403), the IAU standard; the inverse
    is iterated to below 1e-7 Å. Taught in lesson 04: the recipe's line list is in air, LAMOST's
    spectra are in vacuum, and 1.8 Å at Hα is more than half of its ±3 Å window.
    """
    air = np.asarray(wavelength, dtype=float)
    vacuum = air.copy()
    for _ in range(4):
        s = (1e4 / vacuum) ** 2
        n = 1 + 8.34254e-5 + 2.406147e-2 / (130 - s) + 1.5998e-4 / (38.9 - s)
        vacuum = air * n
    return vacuum[()]


def vacuum_to_air(wavelength):
    """Convert wavelengths in vacuum to those measured in air; the inverse of `air_to_vacuum`.

    Parameters
    ----------
    wavelength : float or array
        Wavelength in vacuum, Å, above 2000 Å.

    Returns
    -------
    float or ndarray
        Wavelength in air, Å.
    """
    vacuum = np.asarray(wavelength, dtype=float)
    # The refractive index changes by 1e-9 over 2 Å, so either wavelength gives it.
    return (vacuum**2 / air_to_vacuum(vacuum))[()]


def _from_air(name, air, kind, label):
    return Line(name, float(air_to_vacuum(air)), kind, label)


# From the NIST Atomic Spectra Database: wavelengths in air, those in the ultraviolet in vacuum.
# Two are bands of molecules, which that database lacks: the G band, of CH, has no one wavelength
# and stands where SDSS's list of lines has it; TiO is the head of the band at 7053-7270 Å
# (Kirkpatrick et al. 1991, ApJS 77, 417).
LINES = (
    Line("Lyα", 1215.67, "emission", "Lyα"),
    Line("C IV", 1549.06, "emission", "C IV"),
    Line("C III]", 1908.73, "emission", "C III]"),
    Line("Mg II", 2798.75, "emission", "Mg II"),
    _from_air("[O II]", 3727.42, "emission", "[O II]"),
    _from_air("Ca K", 3933.66, "absorption", "Ca K"),
    _from_air("Ca H", 3968.47, "absorption", "Ca H"),
    _from_air("Hδ", 4101.73, "both", "Hδ"),
    _from_air("G band", 4304.4, "absorption", "G"),
    _from_air("Hγ", 4340.46, "both", "Hγ"),
    _from_air("Hβ", 4861.33, "both", "Hβ"),
    _from_air("[O III]a", 4958.91, "emission", "[O III]"),
    _from_air("[O III]", 5006.84, "emission", "[O III]"),
    _from_air("Mg", 5183.60, "absorption", "Mg b"),
    _from_air("Na", 5889.95, "absorption", "Na D"),
    _from_air("[N II]", 6583.45, "emission", "[N II]"),
    _from_air("Hα", 6562.81, "both", "Hα"),
    _from_air("[S II]", 6716.44, "emission", "[S II]"),
    _from_air("TiO", 7053.0, "absorption", "TiO"),
    _from_air("Ca II 8498", 8498.02, "absorption", "Ca II"),
    _from_air("Ca II 8542", 8542.09, "absorption", "Ca II"),
    _from_air("Ca II 8662", 8662.14, "absorption", "Ca II"),
)

# The six lines of the published recipe (air wavelengths there, see lesson 04).
RECIPE_LINES = ("Hα", "Hβ", "Hγ", "Hδ", "Mg", "Na")

# The strongest lines of each class, which figures mark.
CLASS_LINES = {
    "galaxy": ("[O II]", "Ca K", "Hβ", "[O III]", "Mg", "Na", "Hα"),
    "quasar": ("Lyα", "C IV", "C III]", "Mg II", "Hβ", "[O III]", "Hα"),
    "star": ("Ca K", "Hδ", "Hγ", "Hβ", "Mg", "Na", "Hα", "TiO", "Ca II 8542"),
}


def get_line(name):
    """Return the `Line` called `name`; `ValueError` lists the names there are."""
    for line in LINES:
        if line.name == name:
            return line
    raise ValueError(f"Unknown line {name!r}. Choose one of: {', '.join(x.name for x in LINES)}.")
