"""Tables of quasar emission lines: what shines, where, how strong; no behaviour.

Wavelengths in the ultraviolet are vacuum values; tables marked "air" are converted when read.
"""

from functools import lru_cache

import numpy as np

from spectra_helpers.lines import air_to_vacuum

# Broad lines: name | rest wavelength (vacuum Å) | median equivalent width (Å) | width as a multiple
# of Hβ's | zone | slope of ln EW with ln L (Baldwin effect). Wavelengths and equivalent widths:
# Vanden Berk et al. (2001, AJ 122, 549, table 2). Their median composite cannot part N V, Si III]
# and He II from their strong neighbours; these come from Forster et al. (2001, ApJS 134, 35). C IV,
# Mg II and Hβ are the medians of single quasars (Shen et al. 2011, ApJS 194, 45), a third above the
# composite's, whose continuum holds line wings. Widths: the composite's sigma over wavelength
# against Hβ, in three classes. Slopes: Dietrich et al. (2002, ApJ 581, 912).
BROAD_TABLE = """
O VI          1033.8     16  1.00  high  -0.16
C III*        1175.7    1.0  1.00  high  -0.10
Lya          1215.67     78  1.00  high  -0.10
N V          1240.81     17  1.00  high  -0.02
Si II         1262.6    1.5  0.80  low   -0.05
O I          1304.46    2.4  0.80  low   -0.05
C II          1335.3    1.0  0.80  low   -0.05
Si IV        1396.75    5.5  1.00  high  -0.10
O IV]        1402.34    4.0  1.00  high  -0.10
C IV         1549.06     36  1.00  high  -0.18
He II        1640.42    5.0  1.40  high  -0.22
O III]       1663.48    3.0  1.00  high  -0.15
N III]       1750.26    1.5  1.00  mid   -0.10
Fe II 191     1786.7    1.0  1.00  mid   -0.05
Al III        1857.8    2.5  1.00  mid   -0.05
Si III]      1892.03    4.0  1.00  mid   -0.08
C III]       1908.73     17  1.00  mid   -0.10
Fe III 48     2070.0    2.0  1.40  mid   -0.05
C II]        2326.44    3.5  0.80  low   -0.10
[Ne IV]      2423.83    1.5  0.80  mid   -0.15
Mg II        2798.75     38  0.80  low   -0.14
He II 3204    3204.0    1.0  1.40  high  -0.20
Hd           4102.89      9  1.00  low   -0.03
Hg           4341.68     22  1.00  low   -0.03
He II 4687   4687.02    4.0  1.40  high  -0.25
Hb           4862.68     62  1.00  low   -0.03
He I 5877    5877.25    6.0  1.00  low   -0.05
Ha           6564.61    260  1.00  low   -0.03
He I 7067     7067.2    3.0  1.00  low   -0.05
O I 8446      8448.7    8.0  0.80  low   -0.05
Ca II 8544    8544.4    3.0  0.80  low   -0.03
"""

# Narrow lines: name | vacuum Å | flux over [O III] 5008 of a median quasar | scatter (dex).
# Ratios: Vanden Berk et al. (2001); Seyfert ratios of Hα, [N II], [S II], [O I] from Osterbrock &
# Ferland (2006, table 14.2) and Stern & Laor (2013, MNRAS 431, 836). The pairs [O III] (1 : 2.98)
# and [N II] (1 : 3.05) are fixed by atomic physics (Storey & Zeippen 2000, MNRAS 312, 813).
NARROW_TABLE = """
[Ne V]      3346.79  0.020  0.25
[Ne V]      3426.85  0.060  0.25
[O II]      3727.09  0.085  0.30
[O II]      3729.88  0.095  0.30
[Ne III]    3869.86  0.085  0.15
[Ne III]    3968.58  0.028  0.15
Hd          4102.89  0.026  0.15
Hg          4341.68  0.047  0.15
[O III]     4364.44  0.025  0.20
He II       4687.02  0.020  0.20
Hb          4862.68  0.100  0.15
[O III]     4960.30  0.336  0.00
[O III]     5008.24  1.000  0.00
[N I]       5200.53  0.008  0.25
[Fe VII]    6088.7   0.010  0.30
[O I]       6302.05  0.025  0.25
[O I]       6365.54  0.008  0.25
[N II]      6549.85  0.095  0.20
Ha          6564.61  0.310  0.15
[N II]      6585.27  0.290  0.20
[S II]      6718.29  0.085  0.20
[S II]      6732.67  0.080  0.20
[Ar III]    7137.77  0.020  0.20
[O II]      7322.0   0.015  0.25
[S III]     9071.1   0.060  0.20
"""

# Optical Fe II, air Å : strength. Wavelengths: Moore's multiplets 27, 28, 37, 38, 40, 42, 43, 46,
# 48, 49, 55, 74 as found in I Zw 1 by Véron-Cetty et al. (2004, A&A 417, 515); strengths inside a
# multiplet follow Kovačević et al. (2010, ApJS 189, 15), rounded.
IRON_OPTICAL = """
4122.6:.15 4128.7:.15 4173.5:.55 4178.9:.60 4233.2:.85 4258.2:.20 4296.6:.35 4303.2:.45 4351.8:.60
4369.4:.20 4385.4:.45 4416.8:.45 4472.9:.10 4489.2:.30 4491.4:.35 4508.3:.60 4515.3:.50 4520.2:.45
4522.6:.75 4534.2:.10 4541.5:.20 4549.5:1.1 4555.9:.60 4576.3:.25 4582.8:.20 4583.8:1.1 4595.7:.10
4620.5:.25 4629.3:.70 4656.9:.20 4666.8:.25 4731.4:.30 4923.9:.90 5018.4:1.15 5169.0:1.3 5197.6:.80
5234.6:.85 5264.8:.35 5276.0:.95 5284.1:.30 5316.7:1.45 5325.6:.20 5337.7:.15 5362.9:.55 5414.1:.15
5425.3:.20 5534.8:.30 5991.4:.15 6084.1:.10 6148.5:.30 6238.4:.20 6247.6:.30 6369.5:.10 6416.9:.20
6432.7:.20 6456.4:.40 6516.1:.25
"""

# Ultraviolet Fe II (and Fe III), vacuum Å : strength. Multiplets UV 1-3, 33, 35, 36, 60-64, 78,
# 144-161, 207, optical 1, 6, 7 and the bump at 2500 Å, after Vestergaard & Wilkes (2001, ApJS 134,
# 1), figure 4; multiplet members from the NIST Atomic Spectra Database.
IRON_ULTRAVIOLET = """
2120:.20 2145:.20 2170:.30 2195:.35 2220:.45 2245:.55 2260:.60 2280:.70 2300:.70 2318:.75 2328:.90
2338.7:.90 2344.2:1.0 2359.8:.90 2365.6:.80 2381.5:1.0 2382.8:1.2 2389.4:.90 2396.4:1.1 2405.6:1.0
2411.3:.80 2414:.70 2428:.55 2440:.60 2452:.75 2465:.90 2478:1.1 2486:1.1 2493:1.2 2501:1.2 2508:1.4
2517:1.0 2527:.90 2535:.85 2542:.80 2550:.80 2563.3:1.0 2568:.70 2578.7:.70 2583.4:.80 2586.7:.80
2593:1.0 2599.2:1.1 2600.2:.90 2607.9:.80 2612.7:.90 2618.4:.90 2622.5:.80 2626.5:.90 2631.8:.90
2645:.25 2665:.15 2685:.15 2709:.35 2715.2:.60 2717:.40 2728.4:.60 2731.5:.60 2737.8:.70 2740.4:.90
2744:.70 2747.8:.90 2750.1:.90 2756.6:1.0 2762.6:.60 2769.8:.50 2784:.35 2800:.30 2815:.35 2832:.50
2838:.50 2850:.60 2862:.55 2873:.65 2880:.65 2895:.45 2908:.45 2917:.45 2927.4:.65 2940:.60 2945:.55
2954.6:.70 2965.5:.70 2971.4:.60 2980.2:.70 2985.7:.60 3003.5:.45 3025:.15 3055:.15 3080:.15
3135:.25 3155:.25 3164:.30 3169:.30 3184:.35 3188:.35 3194.7:.40 3197:.40 3211.4:.35 3214.2:.35
3228:.20 3256.8:.30 3278.3:.30 3282.2:.25 3303.8:.20 3324:.15 3400:.10 3440:.10 3500:.10 3540:.08
"""

FE_OPTICAL_BAND = (
    4434.0,
    4684.0,
)  # Å, where the strength of optical Fe II is measured (Boroson & Green 1992)


def read_columns(table, n_words=1):
    """Split a table above into its columns: names, and one array (or list of words) each."""
    rows = [line.split() for line in table.strip().splitlines()]
    rows = [[" ".join(row[: len(row) - n_words]), *row[len(row) - n_words :]] for row in rows]
    return [list(column) for column in zip(*rows, strict=True)]


def _read_blend(text):
    pairs = np.array([item.split(":") for item in text.split()], dtype=float)
    return pairs[:, 0], pairs[:, 1]


@lru_cache(maxsize=1)
def iron_optical():
    """Return vacuum Å and strengths of optical Fe II; the sum in `FE_OPTICAL_BAND` is 1."""
    air, strength = _read_blend(IRON_OPTICAL)
    wavelength = air_to_vacuum(air)
    in_band = (wavelength > FE_OPTICAL_BAND[0]) & (wavelength < FE_OPTICAL_BAND[1])
    return wavelength, strength / strength[in_band].sum()


@lru_cache(maxsize=1)
def iron_ultraviolet():
    """Return vacuum Å and strengths of ultraviolet Fe II; all strengths add up to 1."""
    wavelength, strength = _read_blend(IRON_ULTRAVIOLET)
    return wavelength, strength / strength.sum()


@lru_cache(maxsize=1)
def high_balmer_series(n_first=7, n_last=40):
    """Return vacuum Å and flux relative to Hβ of the high Balmer lines (case B, dense gas).

    Wavelengths from Rydberg's formula; fluxes fall as about n^-3 from Hε on (Storey & Hummer 1995,
    MNRAS 272, 41: Hε/Hβ = 0.159 at 10^4 K).
    """
    n = np.arange(n_first, n_last + 1)
    wavelength = 3647.05 / (1 - 4 / n**2)  # 3647.05 Å: the series limit in vacuum
    return wavelength, 0.159 * (7 / n) ** 3.0
