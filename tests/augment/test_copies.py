"""Copies of training spectra against the statistics they claim."""

from dataclasses import replace

import numpy as np
import pytest
from astropy.table import Table
from scipy.ndimage import gaussian_filter1d

from spectra_helpers.augment import add_noise, augment_class, augment_training_set, vary_spectra
from spectra_helpers.data import WAVELENGTH, SpectraSet
from spectra_helpers.preprocess import SpectrumPreprocessor
from spectra_tools.command.train import add_varied

RNG = np.random.default_rng


def line_at(wavelength, width=8.0):
    return 1 + 4 * np.exp(-0.5 * ((WAVELENGTH - wavelength) / width) ** 2)


@pytest.fixture
def train(easy_set):
    truth = Table({"z": np.linspace(0, 1, len(easy_set))})
    return SpectraSet(easy_set.flux, easy_set.label, easy_set.objid, truth=truth, source="easy")


@pytest.mark.parametrize("snr", [3, 100])
def test_noise_has_the_published_width(snr):
    flux = 7 * np.sin(WAVELENGTH / 300) + 3
    noise = add_noise(np.tile(flux, (40, 1)), snr, 0) - flux
    assert noise.std() == pytest.approx(np.abs(flux).mean() / snr, rel=0.01)
    assert abs(noise.mean()) < 4 * noise.std() / np.sqrt(noise.size)


def test_noise_of_an_snr_each_is_reproducible_and_leaves_the_input(train):
    before = train.flux.copy()
    snr = np.geomspace(2, 200, len(train))
    noisy = add_noise(train.flux, snr, 5)
    np.testing.assert_array_equal(noisy, add_noise(train.flux, snr, RNG(5)))
    measured = np.abs(train.flux).mean(1) / (noisy - train.flux).std(1)
    np.testing.assert_allclose(measured, snr, rtol=0.1)
    np.testing.assert_array_equal(train.flux, before)
    with pytest.raises(ValueError, match="above zero"):
        add_noise(train.flux, 0, 0)


def test_copies_are_of_the_class_and_know_their_original(train):
    copies = augment_class(train, "quasar", 50, snr=1000, seed=1)
    assert copies.counts() == {"galaxy": 0, "quasar": 50, "star": 0}
    for i in range(50):
        original = train[train.objid == copies.objid[i]]
        assert original.truth["z"][0] == copies.truth["z"][i]
        np.testing.assert_allclose(copies.flux[i], original.flux[0], rtol=0.02)
    assert len(np.unique(copies.objid)) == 20  # every quasar before any a second time
    assert not (copies.flux[:, None] == train.flux).all(axis=2).any()
    with pytest.raises(ValueError, match="Unknown class 'qso'"):
        augment_class(train, "qso", 1)
    with pytest.raises(ValueError, match="no quasar"):
        augment_class(train[train.label == 0], "quasar", 1)


def test_copies_do_not_claim_the_noise_of_their_originals(train):
    train = replace(train, ivar=np.ones_like(train.flux))
    assert augment_class(train, "star", 5).ivar is None
    assert vary_spectra(train).ivar is None
    assert augment_training_set(train).ivar is None  # kept where all of a set have it
    assert augment_training_set(train, {}).ivar is not None


def test_training_set_grows_by_the_numbers_asked_for(train):
    grown = augment_training_set(train, {"galaxy": 5, "quasar": 10}, seed=2)
    assert grown.counts() == {"galaxy": 25, "quasar": 30, "star": 20}
    np.testing.assert_array_equal(grown.flux[: len(train)], train.flux)
    assert len(grown.truth) == len(grown)
    assert set(grown.objid) == set(train.objid)
    assert augment_training_set(train, seed=2).counts()["quasar"] == 220


def test_varied_copies_keep_their_class_and_stars_their_wavelengths():
    n = 60
    flux = np.tile(line_at(6500.0, 12) * 100, (n, 1)).astype(np.float32)
    train = SpectraSet(flux, np.arange(n) % 3, np.arange(n))
    varied = vary_spectra(train, seed=4)
    np.testing.assert_array_equal(varied.label, varied.objid % 3)
    near = np.abs(WAVELENGTH - 6500) < 300
    smooth = gaussian_filter1d(varied.flux[:, near], 8)
    peak = WAVELENGTH[near][np.argmax(smooth, axis=1)]
    assert np.mean(np.abs(peak - 6500) < 15) < 0.6
    assert np.mean(np.abs(peak[varied.label == 2] - 6500) < 15) > 0.8
    np.testing.assert_array_equal(varied.flux, vary_spectra(train, seed=4).flux)


def test_varied_copies_of_no_class_are_known_by_an_end_without_light():
    flux = np.full((300, len(WAVELENGTH)), 100, np.float32)
    varied = vary_spectra(SpectraSet(flux, np.arange(300) % 3, np.arange(300)), seed=1)
    level = np.median(varied.flux, axis=1, keepdims=True)
    seen = varied.flux[:, -30:] != 0
    light = varied.flux[:, -30:].sum(axis=1, keepdims=True) / np.maximum(
        seen.sum(axis=1, keepdims=True), 1
    )
    assert np.all((light > 0.2 * level) | ~seen.any(axis=1, keepdims=True))


def test_varied_copies_are_as_many_of_each_class_and_all_different(train):
    some = train[(train.label > 0) | (np.arange(len(train)) < 30)]  # 10 galaxies, 20 of each other
    varied = vary_spectra(some, seed=1, number=90)
    assert varied.counts() == {"galaxy": 30, "quasar": 30, "star": 30}
    assert np.unique(varied.objid[varied.label == 0], return_counts=True)[1].tolist() == [3] * 10
    assert len(np.unique(varied.flux, axis=0)) == 90
    assert len(vary_spectra(some, seed=1)) == 48  # 16 of each class


@pytest.mark.parametrize("model", ["forest", "svm", "cnn", "templates"])
def test_the_commands_add_copies_for_all_models_but_templates(train, model):
    flux = SpectrumPreprocessor().fit_transform(train.flux)
    prepared = SpectraSet(flux.copy(), train.label, train.objid)
    every = add_varied(model, prepared, seed=1)
    n = len(train)
    np.testing.assert_array_equal(every.flux[:n], flux)
    np.testing.assert_array_equal(every.objid[:n], train.objid)
    np.testing.assert_array_equal(every.label[:n], train.label)
    copies = every[n:]
    if model == "templates":
        assert len(copies) == 0
    else:
        assert len(set(copies.counts().values())) == 1
        assert len(copies) > n - 3
        known = dict(zip(train.objid, train.label, strict=True))
        np.testing.assert_array_equal(copies.label, [known[objid] for objid in copies.objid])
        scale = np.linalg.norm(copies.flux, axis=1) / np.linalg.norm(flux, axis=1).mean()
        np.testing.assert_allclose(scale, 1, rtol=0.2)
