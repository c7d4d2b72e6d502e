"""The exercises of lessons 01 to 04."""

import numpy as np

from spectra_helpers.data import WAVELENGTH
from spectra_helpers.lessons.exercises.exercise import Exercise
from spectra_helpers.lines import get_line
from spectra_helpers.preprocess import clip_spikes


def redshift(spectra, row):
    """Lesson 01: the redshift of a galaxy from the peak of Hα."""
    z = float(spectra.truth["z"][row])
    peak = get_line("Hα").wavelength * (1 + z)
    flux = clip_spikes(spectra.flux[row])
    return Exercise(
        z,
        0.002,
        [
            (
                1 + z,
                "This is the factor that stretches wavelengths. What is it when nothing moves?",
            ),
            (
                z / (1 + z),
                "You divided by the observed wavelength. Which one does the formula take?",
            ),
            (
                -z / (1 + z),
                "A negative redshift would come towards us. Which wavelength is longer?",
            ),
            (
                WAVELENGTH[np.argmax(flux)] / get_line("Hα").wavelength - 1,
                "Is the highest pixel of the whole spectrum Hα? Look only above 6,000 Å.",
            ),
            (peak, "This is a wavelength. Solve the formula for z."),
        ],
        "Plot the spectrum and mark the peak that you found. Is it Hα?",
    )


def noise(stars):
    """Lesson 01: SNR over its true value, from neighbours and from pixels two steps apart."""
    cut = clip_spikes(stars.flux)[:, (WAVELENGTH > 6000) & (WAVELENGTH < 6500)]
    faintest = np.argsort(stars.truth["snr"])[:100]

    def measure(rows, factor=1.0):
        ratios = []
        for step in (1, 2):
            size = 1.48 * np.median(np.abs(cut[:, step:] - cut[:, :-step]), axis=1) / np.sqrt(2)
            ratios.append(np.median((np.median(cut, axis=1) / size / stars.truth["snr"])[rows]))
        return factor * np.array(ratios)

    right = measure(faintest)
    return Exercise(
        right,
        0.02,
        [
            (right[::-1], "Which of the two belongs to neighbours? Give the neighbours first."),
            (measure(faintest, np.sqrt(0.5)), "A difference holds the errors of two pixels."),
            (measure(faintest, 1.48), "The median of |x| is smaller than the standard deviation."),
            (measure(slice(None)), "You took all stars. In bright ones the lines look like noise."),
        ],
        "Signal: a median of the flux. Noise: from the median of |differences|.",
    )


def energy(spectra):
    """Lesson 02: energy normalization of many spectra at once."""
    flux = spectra.flux.astype(float)
    square = (flux**2).sum(axis=1, keepdims=True)
    return Exercise(
        flux / np.sqrt(square),
        1e-5,
        [
            (
                flux / np.sqrt((flux**2).sum(axis=0, keepdims=True)),
                "You summed over objects, one sum a wavelength. Which axis runs along a spectrum?",
            ),
            (
                flux / np.sqrt((flux**2).sum()),
                "One number for all spectra: their brightness stays.",
            ),
            (flux / square, "This is the sum of squares. The energy is its square root."),
            (
                flux / flux.sum(axis=1, keepdims=True),
                "This is the sum of the flux, not of its square.",
            ),
            (
                flux / flux.max(axis=1, keepdims=True),
                "This is the maximum: one spike would rule it.",
            ),
        ],
        "What is the sum of the squares of the first row? It should be 1.",
    )


def window(measure_error):
    """Lesson 02: the best Savitzky-Golay window of order 3 for SNR 30, within 1 % of the error."""
    sizes = np.arange(5, 32)
    errors = {snr: np.array([measure_error(snr, size) for size in sizes]) for snr in (10, 30)}
    good = sizes[errors[30] <= 1.01 * errors[30].min()]
    return Exercise(
        good.mean(),
        (good.max() - good.min()) / 2,
        [
            (sizes[errors[10].argmin()], "This is a good window for SNR 10. She observes at 30."),
            (31, "The largest window removes most noise. What does it do to the lines?"),
            (5, "The smallest window keeps all lines. How much noise does it leave?"),
        ],
        "Print the error for each window. Where is the smallest?",
    )


def twins(train, test):
    """Lesson 03: how many test spectra have a twin in training."""
    inside = np.isin(test.objid, train.objid)
    return Exercise(
        int(inside.sum()),
        0,
        [
            (int(np.isin(train.objid, test.objid).sum()), "You counted training spectra."),
            (len(np.unique(test.objid[inside])), "You counted objects. How many test spectra?"),
            (float(inside.mean()), "This is a part of them. How many are they?"),
            (int((~inside).sum()), "These are those without a twin."),
        ],
        "Compare the object numbers (`objid`) of the two sets.",
    )


def leak(measure, leaky, honest):
    """Lesson 03: how much a leak adds to the score, for copies of SNR 100, 10, 3 and 1."""

    def score(way, model="1-nearest neighbour"):
        return np.array([measure(way, snr)[model] for snr in (100, 10, 3, 1)])

    right = score(leaky) - score(honest)
    return Exercise(
        right,
        0.005,
        [
            (-right, "The leak is what *copies first* has more than *control*."),
            (right[::-1], "Begin with SNR 100."),
            (score(leaky, "forest") - score(honest, "forest"), "This is the leak of the forest."),
            (score(leaky), "This is the score with the leak. How much of it is the leak?"),
            (100 * right, "Per cent? Give differences of macro F1."),
        ],
        "Four differences of macro F1: *copies first* minus *control*, with balanced copies.",
    )


def components(explained):
    """Lesson 04: the smallest number of components with 95 % of the training variance."""
    total = np.cumsum(explained)
    number = int(np.searchsorted(total, 0.95)) + 1
    return Exercise(
        number,
        0,
        [
            (number - 1, "How many components belong to entry 0 of the list?"),
            (
                int(np.searchsorted(total, 0.95 * total[-1])) + 1,
                "95 % of all variance, not of what these components hold together.",
            ),
            (int(np.searchsorted(total, 0.99)) + 1, "This holds 99 %."),
            (int((np.asarray(explained) > 0.05).sum()), "Add them up: 95 % is for all together."),
        ],
        "The part that n components hold is the sum of their parts.",
    )


def oxygen(measure_contrast, is_galaxy, z):
    """Lesson 04: parts of galaxies with [O III], in the rest and in the observed window."""

    def share(rows, observed):
        redshifts = z[rows] if observed else 0.0
        return float(np.mean(measure_contrast(rows, "[O III]", redshifts) > 1.2))

    near = is_galaxy & (z < 0.7)
    right = np.array([share(near, False), share(near, True)])
    everything = np.ones(len(z), bool)
    return Exercise(
        right,
        1e-6,
        [
            (right[::-1], "Give the rest window first."),
            (np.repeat(right[0], 2), "Both are at rest. Where has the redshift moved the line?"),
            (np.array([share(is_galaxy, False), share(is_galaxy, True)]), "Only z below 0.7."),
            (np.array([share(everything, False), share(everything, True)]), "Only galaxies."),
            (100 * right, "Per cent? We look for parts, between 0 and 1."),
        ],
        "The mean of a mask is the part where it is true.",
    )


def two_redshifts(place):
    """Lesson 04: z of a single line at `place` as [O II] and as Hα; where [O III] is if Hα."""
    rest = {name: get_line(name).wavelength for name in ("[O II]", "Hα", "[O III]")}
    both = place / np.array([rest["[O II]"], rest["Hα"]])

    def answer(z, oxygen_at):
        return np.array([*z, rest["[O III]"] * oxygen_at])

    right = answer(both - 1, both[1])
    return Exercise(
        right,
        np.array([0.002, 0.002, 10]),
        [
            (answer((both - 1)[::-1], both[1]), "Which redshift is the larger? Give [O II] first."),
            (answer(both, both[1]), "These are factors, 1 + z. What is z?"),
            (answer(1 - 1 / both, both[1]), "Divide by the wavelength at rest, not the observed."),
            (answer(both - 1, both[0]), "This is where [O III] is if the line is [O II]."),
            (answer(both - 1, 1), "This is [O III] at rest. The galaxy has moved it, too."),
            (answer(both - 1, both[1] - 1), "Multiply by 1 + z, not by z."),
            (answer(both - 1, 1 / both[1]), "A redshift makes wavelengths longer."),
        ],
        "All lines of a galaxy are moved by the same factor, 1 + z = observed / rest.",
    )


EXERCISES = {
    function.__name__: function
    for function in (
        redshift,
        noise,
        energy,
        window,
        twins,
        leak,
        components,
        oxygen,
        two_redshifts,
    )
}
