"""Writes means_and_association.json: t intervals, Welch's and paired tests, Mann-Whitney and Brunner-Munzel, correlations and Cronbach's
alpha, as SciPy, pingouin and mpmath give them.

    pip install numpy==2.4.6 scipy==1.17.1 pingouin==0.7.0 mpmath==1.4.1 && python3 means_and_association.py

Each case names the call that made it. Newcombe's interval, the logit interval, the intervals of correlations by Fisher's transformation, the
asymptotic error of tau-b and Zou's interval are not in SciPy: they are computed here from their papers' formulas with mpmath at 40 digits,
the asymptotic error from every pair of customers and not from cells.
"""

import json
import math
import pathlib
import random

import mpmath as mp
import numpy as np
import pingouin
import scipy
from scipy import stats

mp.mp.dps = 40
HERE = pathlib.Path(__file__).parent


def text(x):
    return mp.nstr(mp.mpf(float(x)) if not isinstance(x, mp.mpf) else x, 20)


def z_of(level):
    return mp.sqrt(2) * mp.erfinv(mp.mpf(level))


def expand(counts, low):
    return [low + i for i, c in enumerate(counts) for _ in range(c)]


def mp_t(level, df):
    """The quantile of the t distribution, from the regularised incomplete beta function."""
    tail = 1 - mp.mpf(level)
    f = lambda t: mp.betainc(mp.mpf(df) / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True) - tail
    start = mp.mpf(float(stats.t.ppf((1 + float(level)) / 2, float(df))))
    return mp.findroot(f, (start, start * mp.mpf("1.0001")))


def moments(xs):
    xs = [mp.mpf(x) for x in xs]
    n = len(xs)
    m = sum(xs) / n
    return n, m, sum((x - m) ** 2 for x in xs) / (n - 1)


RATINGS = [
    ([2, 5, 13, 40, 40], [10, 12, 22, 31, 25]),
    ([0, 0, 0, 1, 9], [3, 0, 0, 0, 2]),
    ([1, 1, 0, 0, 0], [0, 0, 0, 3, 4]),
    ([0, 3, 0, 3, 0], [1, 1, 1, 1, 1]),
    ([40, 3, 0, 7, 150], [12, 55, 80, 41, 9]),
    ([0, 0, 5, 0, 0], [1, 4, 0, 0, 2]),
]


def means():
    rows = []
    for first, second in RATINGS:
        a, b = expand(first, 1), expand(second, 1)
        row = {"first": first, "second": second, "estimates": {}, "welch": {}}
        n1, m1, v1 = moments(a)
        n2, m2, v2 = moments(b)
        row["mean"] = text(m1)
        for level in ["0.9", "0.95", "0.99"]:
            reach = mp_t(level, n1 - 1) * mp.sqrt(v1 / n1)
            row["estimates"][level] = [text(m1 - reach), text(m1 + reach)]
            if v1 > 0:
                ci = stats.t.interval(float(level), n1 - 1, np.mean(a), stats.sem(a))
                assert abs(ci[0] - float(m1 - reach)) < 1e-11
        s1, s2 = v1 / n1, v2 / n2
        df = (s1 + s2) ** 2 / (s1**2 / (n1 - 1) + s2**2 / (n2 - 1))
        for level in ["0.9", "0.95", "0.99"]:
            reach = mp_t(level, df) * mp.sqrt(s1 + s2)
            row["welch"][level] = [text(m1 - m2 - reach), text(m1 - m2 + reach)]
        test = stats.ttest_ind(a, b, equal_var=False)
        ci = test.confidence_interval(0.95)
        assert abs(ci.low - float(row["welch"]["0.95"][0])) < 1e-11, (ci, row)
        t = (m1 - m2) / mp.sqrt(s1 + s2)
        p = mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True)
        assert abs(test.pvalue / float(p) - 1) < 1e-9
        row.update(difference=text(m1 - m2), t=text(t), degrees=text(df), p=text(p))
        rows.append(row)
    return rows


def superiority(first, second):
    n1, n2 = len(first), len(second)
    wins = [[mp.mpf(1) if x > y else mp.mpf(1) / 2 if x == y else mp.mpf(0) for y in second] for x in first]
    p = sum(map(sum, wins)) / (n1 * n2)
    row = {"n": [n1, n2], "p": text(p), "u": text(p * n1 * n2)}
    z = {level: z_of(level) for level in ["0.9", "0.95", "0.99"]}

    def variance(t):
        w = (mp.mpf(n1) + n2) / 2 - 1
        return t * (1 - t) / (n1 * n2) * (1 + w * (1 - t) / (2 - t) + w * t / (1 + t))

    def limit(q, zz):
        if q == 0:
            return mp.mpf(0)
        low, high = mp.mpf(0), q
        for _ in range(150):
            mid = (low + high) / 2
            if q - mid > zz * mp.sqrt(variance(mid)):
                low = mid
            else:
                high = mid
        return low

    row["newcombe"] = {level: [text(limit(p, z[level])), text(1 - limit(1 - p, z[level]))] for level in z}
    for correction, name in [(True, "corrected"), (False, "uncorrected")]:
        test = stats.mannwhitneyu(first, second, use_continuity=correction, method="asymptotic")
        assert abs(test.statistic - float(p * n1 * n2)) < 1e-9
        _, t = np.unique(np.concatenate([first, second]), return_counts=True)
        n = n1 + n2
        sd = mp.sqrt(mp.mpf(n1 * n2) / 12 * (n + 1 - mp.mpf(int(sum(t**3 - t))) / (n * (n - 1))))
        d = p * n1 * n2 - mp.mpf(n1 * n2) / 2
        zz = mp.sign(d) * max(abs(d) - (mp.mpf(1) / 2 if correction else 0), 0) / sd
        pv = mp.erfc(abs(zz) / mp.sqrt(2))
        assert abs(test.pvalue - float(pv)) < 1e-12, (test, pv)
        row[name] = {"z": text(zz), "p": text(pv)}
    place1 = [sum(r) / n2 for r in wins]
    place2 = [sum(wins[i][j] for i in range(n1)) / n1 for j in range(n2)]
    v1, v2 = moments(place1)[2] / n1, moments(place2)[2] / n2
    if v1 + v2 > 0:
        se = mp.sqrt(v1 + v2)
        df = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
        test = stats.brunnermunzel(second, first)
        t = (p - mp.mpf(1) / 2) / se
        assert abs(test.statistic - float(t)) < 1e-9, (test, t)
        row["brunner_munzel"] = {
            "t": text(t),
            "degrees": text(df),
            "p": text(mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True)),
            "interval": {lv: [text(p - mp_t(lv, df) * se), text(p + mp_t(lv, df) * se)] for lv in z},
        }
        logit, reach = mp.log(p / (1 - p)), se / (p * (1 - p))
        sigma = lambda x: 1 / (1 + mp.exp(-x))
        row["logit"] = {lv: [text(sigma(logit - z[lv] * reach)), text(sigma(logit + z[lv] * reach))] for lv in z}
    return row


def superiorities():
    rows = []
    for first, second in RATINGS:
        rows.append({"counts": [first, second], **superiority(expand(first, 1), expand(second, 1))})
    rnd = random.Random(20)
    for n1, n2, digits in [(12, 9, 1), (40, 25, 0), (30, 30, 6), (2, 50, 1)]:
        a = [round(rnd.gauss(1, 2), digits) for _ in range(n1)]
        b = [round(rnd.gauss(0, 1), digits) for _ in range(n2)]
        rows.append({"columns": [a, b], **superiority(a, b)})
    return rows


def correlate(x, y):
    n = len(x)
    row = {"n": n}
    X, Y = [mp.mpf(a) for a in x], [mp.mpf(b) for b in y]

    def pearson(a, b):
        ma, mb = sum(a) / n, sum(b) / n
        sab = sum((p - ma) * (q - mb) for p, q in zip(a, b))
        return sab / mp.sqrt(sum((p - ma) ** 2 for p in a) * sum((q - mb) ** 2 for q in b))

    def fisher(r, variance):
        out = {}
        for level in ["0.9", "0.95", "0.99"]:
            reach = z_of(level) * mp.sqrt(variance)
            out[level] = [text(mp.tanh(mp.atanh(r) - reach)), text(mp.tanh(mp.atanh(r) + reach))]
        return out

    def t_test(r):
        t = r * mp.sqrt((n - 2) / (1 - r * r))
        df = mp.mpf(n - 2)
        return {"t": text(t), "p": text(mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True))}

    r = pearson(X, Y)
    scipy_r = stats.pearsonr(x, y)
    assert abs(scipy_r.statistic - float(r)) < 1e-12
    ci = scipy_r.confidence_interval(0.95)
    row["pearson"] = {"r": text(r), "intervals": fisher(r, mp.mpf(1) / (n - 3)), "test": t_test(r)}
    assert abs(ci.low - float(row["pearson"]["intervals"]["0.95"][0])) < 1e-9
    rx, ry = [[mp.mpf(v) for v in stats.rankdata(c)] for c in (x, y)]
    rho = pearson(rx, ry)
    scipy_rho = stats.spearmanr(x, y)
    assert abs(scipy_rho.statistic - float(rho)) < 1e-12
    row["spearman"] = {
        "rho": text(rho),
        "test": t_test(rho),
        "bonett_wright": fisher(rho, (1 + rho**2 / 2) / (n - 3)),
        "fieller_hartley_pearson": fisher(rho, mp.mpf("1.06") / (n - 3)),
        "fisher_z": fisher(rho, mp.mpf(1) / (n - 3)),
    }
    assert abs(scipy_rho.pvalue / float(row["spearman"]["test"]["p"]) - 1) < 1e-8
    sign = lambda a, b: (a > b) - (a < b)
    lead = [sum(sign(x[i], x[j]) * sign(y[i], y[j]) for j in range(n)) for i in range(n)]
    con = sum(1 for i in range(n) for j in range(i) if sign(x[i], x[j]) * sign(y[i], y[j]) > 0)
    dis = sum(1 for i in range(n) for j in range(i) if sign(x[i], x[j]) * sign(y[i], y[j]) < 0)
    tx = [mp.mpf(sum(1 for b in x if b == a)) for a in x]
    ty = [mp.mpf(sum(1 for b in y if b == a)) for a in y]
    wr, wc = n * n - sum(tx), n * n - sum(ty)
    w = mp.sqrt(wr * wc)
    tau = 2 * (con - dis) / w
    scipy_tau = stats.kendalltau(x, y, method="asymptotic")
    assert abs(scipy_tau.statistic - float(tau)) < 1e-12
    phi = [2 * w * d + tau * (a * wc + b * wr) for d, a, b in zip(lead, tx, ty)]
    ase = mp.sqrt(sum(p * p for p in phi) - mp.mpf(n) ** 3 * tau**2 * (wr + wc) ** 2) / (w * w)
    z = mp.mpf(con - dis) / mp.sqrt(kendall_variance(x, y))
    p = mp.erfc(abs(z) / mp.sqrt(2))
    assert abs(scipy_tau.pvalue / float(p) - 1) < 1e-9
    row["kendall"] = {
        "tau": text(tau),
        "concordant": con,
        "discordant": dis,
        "z": text(z),
        "p": text(p),
        "fieller_hartley_pearson": fisher(tau, mp.mpf("0.437") / (n - 4)),
        "asymptotic_error": text(ase),
    }
    return row


def kendall_variance(x, y):
    n = len(x)
    t = [mp.mpf(int(v)) for v in np.unique(x, return_counts=True)[1]]
    u = [mp.mpf(int(v)) for v in np.unique(y, return_counts=True)[1]]
    s = lambda f, v: sum(f(a) for a in v)
    five, two, three = lambda a: a * (a - 1) * (2 * a + 5), lambda a: a * (a - 1), lambda a: a * (a - 1) * (a - 2)
    return (
        (five(mp.mpf(n)) - s(five, t) - s(five, u)) / 18
        + s(two, t) * s(two, u) / (2 * mp.mpf(n) * (n - 1))
        + s(three, t) * s(three, u) / (9 * mp.mpf(n) * (n - 1) * (n - 2))
    )


TABLES = [
    (2, [30, 70, 25, 115, 20, 240]),
    (5, [6, 2, 1, 0, 0, 3, 8, 4, 2, 1, 1, 5, 12, 6, 2, 0, 2, 6, 15, 7, 0, 0, 3, 8, 20]),
    # A. Agresti, "Categorical Data Analysis": job satisfaction by income, black US males, General Social Survey 1996.
    (4, [1, 3, 10, 6, 2, 3, 10, 7, 1, 6, 14, 12, 0, 1, 9, 11]),
    (3, [5, 0, 0, 0, 4, 1]),
]


def associations():
    rows = []
    for columns, counts in TABLES:
        x = [i // columns for i, c in enumerate(counts) for _ in range(c)]
        y = [i % columns for i, c in enumerate(counts) for _ in range(c)]
        rows.append({"columns": columns, "counts": counts, **correlate(x, y)})
    rnd = random.Random(7)
    for n, noise, digits in [(8, 1, 1), (25, 3, 0), (60, 0.1, 6), (40, 30, 2)]:
        x = [round(rnd.gauss(0, 2), digits) for _ in range(n)]
        y = [round(a + rnd.gauss(0, noise), digits) for a in x]
        rows.append({"x": x, "y": y, **correlate(x, y)})
    return rows


def zou():
    rows = []
    for i, j in [(4, 5), (6, 7), (0, 2)]:
        rows.append({"first": i, "second": j})
    data = associations()
    for row in rows:
        a, b = data[row["first"]], data[row["second"]]
        r1, r2 = mp.mpf(a["pearson"]["r"]), mp.mpf(b["pearson"]["r"])
        (l1, u1), (l2, u2) = [[mp.mpf(v) for v in d["pearson"]["intervals"]["0.95"]] for d in (a, b)]
        z = (mp.atanh(r1) - mp.atanh(r2)) / mp.sqrt(mp.mpf(1) / (a["n"] - 3) + mp.mpf(1) / (b["n"] - 3))
        row.update(
            low=text(r1 - r2 - mp.hypot(r1 - l1, u2 - r2)),
            high=text(r1 - r2 + mp.hypot(u1 - r1, r2 - l2)),
            z=text(z),
            p=text(mp.erfc(abs(z) / mp.sqrt(2))),
        )
    return rows


def f_quantile(lower, d1, d2):
    """Of the F distribution, from the regularised incomplete beta function."""
    below = lambda f: mp.betainc(mp.mpf(d1) / 2, mp.mpf(d2) / 2, 0, d1 * f / (d1 * f + d2), regularized=True) - lower
    start = mp.mpf(stats.f.ppf(float(lower), d1, d2))
    return mp.findroot(below, (start, start * mp.mpf("1.0001")))


def alphas():
    rnd = random.Random(3)
    sets = []
    for n, k, noise in [(5, 3, 1), (30, 5, 1), (100, 22, 2), (12, 2, 3)]:
        items = []
        common = [rnd.gauss(4, 1.3) for _ in range(n)]
        for _ in range(k):
            items.append([min(7, max(1, round(c + rnd.gauss(0, noise)))) for c in common])
        sets.append(items)
    rows = []
    for items in sets:
        import pandas

        n, k = len(items[0]), len(items)
        frame = pandas.DataFrame({str(i): column for i, column in enumerate(items)})
        covariance = [[mp.mpf(0)] * k for _ in range(k)]
        for i in range(k):
            for j in range(k):
                mi, mj = mp.mpf(sum(items[i])) / n, mp.mpf(sum(items[j])) / n
                covariance[i][j] = sum((a - mi) * (b - mj) for a, b in zip(items[i], items[j])) / (n - 1)

        def alpha(keep):
            m = len(keep)
            trace, total = sum(covariance[i][i] for i in keep), sum(covariance[i][j] for i in keep for j in keep)
            return mp.mpf(m) / (m - 1) * (1 - trace / total)

        everything = list(range(k))
        a = alpha(everything)
        mean_r = sum(covariance[i][j] / mp.sqrt(covariance[i][i] * covariance[j][j]) for i in range(k) for j in range(i)) / (k * (k - 1) / 2)
        row = {"items": items, "alpha": text(a), "standardized": text(k * mean_r / (1 + (k - 1) * mean_r)), "intervals": {}}
        for level in ["0.9", "0.95", "0.99"]:
            tail = (1 - mp.mpf(level)) / 2
            d1, d2 = n - 1, (n - 1) * (k - 1)
            row["intervals"][level] = [text(1 - (1 - a) * f_quantile(q, d1, d2)) for q in (mp.mpf(1) - tail, tail)]
        value, ends = pingouin.cronbach_alpha(frame, ci=0.95)
        assert abs(value - float(a)) < 1e-12 and abs(ends[0] - float(row["intervals"]["0.95"][0])) < 6e-4, (value, ends, row)
        if k > 2:
            row["without"] = [text(alpha([j for j in everything if j != i])) for i in everything]
        row["item_rest"] = []
        for i in everything:
            rest = [j for j in everything if j != i]
            with_rest = sum(covariance[i][j] for j in rest)
            of_rest = sum(covariance[j][l] for j in rest for l in rest)
            row["item_rest"].append(text(with_rest / mp.sqrt(covariance[i][i] * of_rest)))
        rows.append(row)
    return rows


def paired():
    first, second = [6, 4, 5, 7, 3, 5, 2, 6], [7, 6, 5, 7, 6, 6, 1, 7]
    test = stats.ttest_rel(first, second)
    n, m, v = moments([a - b for a, b in zip(first, second)])
    t = m / mp.sqrt(v / n)
    df = mp.mpf(n - 1)
    assert abs(test.statistic - float(t)) < 1e-12
    reach = mp_t("0.95", n - 1) * mp.sqrt(v / n)
    p = mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True)
    return {"first": first, "second": second, "mean": text(m), "low": text(m - reach), "high": text(m + reach), "t": text(t), "p": text(p)}


versions = f"numpy {np.__version__}, scipy {scipy.__version__}, pingouin {pingouin.__version__}, mpmath {mp.__version__}"
out = {
    "origin": f"means_and_association.py with {versions}: scipy.stats.t.interval, ttest_ind(equal_var=False), ttest_rel, mannwhitneyu"
    "(method='asymptotic'), brunnermunzel, pearsonr, spearmanr, kendalltau(method='asymptotic'), pingouin.cronbach_alpha; each recomputed"
    " with mpmath at 40 digits and found equal, and printed from there; ends are not clamped",
    "means": means(),
    "paired": paired(),
    "superiorities": superiorities(),
    "associations": associations(),
    "zou": zou(),
    "alphas": alphas(),
}
sections = ",\n".join(
    f' "{key}": ' + ("[\n  " + ",\n  ".join(json.dumps(row) for row in value) + "\n ]" if isinstance(value, list) else json.dumps(value))
    for key, value in out.items()
)
(HERE / "means_and_association.json").write_text("{\n" + sections + "\n}\n")
