"""Make templates of spectra of one class whose redshifts are not known."""

import numpy as np

from spectra_helpers.models.matching import ShiftedTemplates


def learn_templates(rows, n_templates, reach, degree, n_rounds, rng):
    """Group spectra that match each other at some shift, and average each group aligned.

    Parameters
    ----------
    rows : ndarray, shape (n_spectra, n_pixels), float32
        Spectra of one class, of equal scale.
    n_templates : int
        Fewer when there are fewer spectra.
    reach : int
        Largest shift, log pixels.
    degree : int
        As in `ShiftedTemplates`.
    n_rounds : int
        Times that spectra are matched and averaged.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n_templates, n_pixels + 2 reach), float32

    Notes
    -----
    k-means in which the distance is the smallest χ² over all shifts. So no redshift has to be
    known, and averages reach beyond the ends of the single spectra. The first templates are drawn
    at random; drawing them as in k-means++ made no difference in cross-validation.
    """
    first = rng.choice(len(rows), min(n_templates, len(rows)), replace=False)
    templates = np.pad(rows[first], ((0, 0), (reach, reach)), mode="edge")
    for _ in range(n_rounds):
        shifted = ShiftedTemplates(templates, rows.shape[1], degree)
        templates = _average_groups(shifted, rows, *shifted.match(rows))
    return templates


def _average_groups(shifted, rows, template, start, amplitude):
    """Average the spectra of each template, moved to its frame, less their polynomials."""
    shape = shifted.templates.shape
    window = start[:, None] + np.arange(shifted.n_pixels)
    place = (template[:, None] * shape[1] + window).ravel()
    own = amplitude[:, None] * shifted.templates[template[:, None], window]
    light = rows - (rows - own) @ shifted.basis @ shifted.basis.T
    total = np.bincount(place, (amplitude[:, None] * light).ravel(), np.prod(shape)).reshape(shape)
    weight = np.repeat(amplitude**2, shifted.n_pixels)
    weight = np.bincount(place, weight, np.prod(shape)).reshape(shape)
    new = shifted.templates.copy()
    for k in np.flatnonzero(weight.any(axis=1)):
        new[k] = _fill_ends(total[k], weight[k])
    return new


def _fill_ends(total, weight, least=0.1, n_level=10):
    """Divide where enough spectra contribute; go on flat beyond, at the level of the end."""
    known = np.flatnonzero(weight > least * weight.max())
    mean = total[known] / weight[known]
    left, right = np.median(mean[:n_level]), np.median(mean[-n_level:])
    filled = np.interp(np.arange(len(total)), known, mean, left, right)
    return filled / np.sqrt(np.mean(filled**2))
