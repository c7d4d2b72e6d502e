"""Features against analytic lines and direct NumPy."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.features import (
    BlockStatistics,
    LineFluxes,
    SpectrumFeatures,
    block_statistics,
    measure_lines,
)
from spectra_helpers.lines import RECIPE_LINES, get_line


def one_line(center, width=2.0):
    return 1 + np.exp(-0.5 * ((WAVELENGTH - center) / width) ** 2)


def test_lines_are_the_mean_of_the_pixels_in_the_window():
    flux = np.random.default_rng(0).normal(5, 1, (4, 3000))
    expected = [
        flux[:, np.abs(WAVELENGTH - get_line(name).wavelength) <= 3].mean(axis=1)
        for name in RECIPE_LINES
    ]
    np.testing.assert_allclose(measure_lines(flux), np.transpose(expected))
    np.testing.assert_allclose(measure_lines(flux[2]), measure_lines(flux)[2])


@pytest.mark.parametrize("name", RECIPE_LINES)
def test_each_line_is_found_at_its_vacuum_wavelength(name):
    measured = measure_lines(one_line(get_line(name).wavelength))
    assert RECIPE_LINES[np.argmax(measured)] == name
    assert measured.max() > 1.6
    assert np.sort(measured)[-2] == pytest.approx(1)


def test_windows_in_air_are_the_published_ones():
    published = (6562.81, 4861.34, 4340.47, 4101.75, 5183.62, 5889.95)  # the recipe's list
    flux = np.random.default_rng(5).normal(5, 1, 3000)
    expected = [flux[np.abs(WAVELENGTH - air) <= 3].mean() for air in published]
    np.testing.assert_allclose(measure_lines(flux, air=True), expected)
    assert not np.isclose(measure_lines(flux, air=False), expected).any()


def test_redshift_moves_the_window():
    z = np.array([0.0, 0.1, 0.25])
    center = get_line("Hα").wavelength * (1 + z)
    flux = np.stack([one_line(c) for c in center])
    assert np.all(measure_lines(flux, lines=["Hα"], redshift=z) > 1.6)
    at_rest = measure_lines(flux, lines=["Hα"])[:, 0]
    np.testing.assert_allclose(at_rest[1:], 1)
    assert np.isnan(measure_lines(flux, lines=["Hα"], redshift=0.5)).all()


def test_lines_refuse_wrong_input():
    with pytest.raises(ValueError, match="Unknown line 'Xx'"):
        measure_lines(np.ones(3000), lines=["Xx"])
    with pytest.raises(ValueError, match="2999 pixels"):
        measure_lines(np.ones(2999))


@pytest.mark.parametrize("n_blocks", [1, 7, 50, 100, 150, 3000])
def test_blocks_are_numpys(n_blocks):
    flux = np.random.default_rng(1).normal(5, 1, (3, 3000)).astype(np.float32)
    blocks = np.array_split(flux[1], n_blocks)
    edges = np.cumsum([0] + [len(b) for b in blocks])
    expected = [[f(b) for b in blocks] for f in (np.mean, np.var, np.max, np.min)]
    expected += [
        [f(b) + e for b, e in zip(blocks, edges, strict=False)] for f in (np.argmax, np.argmin)
    ]
    result = block_statistics(flux, n_blocks, positions=True)
    np.testing.assert_allclose(result[1], np.ravel(expected), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(block_statistics(flux, n_blocks), result[:, : 4 * n_blocks])
    np.testing.assert_array_equal(block_statistics(flux[1], n_blocks), result[1, : 4 * n_blocks])


def test_positions_point_at_the_extremes():
    flux = np.random.default_rng(2).normal(5, 1, 3000)
    result = block_statistics(flux, 100, positions=True)
    np.testing.assert_allclose(flux[result[400:500].astype(int)], result[200:300])
    np.testing.assert_allclose(flux[result[500:].astype(int)], result[300:400])


@pytest.mark.parametrize("n_blocks", [0, 3001])
def test_blocks_must_fit(n_blocks):
    with pytest.raises(ValueError, match="do not fit"):
        block_statistics(np.ones(3000), n_blocks)


@pytest.mark.parametrize(
    ("transformer", "width"),
    [
        (LineFluxes(), 6),
        (BlockStatistics(50), 200),
        (SpectrumFeatures(150, positions=True, air=True), 906),
    ],
)
def test_transformers_work_in_pipelines_and_name_their_columns(transformer, width):
    flux = np.random.default_rng(3).normal(5, 1, (20, 3000)).astype(np.float32)
    pipeline = make_pipeline(clone(transformer), StandardScaler()).fit(flux)
    assert pipeline.transform(flux).shape == (20, width)
    assert len(set(pipeline.get_feature_names_out())) == width
    with pytest.raises(ValueError, match="2999 pixels"):
        pipeline.transform(flux[:, 1:])


def test_features_are_lines_then_blocks():
    flux = np.random.default_rng(4).normal(5, 1, (5, 3000)).astype(np.float32)
    result = SpectrumFeatures(50).fit_transform(flux)
    np.testing.assert_array_equal(result[:, :6], measure_lines(flux))
    np.testing.assert_array_equal(result[:, 6:], block_statistics(flux, 50))
