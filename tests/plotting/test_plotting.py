"""Figures show the data they were given, say so in words, and stay readable and small."""

import io
from contextlib import nullcontext

import matplotlib.pyplot as plt
import numpy as np
import pytest
from astropy.table import Table
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from PIL import Image
from scipy.signal import savgol_filter

from spectra_helpers import plotting
from spectra_helpers.data import CLASSES, WAVELENGTH, SpectraSet
from spectra_helpers.lines import ARM_JOIN
from spectra_helpers.plotting import axes, figures, galleries

HALPHA, Z = 6564.61, 0.05  # vacuum Å (NIST), and a redshift
N_EACH = 12


def make_survey():
    """36 spectra of noise over a slope, each with Hα at its redshift, and a truth table."""
    rng = np.random.default_rng(5)
    label = np.arange(3 * N_EACH) % 3
    z = np.where(label == 2, 0.0, Z)
    line = np.exp(-0.5 * ((WAVELENGTH - HALPHA * (1 + z[:, None])) / 4) ** 2)
    slope = np.linspace(20, 30, 3000)
    flux = slope + rng.normal(0, 1, (len(label), 3000)) + 60 * line
    snr = np.linspace(10, 45, len(label))
    truth = Table({"z": z, "subtype": [f"type{i}" for i in label], "snr": snr})
    return SpectraSet(flux, label, np.arange(len(label)), truth=truth)


SURVEY = make_survey()


@pytest.fixture(autouse=True)
def no_figure_left_open():
    yield
    assert plt.get_fignums() == []


def draw(fig):
    """Draw a figure and return its renderer."""
    canvas = FigureCanvasAgg(fig)
    canvas.draw()
    return canvas.get_renderer()


def read(png):
    return np.asarray(Image.open(io.BytesIO(png)))


def all_texts(fig):
    found = [t for t in fig.findobj(plt.Text) if t.get_text().strip() and t.get_visible()]
    return {t.get_text(): t for t in found}


def list_calls(survey=SURVEY):
    """Arguments for every plot function but that of a network, which takes a while to make."""
    w, flux, label = survey.wavelength, survey.flux, survey.label
    rng = np.random.default_rng(1)
    proba = rng.dirichlet([1, 1, 1], len(label))
    matrix = np.array([[0.97, 0.02, 0.01], [0.14, 0.84, 0.02], [0.02, 0.01, 0.97]])
    score = {"SVM": {"accuracy": 0.98, "macro F1": 0.95}}
    interval = {"SVM": {"accuracy": (0.97, 0.99), "macro F1": (0.94, 0.96)}}
    history = {"loss": [1.0, 0.5, 0.4], "val_loss": [1.1, 0.6, 0.7], "accuracy": [0.5, 0.8, 0.9]}
    return {
        "spectrum": (w, flux[0], 0, None, True, Z),
        "examples": (survey, 3, 1),
        "class_counts": (survey.counts(),),
        "normalization": (w, flux[:3], flux[:3] / 50, label[:3]),
        "smoothing": (w, flux[0], 10, 3),
        "augmented": (w, {"original": flux[1], "SNR 5": flux[1] + 5}, 1),
        "trade_off": ([5, 10, 20], [0.7, 0.5, 0.3], [0.99, 0.95, 0.7], 10),
        "line_windows": (w, flux[0], "Hα", Z),
        "pca": (rng.normal(size=(36, 4)), label, np.array([0.6, 0.2, 0.1, 0.05])),
        "eigenspectra": (w, flux[:3] - 25, [0.6, 0.2, 0.1]),
        "reconstruction": (w, flux[0], {1: flux[1], 5: flux[0]}, 0),
        "importance": (rng.random(20), [f"block {i}" for i in range(20)]),
        "learning_curve": (history,),
        "kernel": (np.array([-1.0, 2.0, -1.0]), w, flux[0]),
        "patterns": (
            w,
            {"first": flux[0], "second": flux[1]},
            {"first": rng.normal(size=60), "second": rng.normal(size=60)},
        ),
        "confusions": ({"forest": matrix, "SVM": matrix, "CNN": matrix},),
        "scores": (score, interval, {"SVM": {"accuracy": 0.979}}),
        "threshold": (label, proba, 0.4),
        "snr_ladder": ([3, 10, 30], {"SVM": [0.7, 0.9, 0.95], "CNN": [0.8, 0.95, 0.99]}),
        "reliability": ({"CNN": (np.array([0.5, 0.9]), np.array([0.4, 0.95]))},),
        "occlusion": (w, flux[0] / 100, flux[0], ("Hα", "Hβ"), Z, 0),
        "gallery": (survey[:5], label[1:6], proba[:5, 0]),
        "atlas": (survey, 3, survey, 1),
        "browse": (survey, 3, 11, True),
        "redshift": (survey, 3, Z, True),
        "noisy": (survey, 3, 5),
        "stages": (w, flux[0], 11, "continuum", None, True, Z, 0, "a galaxy"),
        "zooms": (w, {"blue end": (flux[0], 3900, 4000), "red end": (flux[0], 8900, 9000)}),
        "noise_level": (w[::100], 1 / np.arange(1, 31)),
        "local_fit": (w, flux[0], 1500),
        "overlay": (w, {"raw": flux[0], "again": flux[1]}, (6500, 6700)),
        "error_curves": ([5, 10, 15], {"SNR 10": [0.7, 0.5, 0.6]}),
        "blocks": (w, flux[0]),
        "histograms": ({"first": flux[0], "second": flux[1]}, "flux"),
        "repeats": ({"SVM": {"first": [0.9, 0.91], "second": [0.8, 0.82]}},),
        "boundaries": ({"left or right": LeftOrRight()}, rng.normal(size=(36, 2)), label),
        "tuning": (rng.random((2, 3)), [1, 10], [0.01, 0.1, 1]),
        "answers": (w, flux[0], {"SVM": proba[0], "CNN": proba[1]}, 0, "SNR 5"),
        "votes": (label, {"SVM": proba, "vote": proba[::-1]}),
        "coverage": (label, {"SVM": proba}, 0.5),
    }


class LeftOrRight:
    """Calls everything with a positive first feature a star, the rest a galaxy."""

    def predict(self, X):
        return np.where(X[:, 0] > 0, 2, 0)


CALLS = list_calls()
SMALL_PRINT = {"atlas"}  # a poster, not a slide


def call(name):
    """Draw a plot with the arguments of `CALLS`."""
    return getattr(plotting, f"plot_{name}")(*CALLS[name])


@pytest.mark.parametrize("name", sorted(CALLS))
def test_figure_is_readable_labelled_small_and_described(name):
    fig = call(name)
    png = plotting.figure_to_png(fig)
    labels = [fig.get_supxlabel(), fig.get_supylabel()]
    labels += [text for ax in fig.axes for text in (ax.get_xlabel(), ax.get_ylabel())]
    assert any(labels)
    if name not in SMALL_PRINT:
        assert min(text.get_fontsize() for text in all_texts(fig).values()) >= 11
    assert fig.alt_text.endswith(".")
    assert any(letter.isdigit() for letter in fig.alt_text)
    assert len(png) < 120_000
    assert Image.open(io.BytesIO(png)).size[0] <= 900


@pytest.mark.parametrize("name", ["spectrum", "browse", "smoothing", "augmented", "atlas"])
def test_no_text_overlaps_another(name):
    fig = call(name)
    renderer = draw(fig)
    boxes = [t.get_window_extent(renderer).shrunk(0.95, 0.8) for t in all_texts(fig).values()]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])


def test_every_plot_function_is_tested_here():
    plots = {name.removeprefix("plot_") for name in plotting.__all__ if name.startswith("plot_")}
    assert plots == {*CALLS, "network"}


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


def test_spectrum_plots_its_data_with_units():
    flux = SURVEY.flux[0]
    ax = plotting.plot_spectrum(WAVELENGTH, flux, 0).axes[0]
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), WAVELENGTH)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), flux)
    assert ax.get_xlabel() == "wavelength (vacuum Å)"
    assert ax.get_ylabel() == "flux (survey units)"
    assert ax.lines[0].get_color() == plotting.PALETTE["galaxy"]
    assert ax.get_title(loc="left") == "galaxy"


def test_marked_lines_stand_at_rest_times_one_plus_z():
    fig = plotting.plot_spectrum(WAVELENGTH, SURVEY.flux[0], lines=["Hα", "Hβ"], redshift=Z)
    drawn = [segment[0, 0] for segment in fig.axes[0].collections[0].get_segments()]
    assert drawn == pytest.approx([4862.68 * (1 + Z), HALPHA * (1 + Z)], abs=0.05)
    sentence = plotting.plot_spectrum(WAVELENGTH, SURVEY.flux[0], 0, None, ["Hα", "Mg"], Z).alt_text
    assert "galaxy" in sentence
    assert "Hα at 6893 Å" in sentence
    assert "Mg b at" in sentence  # named as in the figure
    assert "highest near 689" in sentence


@pytest.mark.parametrize("width", [nullcontext, figures.as_stills])
@pytest.mark.parametrize("z", [0.0, 0.03, 0.3, 1.0, 2.2, 3.5, 4.9])
def test_line_labels_never_overlap(z, width):
    with width():
        fig = plotting.plot_spectrum(WAVELENGTH, SURVEY.flux[2], lines=True, redshift=z)
    renderer = draw(fig)
    labels = fig.axes[0].texts
    boxes = [text.get_window_extent(renderer) for text in labels]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])
        assert box.x1 <= fig.bbox.x1 + 1
    assert len(labels) >= min(3, len(axes.choose_lines(True, z, 3900, 9000)))


def test_a_cosmic_ray_does_not_press_the_spectrum_flat():
    flux = SURVEY.flux[2].copy()
    flux[1000] = 1e5
    ax = plotting.plot_spectrum(WAVELENGTH, flux).axes[0]
    assert ax.get_ylim()[1] < 400
    (triangle,) = ax.lines[1:]
    assert triangle.get_xdata() == pytest.approx([WAVELENGTH[1000]])


@pytest.mark.parametrize("plot", [plotting.plot_spectrum, plotting.plot_stages])
def test_dollars_in_a_title_make_no_formula(plot):
    fig = plot(WAVELENGTH, SURVEY.flux[0], title="a$_$b.fits")
    draw(fig)
    (title,) = [text for words, text in all_texts(fig).items() if words == "a$_$b.fits"]
    assert title.get_window_extent().width > 60  # all of its letters


@pytest.mark.parametrize("flux", [np.zeros(3000), np.full(3000, np.nan), np.full(3000, -5.0)])
def test_flat_or_empty_spectrum_can_be_drawn(flux):
    fig = plotting.plot_spectrum(WAVELENGTH, flux, lines=True)
    draw(fig)
    assert fig.alt_text


def test_spectra_in_axes_given_are_all_described():
    fig, (left, right) = plotting.new_figure(1, 2)
    assert plotting.plot_spectrum(WAVELENGTH, SURVEY.flux[0], 0, ax=right) is fig
    assert not left.lines
    assert right.lines
    plotting.plot_spectrum(WAVELENGTH, SURVEY.flux[2], 2, ax=left)
    galaxy, star = fig.alt_text.split(". ")
    assert galaxy.startswith("Line plot of a galaxy")
    assert star.startswith("Line plot of a star")


def test_examples_are_random_rows_of_their_class():
    rows = galleries.choose_examples(SURVEY, 3, 1)
    for index, name in enumerate(CLASSES):
        assert set(SURVEY.label[rows[name]]) == {index}
    again, other = (galleries.choose_examples(SURVEY, 3, seed)["star"].tolist() for seed in (1, 2))
    assert rows["star"].tolist() == again != other
    fig = plotting.plot_examples(SURVEY, 3, 1)
    np.testing.assert_array_equal(fig.axes[2].lines[0].get_ydata(), SURVEY.flux[rows["star"][0]])
    assert f"star rows {rows['star'][0]}, " in fig.alt_text


def test_examples_of_a_small_or_missing_class():
    few = SURVEY[np.r_[np.flatnonzero(SURVEY.label == 0)[:1], np.flatnonzero(SURVEY.label == 2)]]
    fig = plotting.plot_examples(few, 3)
    draw(fig)
    assert [ax.get_visible() for ax in fig.axes[:3]] == [True, False, True]


def test_class_counts():
    counts = {"galaxy": 3427, "quasar": 1011, "star": 5562}
    fig = plotting.plot_class_counts(counts)
    assert [bar.get_width() for bar in fig.axes[0].patches] == list(counts.values())
    assert "3,427 of class galaxy (34.3%)" in fig.alt_text


def test_smoothing_shows_what_it_removed():
    flux = SURVEY.flux[0]
    expected = savgol_filter(flux.astype(float), 11, 3)
    fig = plotting.plot_smoothing(WAVELENGTH, flux, 11, 3)
    top, bottom = fig.axes
    inside = slice(6, -6)
    np.testing.assert_allclose(top.lines[1].get_ydata()[inside], expected[inside], rtol=1e-4)
    removed = bottom.lines[1].get_ydata()
    np.testing.assert_allclose(removed[inside], (flux - expected)[inside], atol=1e-3)
    assert f"deviation of {removed.std():.3g} survey" in fig.alt_text


def test_sharp_answers_stay_inside_their_panels():
    flux = np.ones(3000)
    flux[1500] = 9.0  # one pixel: other panels cut such a spike off
    zoom = (WAVELENGTH[1400], WAVELENGTH[1600])
    _, removed = plotting.plot_smoothing(WAVELENGTH, flux, 7, 3, zoom=zoom).axes
    answer = plotting.plot_kernel(np.array([-1.0, 2.0, -1.0]), WAVELENGTH, flux).axes[2]
    for panel, line in ((removed, removed.lines[1]), (answer, answer.lines[0])):
        low, high = panel.get_ylim()
        assert low < line.get_ydata().min() < line.get_ydata().max() < high


def test_line_windows_at_rest_and_observed_in_air_and_vacuum():
    windows = plotting.find_windows("Hα", Z)
    assert np.mean(windows["rest, vacuum"]) == pytest.approx(6564.61, abs=0.02)
    assert np.mean(windows["rest, air"]) == pytest.approx(6562.81, abs=0.02)
    assert np.mean(windows["observed, vacuum"]) == pytest.approx(6564.61 * 1.05, abs=0.02)
    assert np.ptp(windows["observed, air"]) == pytest.approx(6)
    fig = plotting.plot_line_windows(WAVELENGTH, SURVEY.flux[0], "Hα", Z)
    assert fig.axes[1].patches[0].get_x() == pytest.approx(HALPHA * 1.05 - 3, abs=0.02)
    inside = np.abs(WAVELENGTH - HALPHA * 1.05) <= 3
    assert f"observed, vacuum {SURVEY.flux[0][inside].mean():.3g}" in fig.alt_text
    fig = plotting.plot_line_windows(WAVELENGTH, SURVEY.flux[0], "Hα", 3.0)
    draw(fig)
    assert "no pixel" in fig.alt_text


def test_pca_panels():
    values, label, explained = CALLS["pca"]
    fig = plotting.plot_pca(values, label, explained)
    left, middle, right = fig.axes
    np.testing.assert_allclose(left.lines[0].get_ydata(), [0.6, 0.8, 0.9, 0.95])
    points = np.concatenate([np.column_stack(line.get_data()) for line in middle.lines])
    assert sorted(map(tuple, points)) == sorted(map(tuple, values[:, :2]))
    by_name = {line.get_label(): line for line in middle.lines}
    for name in CLASSES:
        assert by_name[name].get_marker() == plotting.MARKERS[name]
        assert by_name[name].get_color() == plotting.PALETTE[name]
    assert len(right.patches) == 3
    assert "60% with one component and 95.0% with 4" in fig.alt_text


def test_reconstruction_says_what_is_missing():
    flux = SURVEY.flux[0]
    mean = np.full(3000, flux.mean())
    fig = plotting.plot_reconstruction(WAVELENGTH, flux, {1: mean, 5: flux}, 0)
    titles = [ax.get_title(loc="left") for ax in fig.axes]
    assert titles[0].startswith("1 component: 100%")
    assert titles[1].startswith("5 components: 0%")


def test_rebuilt_spectrum_stays_inside_its_panel():
    flux = SURVEY.flux[0]
    below = flux - 2 * flux.max()
    (ax,) = plotting.plot_reconstruction(WAVELENGTH, flux, {1: below}, 0).axes
    low, high = ax.get_ylim()
    assert low < below.min()
    assert high > np.percentile(flux, 99)


def test_confusions_show_every_value_and_name_the_worst():
    (matrices,) = CALLS["confusions"]
    fig = plotting.plot_confusions(matrices)
    shown = [float(text.get_text()) for text in fig.axes[1].texts]
    np.testing.assert_allclose(shown, np.ravel(matrices["SVM"]), atol=5e-4)
    assert [ax.get_title(loc="left") for ax in fig.axes[:3]] == ["forest", "SVM", "CNN"]
    assert "quasar called galaxy 14.0%" in fig.alt_text
    long = plotting.plot_confusions({"vote of SVM, CNN and template matching": np.eye(3)}).axes[0]
    assert long.get_title(loc="left") == "vote of SVM, CNN and\ntemplate matching"
    all_right = plotting.plot_confusions({"you": np.eye(3)})
    assert all_right.alt_text.endswith("star 100.0%; no mistakes.")
    no_quasar = plotting.plot_confusions({"you": np.diag([1.0, 0, 1])})
    assert "galaxy 100.0%, star 100.0%; no" in no_quasar.alt_text


def test_scores_beside_published():
    fig = plotting.plot_scores(*CALLS["scores"])
    drawn = [line.get_xdata() for line in fig.axes[0].lines]
    assert [0.97, 0.99] in [list(np.atleast_1d(x)) for x in drawn]
    assert [0.979] in [list(np.atleast_1d(x)) for x in drawn]
    assert "accuracy 0.980 (0.970 to 0.990), published 0.979" in fig.alt_text
    assert "macro F1 0.950" in fig.alt_text


def test_nothing_called_has_no_precision():
    y, proba, _ = CALLS["threshold"]
    fig = plotting.plot_threshold(y, proba, 1.0)
    draw(fig)
    assert "nothing is called" in fig.alt_text


def test_kernel_over_patches_answers_at_their_middles():
    patches = np.zeros((375, 2))
    patches[100, 1] = 1
    weights = np.array([[0.0, 0.0], [0.0, 5.0], [0.0, 0.0]])
    middle = WAVELENGTH[800:808].mean()
    fig = plotting.plot_kernel(weights, WAVELENGTH, SURVEY.flux[0], patches)
    draw(fig)
    assert f"largest near {middle:.0f} Å" in fig.alt_text
    assert "3 steps, 2 channels" in fig.alt_text


def test_learning_curve_marks_the_best_epoch():
    assert "the best is epoch 2" in plotting.plot_learning_curve(*CALLS["learning_curve"]).alt_text


def test_occlusion_names_the_nearest_line_and_shades_the_sky():
    fig = call("occlusion")
    assert "near 689" in fig.alt_text
    assert "Hα" in fig.alt_text
    shaded = fig.axes[1].patches
    assert (5700.0, 5900.0) in [(p.get_x(), p.get_x() + p.get_width()) for p in shaded]
    assert ARM_JOIN == (5700.0, 5900.0)


def test_gallery_says_true_and_called_class():
    fig = plotting.plot_gallery(SURVEY[:2], np.array([1, 1]), np.array([0.91, 0.5]))
    assert fig.axes[0].get_title(loc="left") == "galaxy → quasar 0.91"


def test_atlas_rises_in_snr():
    stars = SURVEY[SURVEY.label == 2]
    assert "none of class quasar" in plotting.plot_atlas(stars, 3).alt_text
    fig = plotting.plot_atlas(SURVEY, 3)
    assert "3 of class galaxy from SNR 1" in fig.alt_text
    titles = [ax.get_title(loc="left") for ax in fig.axes[::3]]
    snr = [int(title.split()[-1]) for title in titles]
    assert snr == sorted(snr)


def test_atlas_prefers_kinds_it_does_not_show_yet():
    survey = SURVEY[np.flatnonzero(SURVEY.label == 2)]
    survey.truth["subtype"] = "G2V"
    survey.truth["subtype"][np.argmax(survey.truth["snr"])] = "A0V"  # far from the middle
    rows = galleries.choose_atlas_rows(survey, 2)
    assert [str(kind)[0] for kind in survey.truth["subtype"][rows["star"]]] == ["G", "A"]
    assert rows["galaxy"].size == rows["quasar"].size == 0


def test_html_holds_picture_alt_and_caption_and_closes_the_figure():
    fig = plotting.with_words(plt.figure(), 'peak "at" 5 < 6')
    fig.add_subplot().plot([1, 2])
    html = plotting.figure_to_html(fig, "see <this>")
    assert 'alt="peak &quot;at&quot; 5 &lt; 6"' in html
    assert "<figcaption>see &lt;this&gt;</figcaption>" in html
    assert 'src="data:image/png;base64,' in html


@pytest.mark.parametrize("words", [None, "", " "])
def test_figure_without_alternative_text_is_refused(words, tmp_path):
    fig = plt.figure()
    if words is not None:
        plotting.with_words(fig, words)
    with pytest.raises(ValueError, match="A figure needs alternative text"):
        plotting.figure_to_html(fig)
    with pytest.raises(ValueError, match="A figure needs alternative text"):
        plotting.save_figure(fig, tmp_path / "empty.png")
    assert not list(tmp_path.iterdir())


def test_other_words_can_take_the_place_of_a_figures_own():
    assert 'alt="Five stars."' in plotting.figure_to_html(call("class_counts"), alt="Five stars.")


@pytest.mark.parametrize("alt", [None, "Three classes."])
def test_saved_picture_carries_its_description(tmp_path, alt):
    fig = call("class_counts")
    plotting.save_figure(fig, tmp_path / "counts.png", alt)
    assert Image.open(tmp_path / "counts.png").text["Description"] == (alt or fig.alt_text)


@pytest.mark.parametrize("name", sorted(CALLS))
def test_figure_can_be_drawn_twice(name):
    fig = call(name)
    first, second = (read(plotting.figure_to_png(fig, None)) for _ in range(2))
    assert first.shape == second.shape
    moved = np.abs(first.astype(int) - second).mean() / 255  # the layout is looked for anew
    assert moved < 0.01


@pytest.mark.parametrize("name", ["counts", "counts.jpg", "counts.png.txt"])
def test_picture_needs_a_known_ending(tmp_path, name):
    with pytest.raises(ValueError, match=rf"{name}.* \.png, \.svg or \.pdf"):
        plotting.save_figure(call("class_counts"), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_plots_leave_the_users_settings_alone():
    before = dict(plt.rcParams)
    call("spectrum")
    assert dict(plt.rcParams) == before


@pytest.fixture(scope="module")
def network():
    keras = pytest.importorskip("keras")
    layers = keras.layers
    start = keras.Input((300, 1))
    branches = []
    for size in (3, 7):
        x = layers.Conv1D(4, size, strides=2, activation="relu")(start)
        x = layers.BatchNormalization()(x)
        x = layers.Conv1D(8, size)(x)
        branches.append(layers.GlobalAveragePooling1D()(x))
    x = layers.Concatenate()(branches)
    x = layers.Dropout(0.3)(layers.Dense(16)(x))
    return keras.Model(start, layers.Dense(3, activation="softmax")(x))


def test_network_chart_has_every_layer_in_words_and_branches_side_by_side(network):
    fig = plotting.plot_network(network)
    draw(fig)
    texts = {" ".join(text.split()): t.get_position() for text, t in all_texts(fig).items()}
    assert "Conv 3, 4 filters, stride 2, ReLU batch norm" in texts
    assert "Dense 16, dropout 0.3" in texts
    left = texts["Conv 3, 4 filters, stride 2, ReLU batch norm"]
    right = texts["Conv 7, 4 filters, stride 2, ReLU batch norm"]
    assert left[1] == right[1]
    assert left[0] < right[0]
    assert texts["input: 300 × 1"][1] > left[1] > texts["Dense 3, softmax"][1]
    sentence = fig.alt_text
    assert f"{network.count_params():,} weights" in sentence
    assert "2 side by side: Conv 3, 4 filters, stride 2, ReLU, batch norm | Conv 7" in sentence


def test_boxes_keep_clear_of_each_other_and_of_the_margins():
    keras = pytest.importorskip("keras")
    layers = keras.layers
    start = keras.Input((300, 1))
    # Below the first branch stands a level of one box, which has room for no more than its branch.
    long = layers.Conv1D(4, 3)(layers.Conv1D(4, 3)(layers.Conv1D(4, 3)(start)))
    others = [layers.Dense(4)(layers.Flatten()(layers.Conv1D(4, n)(start))) for n in (5, 7)]
    joined = layers.Concatenate()([layers.Flatten()(long), *others])
    fig = plotting.plot_network(keras.Model(start, joined))
    boxes = [patch.get_window_extent() for patch in fig.axes[0].patches]
    assert len(boxes) == 9
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[i + 1 :])
        assert fig.axes[0].bbox.x0 <= box.x0 < box.x1 <= fig.axes[0].bbox.x1


def test_patterns_say_how_much_they_are_like_the_first():
    wave = np.sin(np.arange(60))
    spectra = {"first": SURVEY.flux[0], "second": SURVEY.flux[1]}
    arguments = (WAVELENGTH, spectra, {"first": wave, "second": 1 - 2 * wave})
    fig = plotting.plot_patterns(*arguments)
    assert "correlation of -1.00 with that of second" in fig.alt_text
    assert "its pattern, correlation -1.00" in all_texts(fig)
    one = plotting.plot_patterns(WAVELENGTH, {"first": SURVEY.flux[0]}, {"first": wave})
    assert one.alt_text.endswith("and of their patterns.")


def test_chart_in_words_tells_all_layers_of_unlike_branches():
    keras = pytest.importorskip("keras")
    layers = keras.layers
    start = keras.Input((20, 1))
    convolved = layers.ReLU()(layers.Conv1D(4, 3)(start))
    dense = [layers.Flatten()(layers.Dropout(0.3)(layers.Dense(8)(start))) for _ in range(2)]
    joined = layers.Concatenate()([layers.Flatten()(convolved), *dense])
    sentence = plotting.plot_network(keras.Model(start, joined)).alt_text
    assert "Conv 3, 4 filters, ReLU, flatten | 2 times Dense 8, dropout 0.3, flatten" in sentence


def test_sequential_network_is_a_chain():
    keras = pytest.importorskip("keras")
    layers = [keras.Input((20, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
    sentence = plotting.plot_network(keras.Sequential(layers)).alt_text
    assert "input: 20 × 1; then flatten; then Dense 3" in sentence
