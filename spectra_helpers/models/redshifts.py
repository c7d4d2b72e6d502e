"""Class and redshift together: what templates know once their own redshifts are (lesson 04)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import cpu_count

import numpy as np
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from spectra_helpers.data import UNKNOWN, WAVELENGTH
from spectra_helpers.models.log_grid import make_log_edges, rebin_to_log
from spectra_helpers.models.shifted import ShiftedTemplates
from spectra_helpers.preprocess import check_flux

ROWS_AT_ONCE = 8  # χ² at all shifts: 300 kB for each spectrum
SAME = np.log(1.01)  # nearer to each other than 1 % in 1 + z, two matches are one redshift
LEAST_KNOWN = 0.01  # a template whose members disagree by more has no redshift


@dataclass(frozen=True)
class Redshifts:
    """Class and redshift of each spectrum, and what comes next to them.

    Attributes
    ----------
    label, z : ndarray, shape (n_spectra,)
        The class, and the redshift at which its best template fits best; NaN where no template of
        this class has a known redshift.
    next_label, next_z : ndarray, shape (n_spectra,)
        The runner-up: the smallest χ² of another class, or of the same class at a redshift that
        differs by more than 0.01 (1 + z).
    gap : ndarray, shape (n_spectra,)
        How much χ² grows from the one to the other, in units of the noise that the first one
        leaves (as in `describe_matches`). Near 0: two answers are equally good.
    """

    label: np.ndarray
    z: np.ndarray
    next_label: np.ndarray
    next_z: np.ndarray
    gap: np.ndarray


@dataclass(frozen=True)
class RedshiftScan:
    """The matches of one spectrum at each redshift that was tried.

    Attributes
    ----------
    z : ndarray, shape (n_z,)
    label : ndarray, shape (n_classes,)
        Labels of the classes, in the order of the rows of `chi2`.
    chi2 : ndarray, shape (n_classes, n_z)
        χ² of the best template of each class at this redshift, in units of the noise that the best
        match of all leaves: the smallest is the number of log pixels. NaN where there is none.
    fit : ndarray, shape (n_z, n_in)
        The best match of all classes at this redshift, on the grid and in the units of the
        spectrum; NaN where there is none.
    """

    z: np.ndarray
    label: np.ndarray
    chi2: np.ndarray
    fit: np.ndarray

    def list_valleys(self, n=2):
        """Return the lowest valleys of χ²: the best match, the runner-up, and so on.

        Parameters
        ----------
        n : int
            How many, at most.

        Returns
        -------
        list of (int, float, float)
            Label, redshift, and by how much χ² is larger than that of the best match. Of a class,
            each is more than 0.01 (1 + z) away from those before.
        """
        chi2, found = np.where(np.isnan(self.chi2), np.inf, self.chi2), []
        log_z, lowest = np.log1p(self.z), chi2.min()
        wide = np.pad(chi2, ((0, 0), (1, 1)), constant_values=np.inf)
        chi2[(chi2 > wide[:, :-2]) | (chi2 > wide[:, 2:])] = np.inf
        while len(found) < n and np.isfinite(chi2).any():
            k, place = np.unravel_index(chi2.argmin(), chi2.shape)
            worse = float(chi2[k, place] - lowest)
            found.append((int(self.label[k]), float(self.z[place]), worse))
            chi2[k, np.abs(log_z - log_z[place]) < SAME] = np.inf
        return found


class RedshiftMatcher:
    """The part of `TemplateMatcher` that measures redshifts.

    Attributes
    ----------
    zeros_ : list of ndarray, shape (n_templates,), or None
        One array a class. A template that begins `s` log pixels before the spectrum has
        ln(1 + z) = zero - s · step; NaN where this is not known. None until `learn_redshifts`.

    Notes
    -----
    Templates are made without redshifts, of spectra aligned with each other. So for all members of
    a template ln(1 + z) + s · step is the same number, up to the errors of their shifts: the median
    of the members is the zero point, and their scatter says how well it is known.
    """

    zeros_ = None

    def learn_redshifts(self, X, y, z):
        """Learn the zero points of the templates from spectra of known redshift.

        Parameters
        ----------
        X : array, shape (n_spectra, n_in)
            As in `fit`.
        y : array of int, shape (n_spectra,)
            Labels.
        z : array of float, shape (n_spectra,)
            Redshifts; spectra where it is NaN or masked are left out.

        Returns
        -------
        TemplateMatcher
        """
        check_is_fitted(self)
        flux = np.atleast_2d(check_flux(X, self.n_features_in_))
        y, z = np.asarray(y), np.ma.filled(np.ma.asarray(z, float), np.nan)
        check_consistent_length(flux, y, z)
        rng = np.random.default_rng(self.seed)
        zeros = []
        for label, templates in zip(self.classes_, self.templates_, strict=True):
            members = np.flatnonzero((y == label) & (z > -1) & np.isfinite(z))
            if len(members) > self.max_rows:
                members = np.sort(rng.choice(members, self.max_rows, replace=False))
            zeros.append(self._learn_zeros(templates, flux[members], z[members]))
        self.zeros_ = zeros
        return self

    def _learn_zeros(self, templates, flux, z):
        zeros = np.full(len(templates), np.nan)
        if not len(flux):
            return zeros
        shifted = ShiftedTemplates(templates, self.n_pixels, self.degree)
        template, start, _ = shifted.match(self._rescale(flux))
        own = np.log1p(z) + start * self._step()
        for k in np.unique(template):
            members = own[template == k]
            middle = np.median(members)
            if 1.4826 * np.median(np.abs(members - middle)) < LEAST_KNOWN:
                zeros[k] = middle
        return zeros

    def _require_zeros(self):
        check_is_fitted(self)
        if self.zeros_ is None:
            raise ValueError(
                "These templates know no redshifts: call learn_redshifts with spectra whose "
                "redshifts are known."
            )

    def measure_redshifts(self, X, label=None):
        """Measure redshifts; find what else fits nearly as well.

        Parameters
        ----------
        X : array, shape (n_spectra, n_in)
        label : array of int, shape (n_spectra,), optional
            Class whose redshift is wanted; default: that of `predict`.

        Returns
        -------
        Redshifts

        Raises
        ------
        ValueError
            `learn_redshifts` was not called; bad rows or another number of pixels.
        """
        self._require_zeros()
        flux = np.atleast_2d(check_flux(X, self.n_features_in_))
        label = self.predict(flux) if label is None else np.asarray(label)
        rows, found = self._rescale(flux), np.full((len(flux), 4), np.nan)
        for sigma, members in self._group_by_noise(rows):
            search = _Search(self, sigma)
            for k in search.shifted:
                own = members[label[members] == k]
                found[own] = search.find_all(rows[own], k)
        z, next_z, next_label, gap = found.T
        next_label = np.where(np.isnan(z), UNKNOWN, np.nan_to_num(next_label)).astype(int)
        return Redshifts(label, z, next_label, next_z, gap)

    def scan_redshifts(self, spectrum, z):
        """Match one spectrum at given redshifts.

        Parameters
        ----------
        spectrum : array, shape (n_in,)
        z : array, shape (n_z,)
            Redshifts to try.

        Returns
        -------
        RedshiftScan
        """
        self._require_zeros()
        flux = np.atleast_2d(check_flux(spectrum, self.n_features_in_))
        rows = self._rescale(flux)
        ((sigma, _),) = self._group_by_noise(rows)
        return _Search(self, sigma).scan(flux, rows, np.asarray(z, float))


class _Search:
    """Templates of known redshift, weighted for one shape of noise."""

    def __init__(self, matcher, sigma):
        self.n_pixels, self.step = matcher.n_pixels, matcher._step()
        self.shifted, self.log_z = {}, {}
        for label, templates, zeros in zip(
            matcher.classes_, matcher.templates_, matcher.zeros_, strict=True
        ):
            known = np.isfinite(zeros)
            if known.any():
                shifted = ShiftedTemplates(templates[known], self.n_pixels, matcher.degree, sigma)
                self.shifted[label] = shifted
                self.log_z[label] = zeros[known, None] - np.arange(shifted.n_shifts) * self.step

    def find_all(self, rows, label):
        """Do `find_two` for many rows, some at a time, on all cores."""
        parts = [rows[i : i + ROWS_AT_ONCE] for i in range(0, len(rows), ROWS_AT_ONCE)]
        with ThreadPoolExecutor(cpu_count()) as pool:  # SciPy's FFT releases the lock
            found = list(pool.map(lambda part: self.find_two(part, label), parts))
        return np.concatenate(found) if found else np.empty((0, 4))

    def find_two(self, rows, label):
        """Return z of the class, z and label of the runner-up, and the gap, shape (n, 4)."""
        each, found = np.arange(len(rows)), []
        for k, shifted in self.shifted.items():
            light, height = shifted.measure_all(rows)
            found.append([k, *self._find_lowest(k, light, height)])
            if k == label:
                first = found.pop()
                near = np.abs(self.log_z[k] - np.log1p(first[1])[:, None, None]) < SAME
                height[near | ~_find_peaks(height)] = 0
                found.append([k, *self._find_lowest(k, light, height)])
        labels, z, chi2 = (np.array(part) for part in zip(*found, strict=True))
        second = chi2.argmin(axis=0)
        gap = self.n_pixels * (chi2[second, each] / first[2] - 1)
        return np.stack([first[1], z[second, each], labels[second], gap], axis=1)

    def _find_lowest(self, label, light, height):
        """Return z and χ² of the lowest point of the parabola through χ² at its smallest values."""
        each, shape = np.arange(len(height)), height.shape[1:]
        template, start = np.unravel_index(height.reshape(len(each), -1).argmax(axis=1), shape)
        at = [np.clip(start + k, 0, shape[1] - 1) for k in (-1, 0, 1)]
        before, lowest, after = (light - height[each, template, x].astype(float) ** 2 for x in at)
        bend = before - 2 * lowest + after
        inside = (at[0] < start) & (start < at[2]) & (bend > 0)
        part = np.divide(before - after, 2 * bend, np.zeros_like(bend), where=inside)
        log_z = self.log_z[label][template, start] - np.clip(part, -0.5, 0.5) * self.step
        return np.expm1(log_z), lowest

    def scan(self, flux, rows, z):
        """Return the `RedshiftScan` of one spectrum, `rows` on log pixels, `flux` as it came."""
        followed = [self._follow(label, rows, z) for label in self.shifted]
        chi2, fit = (np.array(part) for part in zip(*followed, strict=True))
        best = fit[chi2.argmin(axis=0), np.arange(len(z))]
        best[np.isinf(chi2.min(axis=0))] = np.nan
        chi2 = self.n_pixels * np.where(np.isinf(chi2), np.nan, chi2) / chi2.min()
        return RedshiftScan(z, np.array(list(self.shifted)), chi2, self._to_grid(best, flux))

    def _follow(self, label, rows, z):
        """Return the smallest χ² of a class at each z, and the match that it belongs to."""
        shifted = self.shifted[label]
        light, height = shifted.measure_all(rows)
        start = (self.log_z[label][:, :1] - np.log1p(z)) / self.step
        inside = (start > -0.5) & (start < shifted.n_shifts - 0.5)
        start = np.where(inside, np.round(start), 0).astype(int)
        tried = np.where(inside, np.take_along_axis(height[0], start, axis=1), -1)
        template, column = tried.argmax(axis=0), np.arange(len(z))
        start, highest = start[template, column], tried[template, column]
        drawn = shifted.draw(rows, template, start, highest / shifted.norm[template, start])
        return np.where(highest < 0, np.inf, light - highest**2), drawn

    def _to_grid(self, match, flux):
        edges = make_log_edges(self.n_pixels)
        grid = np.linspace(WAVELENGTH[0], WAVELENGTH[-1], flux.shape[1])
        middle = (edges[1:] + edges[:-1]) / 2
        scale = np.sqrt(np.mean(rebin_to_log(flux, self.n_pixels) ** 2))
        return np.array([scale * np.interp(grid, middle, row) for row in match], np.float32)


def _find_peaks(height):
    """Say where no neighbour along the last axis is higher: the slope of a match is no match."""
    wide = np.pad(height, ((0, 0), (0, 0), (1, 1)))
    return (height >= wide[:, :, :-2]) & (height >= wide[:, :, 2:])
