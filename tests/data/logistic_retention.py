"""Makes logistic_retention.json: maximum-likelihood logistic curves at 40 digits with mpmath, checked by Newton's method to convergence.

python3 tests/data/logistic_retention.py > tests/data/logistic_retention.json
"""

import json
import random

from mpmath import exp, log, matrix, mp, mpf, sqrt

mp.dps = 40
Z95 = mpf("1.959963984540054235524594430520551527955550")
random.seed(20)


def simulated(times, per, stays):
    return [(t, k, per - k) for t in times for k in [sum(random.random() < stays(t) for _ in range(per))]]


CASES = [
    ("four times", "hours", [(1, 45, 5), (8, 40, 10), (24, 42, 8), (72, 20, 30)]),
    ("four times", "log hours", [(1, 45, 5), (8, 40, 10), (24, 42, 8), (72, 20, 30)]),
    ("barely overlapping", "hours", [(1, 10, 0), (2, 9, 1), (3, 1, 9), (4, 0, 10)]),
    ("nearly level", "hours", [(5, 5000, 5001), (6, 4999, 5000), (7, 5003, 4998)]),
    ("large counts", "hours", [(0, 900_000_000, 100_000_000), (24, 850_000_000, 150_000_000), (48, 700_000_000, 300_000_000)]),
    ("far from zero", "hours", [(10_000, 8, 2), (10_001, 7, 3), (10_002, 5, 5), (10_003, 3, 7)]),
    ("rare leaving", "log hours", [(1, 9_999, 1), (50, 9_990, 10), (500, 9_960, 40)]),
    ("twenty days", "hours", simulated(range(24, 24 * 21, 24), 30, lambda t: 1 / (1 + 2.718 ** -(2 - 0.01 * t)))),
]


def fit(rows, x):
    a = b = mpf(0)
    mean = sum((k + l) * x(t) for t, k, l in rows) / sum(k + l for _, k, l in rows)
    for _ in range(200):
        g, h = [mpf(0), mpf(0)], [[mpf(0)] * 2 for _ in range(2)]
        for t, k, l in rows:
            z = x(t) - mean
            p = 1 / (1 + exp(-(a + b * z)))
            w = (k + l) * p * (1 - p)
            for i, u in enumerate((1, z)):
                g[i] += (k - (k + l) * p) * u
                for j, v in enumerate((1, z)):
                    h[i][j] += w * u * v
        step = matrix(h) ** -1 * matrix(g)
        a, b = a + step[0], b + step[1]
        if abs(step[0]) + abs(step[1]) < mpf(10) ** -35:
            break
    else:
        raise SystemExit("no convergence")
    covariance = matrix(h) ** -1
    # From the centred times back.
    turn = matrix([[1, -mean], [0, 1]])
    return a - b * mean, b, turn * covariance * turn.T


def case(name, scale, rows):
    rows = [(mpf(t), k, l) for t, k, l in rows]
    x = (lambda t: t) if scale == "hours" else (lambda t: log(1 + t))
    slope_of_x = (lambda t: mpf(1)) if scale == "hours" else (lambda t: 1 / (1 + t))
    a, b, v = fit(rows, x)
    p = lambda t: 1 / (1 + exp(-(a + b * x(t))))
    ll = sum(k * log(p(t)) + l * log(1 - p(t)) for t, k, l in rows)
    stayed, left = sum(k for _, k, _ in rows), sum(l for _, _, l in rows)
    level = stayed * log(mpf(stayed) / (stayed + left)) + left * log(mpf(left) / (stayed + left))
    logit, se = a + b * x(24), sqrt(v[0, 0] + 2 * x(24) * v[0, 1] + x(24) ** 2 * v[1, 1])
    kept, ga, gb = mpf(0), mpf(0), mpf(0)
    for t, k, l in rows:
        sooner = max(t - 6, mpf(0))
        kept += (k + l) * (p(sooner) - p(t))
        for at, sign in ((sooner, 1), (t, -1)):
            ga += sign * (k + l) * p(at) * (1 - p(at))
            gb += sign * (k + l) * p(at) * (1 - p(at)) * x(at)
    s, q = slope_of_x(24), p(24)
    ha, hb = -b * s * q * (1 - q) * (1 - 2 * q), -b * s * q * (1 - q) * (1 - 2 * q) * x(24) - s * q * (1 - q)
    spread = lambda u, w: sqrt(u * u * v[0, 0] + 2 * u * w * v[0, 1] + w * w * v[1, 1])
    numbers = {
        "intercept": a, "slope": b, "se_intercept": sqrt(v[0, 0]), "se_slope": sqrt(v[1, 1]), "log_likelihood": ll,
        "likelihood_ratio": 2 * (ll - level), "at_24_low": 1 / (1 + exp(-(logit - Z95 * se))),
        "at_24_high": 1 / (1 + exp(-(logit + Z95 * se))), "kept_6": kept, "kept_6_se": spread(ga, gb),
        "per_hour_24": -b * s * q * (1 - q), "per_hour_24_se": spread(ha, hb),
    }
    if name == "twenty days":
        # Twenty equal times make ten groups of two.
        groups = [rows[i : i + 2] for i in range(0, 20, 2)]
        expected = [(sum(k for _, k, _ in g), sum((k + l) * p(t) for t, k, l in g), sum(k + l for _, k, l in g)) for g in groups]
        numbers["hosmer_lemeshow"] = sum((k - e) ** 2 / (e * (1 - e / n)) for k, e, n in expected)
    row = {"name": name, "scale": scale, "rows": [[float(t), k, l] for t, k, l in rows]}
    return row | {key: mp.nstr(value, 25) for key, value in numbers.items()}


print(json.dumps({"made by": "mpmath, 40 digits", "cases": [case(*each) for each in CASES]}, indent=1))
