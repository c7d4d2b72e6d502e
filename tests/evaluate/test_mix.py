"""Probabilities where the classes are mixed otherwise."""

import numpy as np
import pytest
from scipy.stats import norm

from spectra_helpers.evaluate import change_mix, implied_mix


def test_bayes_with_numbers_by_hand():
    proba = [[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]]
    mixed = change_mix(proba, was=[1, 1, 2], mix=[1, 3, 4])
    np.testing.assert_allclose(mixed[0], [0.25, 0.75, 0])
    np.testing.assert_allclose(mixed[1], np.array([0.2, 0.9, 1.0]) / 2.1)
    np.testing.assert_allclose(change_mix(proba, [5, 5, 5], [1, 1, 1]), proba)


def test_posterior_of_gaussians_follows_their_shares():
    """Three Gaussian classes: the exact posterior of one mix becomes that of the other."""
    x = np.linspace(-3, 5, 50)[:, None]
    likelihood = norm.pdf(x, [-1, 1, 3], [1, 0.5, 2])

    def posterior(mix):
        joint = likelihood * mix
        return joint / joint.sum(axis=1, keepdims=True)

    here, there = [0.34, 0.1, 0.56], [0.022, 0.007, 0.971]
    np.testing.assert_allclose(change_mix(posterior(here), here, there), posterior(there))


def test_mix_in_mind_of_each_model():
    counts = [400, 100, 900]
    np.testing.assert_allclose(implied_mix("forest", counts), np.array(counts) / 1400)
    np.testing.assert_allclose(implied_mix("cnn", counts), [2 / 6, 1 / 6, 3 / 6])
    for name in ("svm", "templates"):
        np.testing.assert_allclose(implied_mix(name, counts), [1 / 3] * 3)


@pytest.mark.parametrize("mix", [[1, 2], [0, 1, 1], [1, -1, 2], [np.nan, 1, 1], [1, 1, np.inf]])
def test_a_mix_that_cannot_be_is_refused(mix):
    with pytest.raises(ValueError, match="one number above 0 for each of galaxy, quasar, star"):
        change_mix([[0.2, 0.3, 0.5]], [1, 1, 1], mix)
