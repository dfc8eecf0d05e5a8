"""Makes survival_variants.json: what the published sets do not cover, straight from the definitions with mpmath at 50 digits.

Every number is a sum or product over the customers themselves, not over a table of them. Needs survival.json beside it for the columns.
"""

import json
import math
import os
from mpmath import mp, mpf, log, exp, sqrt, asin, sin, pi, psi, erfinv

mp.dps = 50
here = os.path.dirname(os.path.abspath(__file__))
sets = json.load(open(os.path.join(here, "survival.json")))["sets"]
Z = sqrt(2) * erfinv(mpf("0.95"))


def show(x):
    return mp.nstr(x, 18) if isinstance(x, mpf) else x


def at_risk(rows, t):
    return sum((w for (time, left, entry, w) in rows if time >= t and (entry == 0 or entry < t)), mpf(0))


def leaving(rows, t):
    return sum((w for (time, left, entry, w) in rows if time == t and left), mpf(0))


def event_times(rows):
    return sorted({time for (time, left, entry, w) in rows if left and w > 0})


def curve(rows):
    """(time, survival, variance of its logarithm) at each time at which anyone left."""
    s, v, out = mpf(1), mpf(0), []
    for t in event_times(rows):
        n, d = at_risk(rows, t), leaving(rows, t)
        s *= 1 - d / n
        if n > d:
            v += d / (n * (n - d))
        out.append((t, s, v))
    return out


def limits(s, v):
    se = sqrt(v)
    theta = Z * se / log(s)
    logit = log(s / (1 - s))
    swing = Z * se * sqrt(s / (1 - s)) / 2
    return {
        "log_log": [s ** exp(-theta), s ** exp(theta)],
        "log": [s * exp(-Z * se), min(mpf(1), s * exp(Z * se))],
        "plain": [max(mpf(0), s - Z * s * se), min(mpf(1), s + Z * s * se)],
        "logit": [1 / (1 + exp(-(logit - Z * se / (1 - s)))), 1 / (1 + exp(-(logit + Z * se / (1 - s))))],
        "arcsine": [sin(max(mpf(0), asin(sqrt(s)) - swing)) ** 2, sin(min(pi / 2, asin(sqrt(s)) + swing)) ** 2],
    }


def value_at(steps, t):
    last = (0, mpf(1), mpf(0))
    for step in steps:
        if step[0] <= t:
            last = step
    return last


def area(steps, a, b):
    total, left, s = mpf(0), mpf(a), value_at(steps, a)[1]
    for (t, after, _) in steps:
        if a < t <= b:
            total += s * (t - left)
            left, s = mpf(t), after
    return total + s * (b - left)


def mean(rows, a, horizon):
    steps, b = curve(rows), a + horizon
    start = value_at(steps, a)[1]
    variance = mpf(0)
    for (t, s, _) in steps:
        n, d = at_risk(rows, t), leaving(rows, t)
        if a < t <= b and n > d:
            variance += (area(steps, t, b) / start) ** 2 * d / (n * (n - d))
    return area(steps, a, b) / start, sqrt(variance)


def hazard_one_by_one(rows):
    total, squares, out = mpf(0), mpf(0), []
    for t in event_times(rows):
        n, d = at_risk(rows, t), leaving(rows, t)
        total += psi(0, n + 1) - psi(0, n - d + 1)
        squares += psi(1, n - d + 1) - psi(1, n + 1)
        out.append([t, total, squares])
    return out


def logrank(strata, groups, weighting):
    """strata: lists of (time, left, entry, weight, group)."""
    observed, expected = [mpf(0)] * groups, [mpf(0)] * groups
    covariance = [[mpf(0)] * groups for _ in range(groups)]
    for rows in strata:
        bare = [row[:4] for row in rows]
        of = [[row[:4] for row in rows if row[4] == g] for g in range(groups)]
        s, s_peto = mpf(1), mpf(1)
        for t in event_times(bare):
            n, d = at_risk(bare, t), leaving(bare, t)
            s_peto *= 1 - d / (n + 1)
            w = {
                "log_rank": mpf(1), "gehan": n, "tarone_ware": sqrt(n), "peto_peto": s_peto, "modified_peto_peto": s_peto * n / (n + 1),
                "harrington_fleming_1_0": s, "harrington_fleming_0.5_2": sqrt(s) * (1 - s) ** 2,
            }[weighting]
            s *= 1 - d / n
            risk = [at_risk(rows_of_group, t) for rows_of_group in of]
            for g in range(groups):
                observed[g] += w * leaving(of[g], t)
                expected[g] += w * d * risk[g] / n
                for h in range(groups):
                    if n > 1:
                        covariance[g][h] += w * w * d * min(mpf(1), (n - d) / (n - 1)) * (risk[g] / n * ((1 if g == h else 0) - risk[h] / n))
    return observed, expected, covariance


def chi_square(observed, expected, covariance):
    used = [g for g in range(len(observed)) if covariance[g][g] > 0][:-1]
    u = mp.matrix([observed[g] - expected[g] for g in used])
    v = mp.matrix([[covariance[g][h] for h in used] for g in used])
    return (u.T * mp.lu_solve(v, u))[0], len(used)


cases = []
for name, modulus in [("leukemia", 4), ("lung", 5)]:
    data = sets[name]
    n = len(data["time"])
    for variant in ["plain", "entries", "weights", "both"]:
        time = [int(t) for t in data["time"]]
        entry = [(i * 7919) % t if variant in ("entries", "both") and i % 2 == 0 else 0 for i, t in enumerate(time)]
        weight = [mpf((i * 31) % 9) / 4 if variant in ("weights", "both") else mpf(1) for i in range(n)]
        rows = list(zip(time, data["left"], entry, weight))
        groups = [i % modulus for i in range(n)]
        strata_of = data["group"]
        steps = curve(rows)
        case = {"set": name, "variant": variant, "groups": modulus}
        case["entry"] = entry if variant in ("entries", "both") else None
        case["weight"] = [float(w) for w in weight] if variant in ("weights", "both") else None
        every = max(1, len(steps) // 6)
        case["steps"] = [
            {"time": t, "survival": show(s), "variance": show(s * s * v), "limits": {k: [show(x) for x in pair] for k, pair in limits(s, v).items()}}
            for (t, s, v) in steps[::every] if 0 < s < 1
        ]
        middle, last = steps[len(steps) // 3][0], max(time)
        case["means"] = [[a, h, *map(show, mean(rows, a, h))] for a, h in [(0, last), (0, middle), (middle, middle), (middle, 2 * last)]]
        a, b = value_at(steps, middle), value_at(steps, middle + middle // 2)
        case["conditional"] = [middle, middle // 2, show(b[1] / a[1]), [show(x) for x in limits(b[1] / a[1], b[2] - a[2])["log_log"]]]
        case["one_by_one"] = [[t, show(h), show(v)] for t, h, v in hazard_one_by_one(rows)[::every]]
        case["tests"] = []
        grouped = [row + (g,) for row, g in zip(rows, groups)]
        by_stratum = [[row for row, stratum in zip(grouped, strata_of) if stratum == wanted] for wanted in (0, 1)]
        for weighting in ["log_rank", "gehan", "tarone_ware", "peto_peto", "modified_peto_peto", "harrington_fleming_1_0", "harrington_fleming_0.5_2"]:
            for stratified in (False, True):
                observed, expected, covariance = logrank(by_stratum if stratified else [grouped], modulus, weighting)
                chi, degrees = chi_square(observed, expected, covariance)
                p = mp.gammainc(mpf(degrees) / 2, chi / 2, mp.inf, regularized=True)
                scores = mp.matrix(list(range(1, modulus + 1)))
                u = mp.matrix([o - e for o, e in zip(observed, expected)])
                trend = (scores.T * u)[0] / sqrt((scores.T * mp.matrix(covariance) * scores)[0])
                case["tests"].append({
                    "weighting": weighting, "stratified": stratified, "observed": [show(x) for x in observed],
                    "expected": [show(x) for x in expected], "first_row": [show(x) for x in covariance[0]],
                    "chi_square": show(chi), "degrees": degrees, "ln_p": show(log(p)), "trend_z": show(trend),
                })
        cases.append(case)

json.dump({"made_by": "survival.py, mpmath at 50 digits", "cases": cases}, open(os.path.join(here, "survival_variants.json"), "w"), separators=(",", ":"))
