"""Can simulated stars be told from real ones, and by what? The judge of `benchmarks.realism`.

Real files of one plate share its night and its spectrograph, simulated spectra have one each: that
alone gives a plate away. So the judge meets simulated plates too, and says how well it tells those
from the survey; a real plate that it tells no better would be a perfect simulation.
"""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from spectra_helpers.data import CLASSES, WAVELENGTH
from spectra_helpers.preprocess import continuum_normalize, energy_normalize
from spectra_helpers.simulate.instrument import observe
from spectra_helpers.simulate.star_population import simulate_star

STAR = CLASSES.index("star")
PLATES = range(1000, 1020)  # their seeds: none that a survey is likely to have
BLOCKS, WIDTH = 60, 50  # stretches of wavelength, and their pixels


def judge_stars(pool, stars, seed=30):
    """Tell simulated stars from others; return the cross-validated accuracy and where they differ.

    Each star meets the simulated star nearest to it in shape, so that the mix of types does not
    give the answer away.

    Parameters
    ----------
    pool : ndarray, shape (n_pool, 3000)
        Flux of simulated stars.
    stars : ndarray, shape (n_stars, 3000)
        Flux of the others.
    seed : int

    Returns
    -------
    accuracy : float
        0.5 when the judge guesses.
    wavelengths : list of int
        Middle, Å, of the five stretches that weigh most in the judgement.
    """
    pool, stars = energy_normalize(pool), energy_normalize(stars)
    shape = PCA(10, random_state=seed).fit(pool)
    distance = np.linalg.norm(shape.transform(stars)[:, None] - shape.transform(pool)[None], axis=2)
    flux = continuum_normalize(np.vstack([stars, pool[distance.argmin(axis=1)]]))
    scatter = np.log10(flux.reshape(len(flux), BLOCKS, WIDTH).std(axis=2) + 1e-6)
    origin = np.repeat([1, 0], len(stars))
    judge = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=1000))
    accuracy = accuracy_score(origin, cross_val_predict(judge, scatter, origin, cv=8))
    weight = np.abs(judge.fit(scatter, origin)[-1].coef_[0])
    centers = WAVELENGTH.reshape(BLOCKS, WIDTH).mean(axis=1)
    return float(accuracy), [round(centers[i]) for i in np.argsort(weight)[::-1][:5]]


def simulate_plate(seed, n):
    """Simulate the flux of `n` stars of one plate: shape (n, 3000). Another seed, another plate."""
    flux = []
    for row in range(n):
        rng = np.random.default_rng([seed, row])
        source, _ = simulate_star(rng)
        flux.append(observe(source, STAR, rng, plate=np.random.default_rng(seed))[0])
    return np.array(flux)


def measure_difference(simulated, real):
    """Judge the real stars, and as many stars of each of the simulated plates."""
    pool, stars = (spectra.flux[spectra.label == STAR] for spectra in (simulated, real))
    accuracy, wavelengths = judge_stars(pool, stars)
    plates = [judge_stars(pool, simulate_plate(plate, len(stars)))[0] for plate in PLATES]
    return {
        "accuracy": round(accuracy, 3),
        "stars": len(stars),
        "telling wavelengths": wavelengths,
        "simulated plates": [round(told, 3) for told in sorted(plates)],
    }
