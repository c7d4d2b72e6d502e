import numpy as np
import pytest

from spectra_helpers.lines import LINES, RECIPE_LINES, air_to_vacuum, get_line, vacuum_to_air


@pytest.mark.parametrize(
    ("air", "vacuum"),
    # pairs of the NIST Atomic Spectra Database
    [(6562.79, 6564.60), (4861.35, 4862.71), (3933.66, 3934.78), (5889.951, 5891.583)],
)
def test_air_to_vacuum_agrees_with_nist(air, vacuum):
    assert air_to_vacuum(air) == pytest.approx(vacuum, abs=0.01)


def test_air_to_vacuum_agrees_with_the_polynomial_of_vald():
    air = np.linspace(3500, 9500, 50)
    s = 1e4 / air
    # Piskunov's fit to the inverse of the formula, as used by the VALD line database
    n = (
        1
        + 8.336624212083e-5
        + 2.408926869968e-2 / (130.1065924522 - s**2)
        + 1.599740894897e-4 / (38.92568793293 - s**2)
    )
    np.testing.assert_allclose(air_to_vacuum(air), air * n, atol=2e-5)


def test_air_to_vacuum_keeps_shape():
    assert np.ndim(air_to_vacuum(5000.0)) == 0
    assert air_to_vacuum([[5000.0, 6000.0]]).shape == (1, 2)


def test_vacuum_to_air_is_the_inverse():
    air = np.linspace(3000, 9500, 50)
    np.testing.assert_allclose(vacuum_to_air(air_to_vacuum(air)), air, atol=1e-4)
    assert np.ndim(vacuum_to_air(6564.6)) == 0


def test_lines_have_unique_names_and_known_kinds():
    assert len({line.name for line in LINES}) == len(LINES)
    assert {line.kind for line in LINES} <= {"emission", "absorption", "both"}


@pytest.mark.parametrize(
    ("name", "vacuum"),
    # SDSS's list of spectral lines, in vacuum
    [
        ("Hα", 6564.61), ("Hβ", 4862.68), ("Hγ", 4341.68), ("Hδ", 4102.89), ("[O III]", 5008.24),
        ("[O III]a", 4960.30), ("[N II]", 6585.27), ("[S II]", 6718.29), ("Ca K", 3934.78),
        ("Ca H", 3969.59), ("Mg II", 2799.1), ("C IV", 1549.5), ("Lyα", 1215.7),
    ],
)  # fmt: skip
def test_lines_agree_with_the_list_of_sdss(name, vacuum):
    assert get_line(name).wavelength == pytest.approx(vacuum, abs=0.6)


def test_recipe_lines_are_the_six_published_ones_in_vacuum():
    published_air = [6562.81, 4861.34, 4340.47, 4101.75, 5183.62, 5889.95]
    found = [get_line(name).wavelength for name in RECIPE_LINES]
    np.testing.assert_allclose(found, air_to_vacuum(published_air), atol=0.03)


def test_unknown_line_lists_the_names():
    with pytest.raises(ValueError, match=r"Unknown line 'Hz'.*Hα"):
        get_line("Hz")
