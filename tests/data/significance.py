"""Writes share_tests.json, contingency_tables.json and comparison_plans.json: what the significance tests are held to.

    pip install mpmath==1.3.0 && python3 significance.py

Statistics and their tails at 60 digits from the formulas of the papers; exact tests by enumeration of all outcomes in whole numbers.
"""

import json
import math
import pathlib
from fractions import Fraction

import mpmath as mp

mp.mp.dps = 60
HERE = pathlib.Path(__file__).parent
SIDES = ["two_sided", "greater", "less"]


def text(value):
    return mp.nstr(value, 20)


def normal(z):
    tail = lambda z: mp.erfc(z / mp.sqrt(2)) / 2
    return {"z": text(z), "two_sided": text(2 * tail(abs(z))), "greater": text(tail(z)), "less": text(tail(-z)), "ln_two_sided": text(mp.log(2 * tail(abs(z))))}


def exact(weights, observed):
    """P-values from whole weights of all outcomes."""
    whole = sum(weights)
    parts = [sum(w for w in weights if w <= weights[observed]), sum(weights[observed:]), sum(weights[: observed + 1])]
    return {side: text(mp.mpf(part) / mp.mpf(whole)) for side, part in zip(SIDES, parts)}


def fisher(k1, n1, k2, n2):
    together = k1 + k2
    low, high = max(0, together - n2), min(n1, together)
    weight, weights = math.comb(n1, low) * math.comb(n2, together - low), []
    for k in range(low, high + 1):
        weights.append(weight)
        weight = weight * (n1 - k) * (together - k) // ((k + 1) * (n2 - together + k + 1))
    return exact(weights, k1 - low)


def binomial(k, n, p):
    """Of n with the probability p, a fraction."""
    weight, weights = (p.denominator - p.numerator) ** n, []
    for j in range(n + 1):
        weights.append(weight)
        weight = weight * (n - j) * p.numerator // ((j + 1) * (p.denominator - p.numerator))
    return exact(weights, k)


PAIRS = [
    (56, 70, 48, 80), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29), (10, 10, 0, 10), (45, 100, 45, 100), (50, 100, 51, 100),
    (500000000, 1000000000, 500050000, 1000000000), (1, 100000, 9, 100000), (9000, 10000, 10, 10), (83, 86, 90, 93), (120, 1000, 180, 1200),
    (999999, 1000000, 999990, 1000000), (3, 4, 1, 4), (900000, 1000000, 800000, 1000000), (850, 1000, 870, 1000), (2, 3000, 7, 20),
]


def pair_rows():
    for k1, n1, k2, n2 in PAIRS:
        row = {"k1": k1, "n1": n1, "k2": k2, "n2": n2}
        p1, p2, p = mp.mpf(k1) / n1, mp.mpf(k2) / n2, mp.mpf(k1 + k2) / (n1 + n2)
        pooled = mp.sqrt(p * (1 - p) * (mp.mpf(1) / n1 + mp.mpf(1) / n2))
        row["pooled"] = normal((p1 - p2) / pooled)
        correction = (mp.mpf(1) / n1 + mp.mpf(1) / n2) / 2
        row["pooled_corrected"] = normal(mp.sign(p1 - p2) * max(0, abs(p1 - p2) - correction) / pooled)
        unpooled = mp.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
        if unpooled > 0:
            row["unpooled"] = normal((p1 - p2) / unpooled)
        if n1 + n2 <= 30000:
            row["fisher"] = fisher(k1, n1, k2, n2)
        yield row


def against_rows():
    for k, n, p in [
        (682, 925, "0.75"), (0, 10, "0.1"), (10, 10, "0.9"), (3, 3, "0.5"), (871, 1000, "0.9"), (5, 10, "0.5"), (7, 20, "0.3"), (1, 400, "0.01"),
        (2520, 5000, "0.5"), (700, 1000, "0.123456789"), (333, 1000, "0.3333333333333333333333333333"), (4999, 10000, "0.5"), (123456789, 10**9, "0.1234"),
    ]:
        share = mp.mpf(p)
        row = {"k": k, "n": n, "p": p, "score": normal((k - n * share) / mp.sqrt(n * share * (1 - share)))}
        if n <= 10000:
            row["binomial"] = binomial(k, n, Fraction(p))
        yield row


def table_rows():
    for counts in [
        [[20, 30, 50], [15, 35, 50], [40, 30, 30]],
        [[762, 327, 468], [484, 239, 477]],
        [[83, 3], [90, 3], [129, 7], [70, 12]],
        [[3, 1], [1, 3]],
        [[54, 46], [61, 39], [40, 60]],
        [[1, 0, 7, 2], [4, 9, 0, 1], [2, 2, 2, 3], [0, 1, 5, 5]],
        [[500000000, 500000000], [500050000, 499950000]],
        [[10**12, 10**12 + 10**6, 10**12], [10**12, 10**12, 10**12], [10**12 + 10**5, 10**12, 10**12 - 10**6]],
        [[10, 20], [20, 40]],
    ]:
        rows, columns = [sum(row) for row in counts], [sum(column) for column in zip(*counts)]
        n = mp.mpf(sum(rows))
        expected = [[mp.mpf(r) * c / n for c in columns] for r in rows]
        statistic = sum((o - e) ** 2 / e for row, erow in zip(counts, expected) for o, e in zip(row, erow))
        degrees = (len(rows) - 1) * (len(columns) - 1)
        p = mp.gammainc(mp.mpf(degrees) / 2, statistic / 2, mp.inf, regularized=True)
        residuals = [
            [text((counts[i][j] - expected[i][j]) / mp.sqrt(expected[i][j] * (1 - r / n) * (1 - c / n))) for j, c in enumerate(columns)]
            for i, r in enumerate(rows)
        ]
        yield {
            "counts": counts, "chi_square": text(statistic), "degrees": degrees, "p": text(p), "v": text(mp.sqrt(statistic / n / (min(len(rows), len(columns)) - 1))),
            "smallest": text(min(min(row) for row in expected)), "residuals": residuals,
        }


def trend_rows():
    for groups, scores in [
        ([(83, 86), (90, 93), (129, 136), (70, 82)], None),
        ([(90, 100), (60, 75), (30, 50)], None),
        ([(1, 20), (3, 20), (9, 30), (11, 25)], [0, 1.5, 7, 30]),
        ([(10, 100), (20, 200)], None),
        ([(500000, 10**6), (500100, 10**6), (501000, 10**6)], [-3, 2, 100]),
    ]:
        values = [mp.mpf(s) for s in (scores or range(len(groups)))]
        n = mp.mpf(sum(w for _, w in groups))
        p = sum(k for k, _ in groups) / n
        mean = sum(w * s for (_, w), s in zip(groups, values)) / n
        spread = sum(w * (s - mean) ** 2 for (_, w), s in zip(groups, values))
        slope = sum((s - mean) * (k - w * p) for (k, w), s in zip(groups, values)) / spread
        yield {"groups": groups, "scores": scores, "slope": text(slope)} | normal(slope * mp.sqrt(spread / (p * (1 - p))))


def quantile(p):
    return mp.sqrt(2) * mp.erfinv(2 * mp.mpf(p) - 1)


def plan_rows():
    for p1, p2, confidence, power in [
        ("0.5", "0.75", "0.95", "0.9"), ("0.8", "0.85", "0.95", "0.8"), ("0.85", "0.8", "0.99", "0.95"), ("0.01", "0.012", "0.95", "0.8"), ("0", "0.1", "0.95", "0.8"),
        ("0.2", "1", "0.9", "0.7"), ("0.5", "0.50001", "0.95", "0.8"), ("0.3", "0.4", "0.8", "0.3"),
    ]:
        a, b = quantile((1 + mp.mpf(confidence)) / 2), quantile(power)
        first, second = mp.mpf(p1), mp.mpf(p2)
        d, middle = abs(first - second), (first + second) / 2
        with_ = mp.sqrt(first * (1 - first) + second * (1 - second))
        pooled = mp.sqrt(2 * middle * (1 - middle))
        n, m = ((a * pooled + b * with_) / d) ** 2, ((a + b) * with_ / d) ** 2
        corrected = n / 4 * (1 + mp.sqrt(1 + 4 / (n * d))) ** 2
        at = 137
        yield {
            "p1": p1, "p2": p2, "confidence": confidence, "power": power, "pooled": int(mp.ceil(n)), "unpooled": int(mp.ceil(m)), "pooled_corrected": int(mp.ceil(corrected)),
            "power_of_137": text(mp.ncdf((d * mp.sqrt(at) - a * pooled) / with_)),
        }


def net_plan_rows():
    for first, second, confidence, power in [
        (("0.5", "0.2"), ("0.55", "0.18"), "0.95", "0.8"), (("0.5", "0.5"), ("0.6", "0.4"), "0.95", "0.9"), (("0.1", "0.3"), ("0.12", "0.29"), "0.99", "0.8"),
    ]:
        variance = lambda pd: mp.mpf(pd[0]) + mp.mpf(pd[1]) - (mp.mpf(pd[0]) - mp.mpf(pd[1])) ** 2
        d = abs(mp.mpf(first[0]) - mp.mpf(first[1]) - mp.mpf(second[0]) + mp.mpf(second[1]))
        n = ((quantile((1 + mp.mpf(confidence)) / 2) + quantile(power)) / d) ** 2 * (variance(first) + variance(second))
        yield {"first": first, "second": second, "confidence": confidence, "power": power, "n": int(mp.ceil(n))}


def net_score_rows():
    for one, two in [((130, 50, 20), (100, 60, 40)), ((10, 10, 35), (50, 0, 50)), ((1, 0, 0), (3, 4, 5)), ((655, 258, 87), (650, 258, 92)), ((10**9, 1, 10**9 - 7), (10**9, 3, 10**9))]:
        score = lambda c: mp.mpf(c[0] - c[2]) / sum(c)
        variance = lambda c: (mp.mpf(c[0] + c[2]) / sum(c) - score(c) ** 2) / sum(c)
        yield {"first": one, "second": two} | normal((score(one) - score(two)) / mp.sqrt(variance(one) + variance(two)))


def write(name, **tables):
    body = ",\n".join(f' "{key}": [\n' + ",\n".join("  " + json.dumps(row) for row in rows) + "\n ]" for key, rows in tables.items())
    (HERE / name).write_text('{\n "origin": "significance.py, mpmath 1.3.0 at 60 digits, printed to 20",\n' + body + "\n}\n")


write("share_tests.json", pairs=pair_rows(), against=against_rows(), net_scores=net_score_rows())
write("contingency_tables.json", tables=table_rows(), trends=trend_rows())
write("comparison_plans.json", shares=plan_rows(), net_scores=net_plan_rows())
