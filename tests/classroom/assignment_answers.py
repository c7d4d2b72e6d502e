"""Answers that students may give: wrong ones with a word of the check's message, and right ones.

Keys are the `grade_id` of the check. An answer takes the place of the reference solution; what it
does not define stays as the reference solution has left it.
"""

WRONG = {
    "ps1_shares_check": [
        ("def share_of_classes(label): return np.bincount(label, minlength=3)", "numbers"),
        (
            "def share_of_classes(label):\n"
            "    return np.unique(label, return_counts=True)[1] / len(label)",
            "shape",
        ),
        ("def share_of_classes(label): return [0.25, 0, 0.75]", "other labels"),
    ],
    "ps1_redshift_check": [
        (
            "def measure_redshift(flux, wavelength):\n"
            "    return wavelength[np.argmax(clip_spikes(flux))] / 6564.6",
            "stretches",
        ),
        (
            "def measure_redshift(flux, wavelength):\n"
            "    red = wavelength > 6000\n"
            "    return wavelength[red][np.argmax(flux[red])] / 6564.6 - 1",
            "cosmic ray",
        ),
        ("def measure_redshift(flux, wavelength): return 0.1", "strong Hα"),
    ],
    "ps1_snr_check": [
        (
            "def measure_snr(flux, wavelength):\n"
            "    cut = flux[:, (wavelength > 6000) & (wavelength < 6500)]\n"
            "    size = 1.48 * np.median(np.abs(np.diff(cut, axis=1)), axis=1)\n"
            "    return np.median(cut, axis=1) / size * 2**0.5",
            "Neighbours",
        ),
        (
            "def measure_snr(flux, wavelength):\n"
            "    return np.median(flux, axis=1) / flux.std(axis=1)",
            "other spectra",
        ),
    ],
    "ps1_energy_check": [
        ("def normalize_energy(flux): return flux / np.sqrt((flux**2).sum(axis=0))", "axis"),
        (
            "def normalize_energy(flux): return flux / np.linalg.norm(flux, axis=1)[:, None]",
            "ValueError|invalid value",
        ),
        (
            "def normalize_energy(flux):\n"
            "    flux /= np.linalg.norm(flux, axis=1)[:, None]\n    return flux",
            "changes the array",
        ),
    ],
    "ps1_ratio_check": [
        ("ratio_before, ratio_after = 12.3, 2.1", "your own stars"),
        ("ratio_after = None", "normalized stars too"),
    ],
    "ps1_noise_check": [("def measure_noise_left(window, polyorder=3): return 0.456", "window 5")],
    "ps1_depth_check": [
        (
            "def measure_depth(flux, wavelength, center):\n"
            "    away = wavelength - center\n"
            "    side = np.median(flux[:, (away > 25) & (away < 60)], axis=1)\n"
            "    return side - flux[:, np.abs(away) < 5].min(axis=1)",
            "red side only",
        ),
    ],
    "ps1_window_check": [
        ("def choose_window(noisy, truth, windows): return windows[-1]", "also lines"),
        (
            "def choose_window(noisy, truth, windows):\n"
            "    return min(windows, key=lambda w: np.std(smooth_savgol(noisy, w, 3) - noisy))",
            "not with noisy",
        ),
    ],
    "ps2_weights_check": [
        ("def class_weights(label): return len(label) / np.bincount(label)", "Where is the 3"),
        ("def class_weights(label): return [8 / 9, 8 / 3, 2 / 3]", "other labels"),
    ],
    "ps2_noise_check": [
        (
            "def make_noisy_copy(flux, snr, seed):\n"
            "    width = np.abs(flux).mean(axis=1, keepdims=True) / snr\n"
            "    return flux + width * np.random.default_rng(seed).standard_normal(flux.shape[1])",
            "same noise",
        ),
        (
            "def make_noisy_copy(flux, snr, seed):\n"
            "    width = np.abs(flux).mean(axis=1, keepdims=True) / snr\n"
            "    return flux + width * np.random.default_rng(1).standard_normal(flux.shape)",
            "Another seed",
        ),
    ],
    "ps2_snr_check": [("def combined_snr(own, added): return 24.0", "other numbers")],
    "ps2_split_check": [
        (
            "def split_then_copy(spectra, seed): return copy_then_split(spectra, seed)\n"
            "def copy_then_split(spectra, seed):\n"
            "    counts = spectra.counts()\n"
            "    numbers = {name: max(counts.values()) - n for name, n in counts.items()}\n"
            "    copies = augment_training_set(spectra, numbers, seed=seed)\n"
            "    return split_train_test(copies, seed=seed, by_object=False)",
            "fifth",
        ),
        (
            "def split_then_copy(spectra, seed):\n"
            "    train, test = split_train_test(spectra, seed=seed)\n"
            "    counts = spectra.counts()\n"
            "    numbers = {name: max(counts.values()) - n for name, n in counts.items()}\n"
            "    return augment_training_set(train, numbers, seed=seed), test",
            "Count in train",
        ),
        (
            "def split_then_copy(spectra, seed): return split_train_test(spectra, seed=seed)",
            "training classes",
        ),
    ],
    "ps2_twins_check": [
        (
            "def count_twins(train_objid, test_objid):\n"
            "    return len(np.intersect1d(train_objid, test_objid))",
            "counted objects",
        ),
    ],
    "ps2_similar_check": [
        (
            "def nearest_similarity(train_flux, test_flux):\n"
            "    return (test_flux @ train_flux.T).max(axis=1)",
            "Brightness",
        ),
    ],
    "ps2_predict_check": [
        (
            "def predict_classes(train_flux, train_label, test_flux):\n"
            "    both = energy_normalize(np.concatenate([train_flux, test_flux]))\n"
            "    scores = PCA(20, random_state=0).fit_transform(both)\n"
            "    n = len(train_flux)\n"
            "    model = KNeighborsClassifier(1).fit(scores[:n], train_label)\n"
            "    return model.predict(scores[n:])",
            "used in the fit",
        ),
        (
            "def predict_classes(train_flux, train_label, test_flux):\n"
            "    model = KNeighborsClassifier(1).fit(train_flux, train_label)\n"
            "    return model.predict(test_flux)",
            "bright|6 of 10",
        ),
    ],
    "ps2_leak_check": [
        ("leak = np.array([[0.95, 0.7], [0.96, 0.6], [0.94, 0.5], [0.95, 0.8]])", "your own"),
        ("leak = leak[:, ::-1]", "first column"),
        (
            "def measure_leak(spectra, seeds):\n"
            "    rows = []\n"
            "    for seed in seeds:\n"
            "        parts = copy_then_split(spectra, seed), split_then_copy(spectra, seed)\n"
            "        rows.append([np.mean(b.label == predict_classes(a.flux, a.label, b.flux))\n"
            "                     for a, b in parts])\n"
            "    return np.array(rows)",
            "macro F1",
        ),
    ],
    "ps3_window_check": [
        (
            "def find_window(rest_air, z, half_width):\n"
            "    center = rest_air * (1 + z)\n    return center - half_width, center + half_width",
            "in air",
        ),
        (
            "def find_window(rest_air, z, half_width):\n"
            "    center = air_to_vacuum(rest_air)\n"
            "    return center - half_width + 0 * z, center + half_width + 0 * z",
            "at rest",
        ),
    ],
    "ps3_mean_check": [
        (
            "def mean_in_window(flux, wavelength, low, high):\n"
            "    inside = (wavelength >= low[0]) & (wavelength <= high[0])\n"
            "    means = flux[:, inside].mean(axis=1)\n    means[2] = np.nan\n    return means",
            "one window for all",
        ),
    ],
    "ps3_contrast_check": [
        (
            "def measure_contrast(flux, wavelength, rest_air, z):\n"
            "    narrow, wide = (\n"
            "        mean_in_window(flux, wavelength, *find_window(rest_air, 0 * z, half))\n"
            "        for half in (3, 40))\n"
            "    return narrow / wide",
            "at rest",
        ),
    ],
    "ps3_shares_check": [
        ("def emission_shares(flux, wavelength, z): return np.array([0, 0.2])", "other galaxies"),
    ],
    "ps3_pca_check": [
        (
            "def pca_features(train_flux, test_flux, n_components):\n"
            "    both = energy_normalize(np.concatenate([train_flux, test_flux]))\n"
            "    scores = PCA(n_components, svd_solver='full').fit_transform(both)\n"
            "    return scores[:len(train_flux)], scores[len(train_flux):]",
            "mean training score",
        ),
        (
            "def pca_features(train_flux, test_flux, n_components):\n"
            "    return tuple(PCA(n_components, svd_solver='full').fit_transform(\n"
            "        energy_normalize(flux)) for flux in (train_flux, test_flux))",
            "one PCA",
        ),
    ],
    "ps3_count_check": [
        (
            "def count_components(explained, part):\n"
            "    return int(np.searchsorted(np.cumsum(explained), part))",
            "Count from 1",
        ),
        (
            "def count_components(explained, part):\n"
            "    return int(np.searchsorted(np.cumsum(explained), part)) + 1",
            "ValueError",
        ),
    ],
    "ps3_missing_check": [
        (
            "def missing_part(pca, flux, n):\n"
            "    centered = flux - pca.mean_\n"
            "    scores = centered @ pca.components_[:n].T\n"
            "    return np.sum(scores**2) / np.sum(centered**2)",
            "held",
        ),
    ],
    "ps3_held_check": [
        (
            "def compare_held(train_flux, test_flux, numbers):\n"
            "    held = [[1 - missing_part(PCA(max(numbers)).fit(energy_normalize(flux)),\n"
            "             energy_normalize(flux), n) for flux in (train_flux, test_flux)]\n"
            "            for n in numbers]\n    return np.array(held)",
            "n_components|learn from it alone",
        ),
    ],
    "ps4_f1_check": [
        ("def macro_f1(label, called): return np.mean(label == called)", "accuracy"),
        ("def macro_f1(label, called): return (6 / 7 + 2 / 3 + 4 / 5) / 3", "other answers"),
    ],
    "ps4_lazy_check": [
        (
            "def lazy_scores(train_label, test_label):\n"
            "    called = np.full(len(test_label), np.bincount(test_label).argmax())\n"
            "    return np.mean(called == test_label), macro_f1(test_label, called)",
            "Look into training",
        ),
    ],
    "ps4_share_check": [
        (
            "def position_share(features, mask):\n"
            "    size = np.abs(np.diff(features, axis=0))\n"
            "    return size[:, mask].sum() / size.sum()",
            "without the square",
        ),
    ],
    "ps4_svm_check": [
        ("def build_svm(): return make_pipeline(SVC())", "forget to scale"),
        (
            "def build_svm():\n"
            "    return make_pipeline(StandardScaler(), SVC(class_weight='balanced')).fit(X, y)",
            "fitted",
        ),
        ("def build_svm(): return make_pipeline(StandardScaler(), SVC())", "weights|Hardly"),
    ],
    "ps4_folds_check": [
        (
            "def score_folds(model, features, label, n_folds, seed):\n"
            "    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)\n"
            "    model = model.fit(features, label)\n"
            "    return np.array([macro_f1(label[ask], model.predict(features[ask]))\n"
            "                     for _, ask in folds.split(features, label)])",
            "too good|model that learned it",
        ),
        (
            "def score_folds(model, features, label, n_folds, seed):\n"
            "    order = np.random.default_rng(seed).permutation(len(label))\n"
            "    scores = []\n"
            "    for ask in np.array_split(order, n_folds):\n"
            "        learn = np.setdiff1d(order, ask)\n"
            "        called = model.fit(features[learn], label[learn]).predict(features[ask])\n"
            "        scores.append(macro_f1(label[ask], called))\n"
            "    return np.array(scores)",
            "mix",
        ),
    ],
    "ps4_tune_check": [
        (
            "def tune_svm(features, label):\n"
            "    model = build_svm().set_params(svc__C=0.1, svc__gamma=0.0001)\n"
            "    return model.fit(features, label)",
            "never called|clearly better",
        ),
        (
            "def tune_svm(features, label):\n"
            "    model = build_svm().set_params(svc__C=10, svc__gamma=0.001)\n"
            "    return model.fit(features[:150], label[:150])",
            "all training spectra",
        ),
    ],
    "ps4_votes_check": [
        (
            "def forest_votes(features, label):\n"
            "    forest = RandomForestClassifier(100, random_state=30).fit(features, label)\n"
            "    return forest.predict_proba(features)",
            "by heart",
        ),
    ],
    "ps4_threshold_check": [
        (
            "def choose_threshold(label, votes, precision, thresholds):\n"
            "    good = [t for t in thresholds if (votes[:, 1] >= t).any()\n"
            "            and np.mean(label[votes[:, 1] >= t] == 1) >= precision]\n"
            "    return good[-1] if good else np.nan",
            "largest",
        ),
    ],
    "ps5_weights_check": [
        ("def count_weights(kernel_size, channels, filters): return 256", "another layer"),
    ],
    "ps5_slide_check": [
        (
            "def slide_kernel(flux, kernel): return np.convolve(flux, kernel, mode='valid')",
            "flipped",
        ),
    ],
    "ps5_answers_check": [
        (
            "def count_answers(n_pixels, kernel_size, stride): return n_pixels // stride",
            "leave the spectrum",
        ),
    ],
    "ps5_train_check": [
        (
            "def train_network(flux, label):\n"
            "    return make_cnn(seed=30, epochs=4).fit(spectra.flux, spectra.label)",
            "no others",
        ),
        ("called = np.full(60, 2)", "from this network"),
        ("network = called = None", "set network"),
    ],
    "ps5_paired_check": [
        (
            "def paired_interval(label, first, second, seed):\n"
            "    rng = np.random.default_rng(seed)\n"
            "    n = len(label)\n"
            "    one, two = (rng.choice(x == label, (2000, n)).mean(axis=1)\n"
            "                for x in (first, second))\n"
            "    return tuple(np.percentile(one - two, [2.5, 97.5]))",
            "too wide",
        ),
    ],
    "ps5_calibration_check": [
        (
            "def calibration_error(label, proba):\n"
            "    return abs(proba.max(axis=1).mean() - np.mean(proba.argmax(axis=1) == label))",
            "one bin",
        ),
    ],
    "ps5_data_check": [
        (
            "card = make_data_card(spectra)\ndef make_data_card(spectra): return card\n"
            "data_card = card",
            "other spectra",
        ),
        ("data_card = {**make_data_card(spectra), 'limits': 'none'}", "at least 15 words"),
    ],
    "ps5_model_check": [
        (
            "reference = make_model_card\n"
            "def make_model_card(n_train, label, called):\n"
            "    right = float(np.mean(label == called))\n"
            "    return reference(n_train, label, called) | {'macro_f1': right}",
            "macro_f1 is wrong",
        ),
    ],
}

OTHER_RIGHT = {
    "ps1_shares_check": [
        "def share_of_classes(label):\n"
        "    return [sum(x == k for x in label) / len(label) for k in (0, 1, 2)]"
    ],
    "ps1_energy_check": [
        "def normalize_energy(flux):\n"
        "    rows = []\n"
        "    for row in flux:\n"
        "        energy = sum(float(x) ** 2 for x in row) ** 0.5\n"
        "        if energy == 0:\n"
        "            raise ValueError('a row of zeros')\n"
        "        rows.append([x / energy for x in row])\n"
        "    return np.array(rows)",
    ],
    "ps2_split_check": [
        "def split_then_copy(spectra, seed):\n"
        "    from sklearn.model_selection import train_test_split\n"
        "    rows = np.arange(len(spectra))\n"
        "    learn, ask = train_test_split(rows, test_size=0.2, random_state=seed,\n"
        "                                  stratify=spectra.label)\n"
        "    train = spectra[learn]\n"
        "    n = np.bincount(train.label)\n"
        "    for k, name in enumerate(train.counts()):\n"
        "        train = augment_training_set(train, {name: int(n.max() - n[k])}, seed=seed)\n"
        "    return train, spectra[ask]",
    ],
    "ps2_predict_check": [
        "def predict_classes(train_flux, train_label, test_flux):\n"
        "    from sklearn.pipeline import make_pipeline\n"
        "    model = make_pipeline(PCA(20, random_state=0), KNeighborsClassifier(1))\n"
        "    model.fit(energy_normalize(train_flux.astype(float)), train_label)\n"
        "    return [model.predict(energy_normalize(row[None].astype(float)))[0]\n"
        "            for row in test_flux]",
    ],
    "ps3_mean_check": [
        "def mean_in_window(flux, wavelength, low, high):\n"
        "    inside = (wavelength >= low[:, None]) & (wavelength <= high[:, None])\n"
        "    n = inside.sum(axis=1)\n"
        "    return np.where(n > 0, (flux * inside).sum(axis=1) / np.maximum(n, 1), np.nan)",
    ],
    "ps3_pca_check": [
        "def pca_features(train_flux, test_flux, n_components):\n"
        "    train, test = (energy_normalize(x).astype(float) for x in (train_flux, test_flux))\n"
        "    mean = train.mean(axis=0)\n"
        "    axes = np.linalg.svd(train - mean, full_matrices=False)[2][:n_components].T\n"
        "    return (train - mean) @ axes, (test - mean) @ axes",
    ],
    "ps4_f1_check": [
        "def macro_f1(label, called):\n"
        "    from sklearn.metrics import f1_score\n"
        "    return f1_score(label, called, average='macro', zero_division=0)",
    ],
    "ps4_svm_check": [
        "def build_svm():\n"
        "    from sklearn.pipeline import Pipeline\n"
        "    from sklearn.preprocessing import MinMaxScaler\n"
        "    return Pipeline([('s', MinMaxScaler()), ('svc', SVC(C=10, class_weight='balanced'))])",
    ],
    "ps4_folds_check": [
        "def score_folds(model, features, label, n_folds, seed):\n"
        "    from sklearn.model_selection import cross_val_score\n"
        "    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)\n"
        "    return cross_val_score(model, features, label, scoring='f1_macro', cv=folds)",
    ],
    "ps4_tune_check": [
        "def tune_svm(features, label):\n"
        "    best = max(((np.mean(score_folds(build_svm().set_params(svc__C=C, svc__gamma=g),\n"
        "                 features, label, 3, 2)), C, g)\n"
        "                for C in (0.1, 1, 10, 100) for g in (0.0001, 0.001, 0.01)))\n"
        "    model = build_svm().set_params(svc__C=best[1], svc__gamma=best[2])\n"
        "    return model.fit(features, label)",
    ],
    "ps5_slide_check": ["def slide_kernel(flux, kernel): return np.correlate(flux, kernel)"],
    "ps5_paired_check": [
        "def paired_interval(label, first, second, seed):\n"
        "    from spectra_helpers.evaluate import compare_paired\n"
        "    return compare_paired(label, first, second, n=2000, seed=seed)['interval']",
    ],
    "ps5_calibration_check": [
        "from spectra_helpers.evaluate import expected_calibration_error as calibration_error"
    ],
}
