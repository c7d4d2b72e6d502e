"""Every control at its ends, the picture that follows, and labels that survive a restart."""

import base64
import csv
import html
import re
from dataclasses import replace

import ipywidgets
import keras
import numpy as np
import pytest
from astropy.table import Table
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from widget_ends import find_ends, no_figure_left_open  # noqa: F401

from spectra_helpers import widgets
from spectra_helpers.data import WAVELENGTH, SpectraSet
from spectra_helpers.models import RedshiftScan
from spectra_helpers.plotting import figures
from spectra_helpers.widgets import read_answers

CONTROLS = (
    ipywidgets.IntSlider,
    ipywidgets.IntRangeSlider,
    ipywidgets.FloatSlider,
    ipywidgets.SelectionSlider,
    ipywidgets.Dropdown,
    ipywidgets.Checkbox,
)


@pytest.fixture(scope="module")
def survey():
    """Six spectra with truth: galaxies 0, 1, 4, quasar 2, stars 3, 5."""
    rng = np.random.default_rng(3)
    flux = 20 + rng.normal(0, 1, (6, 3000)) + 9 * np.arange(6)[:, None]
    table = {"z": [0.1, 0.2, 2.0, 0.0, 0.1, 0.0], "subtype": list("abcdef"), "snr": [20.0] * 6}
    label = [0, 0, 1, 2, 0, 2]
    return SpectraSet(flux, label, 100 + np.arange(6), truth=Table(table))


@pytest.fixture(scope="module")
def network():
    """Two branches on two channels made of the spectrum, as in lesson 06."""
    layers = keras.layers
    start = keras.Input((3000,))
    channels = layers.Reshape((3000, 1))(start)
    channels = layers.Concatenate()([channels, layers.Rescaling(2.0)(channels)])
    parts = [layers.Conv1D(2, n, padding="same", name=f"conv{n}")(channels) for n in (3, 7)]
    deeper = layers.Conv1D(5, 3)(layers.Concatenate()(parts))
    return keras.Model(start, layers.GlobalMaxPooling1D()(deeper))


@pytest.fixture(scope="module")
def boxes(survey, network):
    """Make every slider widget."""
    rng = np.random.default_rng(4)
    pca = PCA(3).fit(survey.flux)
    maps = {10: rng.random(3000), 100: rng.random(3000)}
    proba = rng.dirichlet([1, 1, 1], 6)
    searches = {"at random": rng.random(60) < 0.3}
    values = {kind: rng.normal(size=30) for kind in ("known", "CV", "BAL")}
    return {
        "browse_spectra": lambda: widgets.browse_spectra(survey),
        "slide_redshift": lambda: widgets.slide_redshift(survey),
        "slide_smoothing": lambda: widgets.slide_smoothing(survey),
        "slide_snr": lambda: widgets.slide_snr(survey),
        "slide_components": lambda: widgets.slide_components(
            WAVELENGTH, survey.flux, pca, survey.label
        ),
        "slide_trial_redshift": lambda: widgets.slide_trial_redshift(
            WAVELENGTH, {f"spectrum {i}": (survey.flux[i], make_scan(i)) for i in (0, 2)}
        ),
        "slide_threshold": lambda: widgets.slide_threshold(survey.label, proba),
        "slide_coverage": lambda: widgets.slide_coverage(survey.label, {"CNN": proba}),
        "slide_answers": lambda: widgets.slide_answers(
            survey, {"majority": DummyClassifier().fit(survey.flux, survey.label)}
        ),
        "slide_search": lambda: widgets.slide_search(searches),
        "slide_alarm": lambda: widgets.slide_alarm({"far away": values}, ["CV", "BAL"]),
        "slide_kernel": lambda: widgets.slide_kernel(network, WAVELENGTH, survey.flux[0]),
        "slide_occlusion": lambda: widgets.slide_occlusion(WAVELENGTH, maps, survey.flux[0]),
        "slide_shortcut": lambda: widgets.slide_shortcut(
            WAVELENGTH, survey.flux[2], {"clean": {0: 0.9, 1: 0.8, 4: 0.6}}, 1
        ),
    }


def make_scan(label):
    """A valley at redshift 0.5 for one class; no template reaches beyond 1."""
    z = np.linspace(-0.1, 1.5, 161)
    chi2 = np.full((3, 161), 1500.0)
    chi2[label] -= 400 * np.exp(-0.5 * ((z - 0.5) / 0.05) ** 2)
    chi2[:, z > 1] = np.nan
    return RedshiftScan(z, np.arange(3), chi2, np.ones((161, 3000), np.float32))


NAMES = ["browse_spectra", *(name for name in widgets.__all__ if name.startswith("slide"))]


def read_picture(box):
    """Return PNG bytes and alt text of the picture under the controls."""
    value = box.children[-1].value
    png = base64.b64decode(re.search(r'base64,([^"]+)"', value)[1])
    return png, html.unescape(re.search(r'alt="([^"]+)"', value)[1])


@pytest.mark.parametrize("name", NAMES)
def test_every_control_moves_the_picture_and_no_end_fails(boxes, name):
    box = boxes[name]()
    controls = box.children[:-1]
    for control in controls:
        assert isinstance(control, CONTROLS)
        assert len(control.description) > 3
        assert not getattr(control, "continuous_update", False)  # answers when it is let go
        pictures = set()
        ends = find_ends(control)
        for end in ends:
            control.value = end
            png, alt = read_picture(box)
            assert png.startswith(b"\x89PNG")
            assert alt.endswith(".")
            pictures.add(png)
        moves_picture = "range of z" not in control.description
        assert len(pictures) == (len(set(ends)) if moves_picture else 1), control.description


def sweep(box):
    """Move every control to its ends and back; return the pictures on the way."""
    pictures = []
    for control in box.children[:-1]:
        for value in (*find_ends(control), control.value):
            control.value = value
            pictures.append(box.children[-1].value)
    return pictures


@pytest.mark.parametrize("name", NAMES)
def test_figure_drawn_on_again_shows_nothing_of_what_it_showed_before(boxes, name, monkeypatch):
    again = sweep(boxes[name]())
    taken = []
    monkeypatch.setattr(figures, "take_figure", lambda shape: taken.append(shape))
    assert sweep(boxes[name]()) == again
    assert taken


@pytest.mark.parametrize("end", [0, 1])
@pytest.mark.parametrize("name", ["slide_smoothing", "browse_spectra"])
def test_all_controls_at_one_end(boxes, name, end):
    box = boxes[name]()
    for control in box.children[:-1]:
        control.value = find_ends(control)[end]
    assert read_picture(box)[1].endswith(".")


@pytest.mark.parametrize("name", ["browse_spectra", "slide_redshift", "slide_snr"])
def test_wavelengths_stay_while_other_controls_move(boxes, name):
    box = boxes[name]()
    *others, zoom = box.children[:-1]
    zoom.value = (5000, 6000)
    for control in others:
        for end in find_ends(control):
            control.value = end
            assert zoom.value == (5000, 6000)
            assert "5000 to 5998 Å" in read_picture(box)[1]


def test_browser_keeps_the_place_in_each_class(survey):
    group, number, *_ = widgets.browse_spectra(survey).children
    assert number.max == 5
    group.value = "galaxy"
    assert number.max == 2
    number.value = 2
    group.value = "quasar"
    assert (number.value, number.max) == (0, 0)
    group.value = "all"
    number.value = 5
    group.value = "galaxy"
    assert number.value == 2
    group.value = "all"
    assert (number.value, number.max) == (5, 5)


def test_browser_tells_the_class_on_request_only(survey):
    box = widgets.browse_spectra(survey)
    group, number, _, truth, *_ = box.children
    group.value, number.value = "galaxy", 1
    assert "galaxy" not in read_picture(box)[1]
    truth.value = True
    assert "galaxy spectrum" in read_picture(box)[1]
    assert "redshift 0.200" in read_picture(box)[1]


def test_answers_of_models_stand_beside_a_spectrum_whose_class_is_hidden(boxes):
    box = boxes["slide_answers"]()
    number, _, truth, _ = box.children
    number.value = 3
    hidden = box.children[-1].value
    assert read_picture(box)[1].startswith("Spectrum of an object (SNR 100 or less)")
    truth.value = True
    assert read_picture(box)[1].startswith("Spectrum of a quasar (in truth a quasar; SNR 100")
    truth.value = False
    assert box.children[-1].value == hidden


def test_browser_offers_only_classes_that_are_there(survey):
    stars = survey[survey.label == 2]
    assert widgets.browse_spectra(stars).children[0].options == ("all", "star")


def test_spectra_without_truth_can_be_browsed(survey):
    bare = SpectraSet(survey.flux, survey.label, survey.objid)
    box = widgets.browse_spectra(bare)
    box.children[3].value = True
    assert "galaxy spectrum" in read_picture(box)[1]


def test_line_list_follows_the_redshift(survey):
    box = widgets.slide_redshift(survey, rows=2)
    _, reach, redshift, truth, *_ = box.children
    reach.value = 5.0
    redshift.value = 2.0
    assert "C IV at 4647 Å" in read_picture(box)[1]
    truth.value = True
    assert "quasar" in read_picture(box)[1]
    reach.value = 0.5
    assert (redshift.value, redshift.max) == (0.5, 0.5)


def test_trial_redshift_says_which_template_fits_there(boxes):
    box = boxes["slide_trial_redshift"]()
    name, redshift, _ = box.children
    redshift.value = 0.5
    assert "z = 0.500: best template galaxy, Δχ² = 0" in read_picture(box)[1]
    name.value = "spectrum 2"
    assert "z = 0.500: best template star, Δχ² = 0" in read_picture(box)[1]
    redshift.value = 1.2
    assert "no template comes here" in read_picture(box)[1]


def test_rebuilt_spectrum_is_that_of_scikit_learn(survey):
    pca = PCA(3).fit(survey.flux)
    box = widgets.slide_components(WAVELENGTH, survey.flux, pca)
    box.children[1].value = 3
    rebuilt = pca.inverse_transform(pca.transform(survey.flux[:1]))[0]
    left = np.std(survey.flux[0] - rebuilt) / np.std(survey.flux[0])
    assert f"{left:.0%} with 3" in read_picture(box)[1]


def test_kernels_are_those_of_the_first_layers(survey, network):
    box = widgets.slide_kernel(network, WAVELENGTH, survey.flux[0])
    kind, number, _ = box.children
    assert kind.options == ("3 steps (conv3)", "7 steps (conv7)")
    assert (number.min, number.max) == (1, 2)
    first = network.get_layer("conv3")
    answer = np.asarray(keras.Model(network.input, first.output)(survey.flux[:1]))[0, :, 0]
    peak = WAVELENGTH[np.abs(answer).argmax()]
    assert f"largest near {peak:.0f} Å" in read_picture(box)[1]


def test_search_counts_the_wrong_labels_among_those_looked_at():
    wrong = np.array([True, True, False, True, False, False])
    box = widgets.slide_search({"at the border": wrong})
    for looked, words in ((1, "33% found, 100%"), (4, "100% found, 75%"), (6, "100% found, 50%")):
        box.children[0].value = looked
        assert f"after {looked} spectra {words} of what was looked at" in read_picture(box)[1]


def test_alarm_tells_what_it_finds_and_how_often_it_rings():
    values = {"known": np.arange(100), "CV": np.arange(90, 110), "BAL": np.zeros(5)}
    box = widgets.slide_alarm({"far away": values}, ["CV", "BAL"])
    kind, share, _ = box.children
    share.value = 0.05
    assert "CV, found at false alarms: far away 75% at 5.0%" in read_picture(box)[1]
    kind.value = "BAL"
    assert "BAL, found at false alarms: far away 0% at 5.0%" in read_picture(box)[1]


def get_parts(box):
    """Return progress line, class buttons, key field and back button of a labelling box."""
    progress, _, confidence, controls = box.children
    *buttons, key, back = controls.children
    return progress, confidence, buttons, key, back


def test_answers_are_saved_and_labelling_resumes(survey, tmp_path):
    path = tmp_path / "answers.csv"
    progress, confidence, buttons, key, _ = get_parts(
        widgets.label_spectra(survey, [4, 2, 3], path)
    )
    assert "1 of 3" in progress.value
    confidence.value = "sure"
    buttons[0].click()
    key.value = "2"
    assert key.value == ""
    with path.open() as file:
        rows = list(csv.DictReader(file))
    sizes = {row: f"{np.abs(survey.flux[row]).mean():.5g}" for row in (4, 2)}
    assert rows == [
        {"row": "4", "objid": "104", "answer": "galaxy", "confidence": "sure", "flux": sizes[4]},
        {"row": "2", "objid": "102", "answer": "quasar", "confidence": "sure", "flux": sizes[2]},
    ]
    progress, _, buttons, key, _ = get_parts(widgets.label_spectra(survey, [4, 2, 3], path))
    assert "3 of 3" in progress.value
    key.value = "x"
    assert "3 of 3" in progress.value
    key.value = "1"
    assert "2 of your answers agree" in progress.value
    assert all(button.disabled for button in buttons)
    assert [p.name for p in tmp_path.iterdir()] == ["answers.csv"]


def test_back_takes_the_last_answer_away(survey, tmp_path):
    path = tmp_path / "answers.csv"
    progress, _, buttons, _, back = get_parts(widgets.label_spectra(survey, [0, 1], path))
    back.click()
    buttons[2].click()
    buttons[2].click()
    back.click()
    assert "2 of 2" in progress.value
    assert list(read_answers(path)) == [0]
    assert not any(button.disabled for button in buttons)


def test_labelling_does_not_tell_the_class(survey, tmp_path):
    box = widgets.label_spectra(survey, [0], tmp_path / "answers.csv")
    assert "galaxy" not in box.children[1].value
    assert "alt=" in box.children[1].value


def test_another_table_is_not_overwritten(survey, tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("name,price\napple,2\n")
    with pytest.raises(ValueError, match="another name"):
        widgets.label_spectra(survey, [0], path)


HEAD = "row,objid,answer,confidence\n"


@pytest.mark.parametrize("line", [
    "4,104,gal", "4", "4,104,planet,sure", "4,104,galaxy,very", "6,106,galaxy,sure",
    "-1,105,star,sure", "x,104,star,sure", "4.0,104,star,sure", "4,105,galaxy,sure",
    "4,104,galaxy,sure,more",
])  # fmt: skip
def test_damaged_answers_are_named_and_left_alone(survey, tmp_path, line):
    path = tmp_path / "answers.csv"
    path.write_text(f"{HEAD}2,102,quasar,sure\n{line}\n")
    with pytest.raises(ValueError, match=r"answers\.csv, line 3: .*move the file away"):
        widgets.label_spectra(survey, [4, 2], path)
    assert path.read_text() == f"{HEAD}2,102,quasar,sure\n{line}\n"


def test_answers_about_another_survey_with_the_same_numbers_are_refused(survey, tmp_path):
    path = tmp_path / "answers.csv"
    get_parts(widgets.label_spectra(survey, [4, 2], path))[2][0].click()
    before = path.read_text()
    other = replace(survey, flux=survey.flux[::-1])
    for use in (lambda: widgets.label_spectra(other, [4, 2], path),
                lambda: read_answers(path, other)):  # fmt: skip
        with pytest.raises(
            ValueError, match=r"row 4 is another spectrum here\. To begin anew, move"
        ):
            use()
    assert path.read_text() == before
    same = replace(survey, flux=survey.flux * (1 + 1e-6))  # another computer rounds otherwise
    assert list(read_answers(path, same)) == [4]
    path.write_text(before.replace(before.split(",")[-1], "much\n"))
    with pytest.raises(ValueError, match="the flux 'much' is no number"):
        read_answers(path, survey)


def test_answers_of_an_older_table_are_read_and_kept(survey, tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(f"{HEAD}4,104,quasar,sure\n")
    get_parts(widgets.label_spectra(survey, [4, 2], path))[2][0].click()
    assert list(read_answers(path, survey)) == [4, 2]
    with pytest.raises(ValueError, match="another spectrum here"):
        read_answers(path, replace(survey, flux=survey.flux[::-1]))


def test_answers_that_are_no_text_are_named(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(HEAD.encode() + b"4,104,\xff\xfe,sure\n")
    with pytest.raises(ValueError, match="move the file away"):
        read_answers(path)


def test_answers_saved_by_a_spreadsheet_are_read(survey, tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text(f"{HEAD}2,102,quasar,sure\n", encoding="utf-8-sig")
    assert read_answers(path) == {2: ("quasar", "sure")}
    assert "2 of 2" in get_parts(widgets.label_spectra(survey, [2, 4], path))[0].value


def test_shortcut_slides_to_the_strongest_sky_that_was_trained_on():
    box = widgets.slide_shortcut(
        WAVELENGTH, np.ones(3000), {"clean": {0: 0.9, 2: 0.8}, "x": {3: 0}}
    )
    control = box.children[0]
    assert (control.min, control.value, control.max) == (0, 0, 3)
    control.value = 1.5
    assert "strength 1.5" in read_picture(box)[1]
