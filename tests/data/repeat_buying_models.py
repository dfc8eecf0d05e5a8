"""Writes gamma_gamma.json, shifted_beta_geometric.json and bg_bb.json: high-precision values that these models are held to.

    pip install mpmath==1.3.0 && python3 repeat_buying_models.py

Everything comes from the definitions: likelihoods and posterior distributions from gamma functions, tails by quadrature or mpmath's
regularised functions, sums term by term, maxima by Newton's method on derivatives in the logarithms of the parameters.
"""

import csv
import json
import pathlib

import mpmath as mp

HERE = pathlib.Path(__file__).parent
mp.mp.dps = 40


def exact(text):
    """The double nearest to what is printed."""
    return mp.mpf(float(text))


def text(value):
    return mp.nstr(value, 22)


def write(name, value):
    (HERE / name).write_text(json.dumps(value, indent=1) + "\n")


def maximum(function, start):
    """Where a log-likelihood has its maximum, and its covariance in the logarithms of the parameters."""
    n = len(start)
    at = [mp.log(value) for value in start]
    h = mp.mpf(10) ** -12

    def moved(*steps):
        point = list(at)
        for index, by in steps:
            point[index] += by
        return function([mp.exp(coordinate) for coordinate in point])

    while True:
        middle = moved()
        up, down = [[moved((i, sign * h)) for i in range(n)] for sign in (1, -1)]
        gradient = mp.matrix([(up[i] - down[i]) / (2 * h) for i in range(n)])
        hessian = mp.matrix(n, n)
        for i in range(n):
            hessian[i, i] = (up[i] - 2 * middle + down[i]) / h**2
            for j in range(i):
                cross = moved((i, h), (j, h)) - moved((i, h), (j, -h)) - moved((i, -h), (j, h)) + moved((i, -h), (j, -h))
                hessian[i, j] = hessian[j, i] = cross / (4 * h**2)
        step = mp.lu_solve(-hessian, gradient)
        at = [coordinate + step[i] for i, coordinate in enumerate(at)]
        # The next step would be its square, and moves the covariance by as much as this one.
        if mp.norm(step) < mp.mpf(10) ** -13:
            break
    covariance = (-hessian) ** -1
    return {
        "parameters": [text(mp.exp(coordinate)) for coordinate in at],
        "log_standard_errors": [mp.nstr(mp.sqrt(covariance[i, i]), 12) for i in range(n)],
        "loglik": text(moved()),
    }


# Gamma-Gamma


def spend_loglik(p, q, v, x, z):
    px = p * x
    return (
        mp.loggamma(px + q) - mp.loggamma(px) - mp.loggamma(q)
        + q * mp.log(v) + (px - 1) * mp.log(z) + px * mp.log(x) - (px + q) * mp.log(x * z + v)
    )


def spend_loglik_of(rows, p, q, v):
    by_x = {}
    for x, z in rows:
        by_x.setdefault(x, []).append(z)
    total = mp.mpf(0)
    for x, means in by_x.items():
        px = p * x
        total += len(means) * (mp.loggamma(px + q) - mp.loggamma(px) - mp.loggamma(q) + q * mp.log(v) + px * mp.log(x))
        total += sum((px - 1) * mp.log(z) - (px + q) * mp.log(x * z + v) for z in means)
    return total


def gamma_gamma():
    with open(HERE / "cdnow_summary.csv") as lines:
        customers = [(int(row["x"]), exact(row["zbar"])) for row in csv.DictReader(lines)]
    rows = [(x, z) for x, z in customers if x > 0 and z > 0]
    points = [
        (6.25, 3.74, 15.44), (1, 1, 1), (10, 5, 100), (6, 0.9, 15), (6.25, 3.74, 1500), (2, 3, 4), (50, 4, 2), (1000, 4, 0.1),
        (0.5, 4, 150), (5, 3.5, 18), (0.001, 0.001, 0.001), (1e6, 4, 1e-4), (1e-6, 50, 1e5), (300, 300, 35),
    ]
    outlooks = []
    for p, q, v in [(6.25, 3.74, 15.44), (0.3, 0.2, 900), (40, 2.5, 0.01), (1, 1, 1), (500, 800, 60)]:
        for x, z in [(0, 0), (1, 11.77), (2, 22.35), (29, 26.26), (1000, 0.5)]:
            if (x, z) == (1000, 0.5) and p > 100:
                continue
            p, q, v, z = map(exact, (p, q, v, z))
            shape, rate = q + p * x, v + x * z
            row = {"p": text(p), "q": text(q), "v": text(v), "x": x, "zbar": text(z)}
            if x:
                row["loglik"] = text(spend_loglik(p, q, v, x, z))
            if shape > 1:
                row["expected"] = text(p * rate / (shape - 1))
            if shape > 2:
                row["deviation"] = text(p * rate / (shape - 1) / mp.sqrt(shape - 2))
            row["amount"] = amount = round(float(p * rate / shape * mp.mpf("1.2")), 3)
            at = mp.mpf(amount)
            row["mean_up_to"] = text(mp.gammainc(shape, p * rate / at, regularized=True))
            row["mean_above"] = text(mp.gammainc(shape, 0, p * rate / at, regularized=True))
            density = lambda s: mp.exp(p * s - (p + shape) * mp.log1p(mp.exp(s)) - mp.loggamma(p) - mp.loggamma(shape) + mp.loggamma(p + shape))
            logit = mp.log(at / rate)
            far = 60 + 100 / min(p, 1)
            width = mp.sqrt(1 / p + 1 / shape)
            nodes = [logit - far] + [logit - width * step for step in (20, 8, 4, 2, 1, 0)]
            row["amount_up_to"] = text(mp.quad(density, sorted(nodes)))
            row["density"] = text(density(logit) / at)
            row["amount_above"] = text(mp.quad(density, [logit] + [logit + width * step for step in (1, 2, 4, 8, 20)] + [logit + far]))
            u = p * rate / at
            row["mean_density"] = text(mp.exp(shape * mp.log(u) - u - mp.loggamma(shape)) / at)
            outlooks.append(row)
    best = maximum(lambda at: spend_loglik_of(rows, *at), [mp.mpf("6.2488"), mp.mpf("3.7446"), mp.mpf("15.4477")])
    p, q, v = map(mp.mpf, best["parameters"])
    write("gamma_gamma.json", {
        "customers": [
            {"row": row, "expected": text(p * (v + x * z) / (q + p * x - 1))}
            for row, (x, z) in enumerate(customers) if row in (0, 156, 264, 528, 704, 880, 1232, 1515, 1672, 2200)
        ],
        "points": [{"parameters": list(map(repr, point)), "loglik": text(spend_loglik_of(rows, *map(exact, point)))} for point in points],
        "maximum": best,
        "correlation": text(correlation(rows)),
        "outlooks": outlooks,
    })


def correlation(rows):
    n = len(rows)
    mx, mz = sum(mp.mpf(x) for x, _ in rows) / n, sum(z for _, z in rows) / n
    xx, zz = sum((x - mx) ** 2 for x, _ in rows), sum((z - mz) ** 2 for _, z in rows)
    return sum((x - mx) * (z - mz) for x, z in rows) / mp.sqrt(xx * zz)


# Shifted-beta-geometric


def leaving(a, b, t):
    """P(T = t) from the definition."""
    return mp.exp(lnbeta(a + 1, b + t - 1) - lnbeta(a, b))


def surviving(a, b, t):
    return mp.exp(lnbeta(a, b + t) - lnbeta(a, b))


def lnbeta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def renewals_loglik(cohorts, a, b):
    """Customer by customer: lost in a period, or still there at the end."""
    total = mp.mpf(0)
    for active in cohorts:
        for t, (before, after) in enumerate(zip(active, active[1:]), 1):
            if before > after:
                total += (before - after) * (lnbeta(a + 1, b + t - 1) - lnbeta(a, b))
        total += active[-1] * (lnbeta(a, b + len(active) - 1) - lnbeta(a, b))
    return total


def lifetime(a, b, d):
    """2F1(1, b; a + b; 1 / (1 + d)), the sum of S(t) / (1 + d)^t."""
    return mp.hyp2f1(1, b, a + b, 1 / (1 + d), maxterms=10**7)


def lifetime_within(a, b, d, periods):
    """The sum of S(t) / (1 + d)^t over so many t, term by term."""
    total, term = mp.mpf(0), mp.mpf(1)
    for t in range(periods):
        total += term
        term *= (b + t) / (a + b + t) / (1 + d)
    return total


def shifted_beta_geometric():
    regular, high_end = [1000, 631, 468, 382, 326, 289, 262, 241], [1000, 869, 743, 653, 593, 551, 517, 491]
    cohorts = {
        "regular": [regular],
        "high end": [high_end],
        "cohorts of different age": [regular, [700, 460, 330], [900, 555], high_end[:5], [50]],
        "tiny": [[10, 8, 7, 7]],
    }
    sets = []
    for name, of_cohorts in cohorts.items():
        points = [(1, 1), (0.668, 3.806), (0.704, 1.182), (0.01, 0.01), (50, 200), (1e-4, 3), (1e6, 2e6), (3, 1e-5)]
        start = {"tiny": (0.121, 0.466), "high end": (0.668, 3.806)}.get(name, (0.704, 1.182))
        sets.append({
            "name": name,
            "cohorts": of_cohorts,
            "points": [
                {"parameters": [repr(a), repr(b)], "loglik": text(renewals_loglik(of_cohorts, exact(a), exact(b)))} for a, b in points
            ],
            "maximum": maximum(lambda at: renewals_loglik(of_cohorts, *at), [mp.mpf(value) for value in start]),
        })
    predictions = []
    for a, b in [(0.668, 3.806), (0.704, 1.182), (0.1211, 0.4663), (1, 1), (1.0001, 0.2), (5, 40), (1e-3, 2), (300, 2000)]:
        for d in [0, 1e-7, 0.01, 0.1, 1, 50]:
            row = {"alpha": repr(a), "beta": repr(b), "d": repr(d)}
            for n in [0, 1, 2, 8, 50, 3000]:
                alpha, beta, rate = exact(a), exact(b) + n, exact(d)
                if d > 0:
                    value = lifetime(alpha, beta, rate)
                elif a > 1:
                    value = (alpha + beta - 1) / (alpha - 1)
                else:
                    continue
                if n == 0:
                    row["del"] = text(value)
                else:
                    row[f"derl_{n}"] = text((beta - 1) / (alpha + beta - 1) * value)
            for periods in [0, 1, 5, 100, 100_000]:
                alpha, beta, rate = exact(a), exact(b), exact(d)
                row[f"del_within_{periods}"] = text(lifetime_within(alpha, beta, rate, periods))
                row[f"derl_within_8_{periods}"] = text((beta + 7) / (alpha + beta + 7) * lifetime_within(alpha, beta + 8, rate, periods))
            if d == 0:
                for t in [1, 2, 12, 999, 1000, 1001, 5000, 100000]:
                    row[f"survival_{t}"] = text(surviving(exact(a), exact(b), t))
                    row[f"leaving_{t}"] = text(leaving(exact(a), exact(b), t))
            predictions.append(row)
    write("shifted_beta_geometric.json", {"sets": sets, "predictions": predictions})


# BG/BB


def ratio(a, b, up, down):
    """B(a + up, b + down) / B(a, b)."""
    return mp.exp(lnbeta(a + up, b + down) - lnbeta(a, b))


def donor(model, x, tx, n):
    """The likelihood, and the part of it in which the donor is there at opportunity n, term by term from beta functions."""
    a, b, g, d = model
    alive = ratio(a, b, x, n - x) * ratio(g, d, 0, n)
    left = sum((ratio(a, b, x, tx - x + i) * ratio(g, d, 1, tx + i) for i in range(n - tx)), mp.mpf(0))
    return alive + left, alive


def donor_fast(model, x, tx, n):
    """The same likelihood by recurrence of the terms."""
    a, b, g, d = model
    term = ratio(a, b, x, tx - x) * ratio(g, d, 0, tx)
    total = mp.mpf(0)
    for i in range(n - tx):
        total += term * g / (g + d + tx + i)
        term *= (b + tx - x + i) / (a + b + tx + i) * (d + tx + i) / (g + d + tx + i)
    return total + term


def bg_bb():
    with open(HERE / "donations_bgbb.csv") as lines:
        fields = ("frequency", "recency", "periods", "weights")
        rows = [tuple(int(row[field]) for field in fields) for row in csv.DictReader(lines)]
    loglik = lambda at: sum(weight * mp.log(donor_fast(at, x, tx, n)) for x, tx, n, weight in rows)
    points = [
        (1.2035, 0.7497, 0.6567, 2.7834), (1, 1, 1, 1), (10, 10, 10, 10), (0.01, 0.01, 0.01, 0.01), (1e3, 2, 1e-3, 50), (0.5, 300, 40, 0.1),
        (1e-6, 1, 1, 1e6),
    ]
    customers = []
    for model, histories in [
        ((1.2035, 0.7497, 0.6567, 2.7834), [(0, 0, 0), (0, 0, 6), (1, 1, 6), (1, 4, 6), (6, 6, 6), (3, 5, 40), (5, 900, 2000), (700, 1990, 2000)]),
        ((0.3, 2, 1, 5), [(0, 0, 6), (2, 6, 6), (10, 20, 30)]),
        ((40, 10, 1e-4, 3), [(0, 0, 6), (8, 10, 12), (100, 120, 500)]),
        ((5, 800, 3, 90), [(0, 0, 50), (1, 2, 50), (3, 40, 50)]),
        ((0.05, 0.1, 12, 0.7), [(0, 0, 3), (4, 4, 5)]),
    ]:
        at = tuple(map(exact, model))
        a, b, g, d = at
        for x, tx, n in histories:
            likelihood, alive = donor(at, x, tx, n) if n <= 500 else (donor_fast(at, x, tx, n), ratio(a, b, x, n - x) * ratio(g, d, 0, n))
            p_alive = alive / likelihood
            later = (a + x, b + n - x, g, d + n)
            stays = lambda i: ratio(g, d + n, 0, i)
            mean = later[0] / (later[0] + later[1])
            expected = lambda k: p_alive * mean * sum((stays(i) for i in range(1, k + 1)), mp.mpf(0))

            def purchases(k, ahead):
                of_alive = mp.mpf(0)
                for i in range(k, ahead + 1):
                    there = stays(i) if i == ahead else stays(i) * g / (g + d + n + i)
                    of_alive += there * mp.binomial(i, k) * ratio(later[0], later[1], k, i - k)
                return p_alive * of_alive + (1 - p_alive if k == 0 else 0)

            row = {"parameters": list(map(repr, model)), "x": x, "t_x": tx, "n": n}
            row["loglik"] = text(mp.log(likelihood))
            row["alive_0"] = text(p_alive)
            row["alive_1"] = text(p_alive * stays(1))
            row["alive_30"] = text(p_alive * stays(30))
            for k in (1, 5, 100):
                row[f"expected_{k}"] = text(expected(k))
            for k, ahead in [(0, 5), (2, 5), (5, 5), (0, 60), (30, 60)]:
                row[f"p_{k}_{ahead}"] = text(purchases(k, ahead))
            for name, rate in [("0.1", mp.mpf(float("0.1"))), ("0.001", mp.mpf(float("0.001")))]:
                z = 1 / (1 + rate)
                met = (d + n) / (g + d + n) * mp.hyp2f1(1, d + n + 1, g + d + n + 1, z, maxterms=10**6)
                row[f"now_{name}"] = text(p_alive * mean * met)
                row[f"dert_{name}"] = text(p_alive * mean * met * z)
                for k in (0, 1, 5, 100_000):
                    within = mean * (d + n) / (g + d + n) * lifetime_within(g, d + n + 1, rate, k)
                    row[f"within_{k}_{name}"] = text(p_alive * within * z)
            if g > 1:
                row["undiscounted"] = text(p_alive * mean * (d + n) / (g - 1))
            # The closed form, which holds for any number ahead; at gamma = 1 the difference of two digamma functions.
            k = 10**7
            if g == 1:
                met = (d + n) * (mp.digamma(d + n + 1 + k) - mp.digamma(d + n + 1))
            else:
                with mp.workdps(60):
                    falls = mp.loggamma(d + n + 1 + k) - mp.loggamma(d + n + 1) - mp.loggamma(g + d + n + k) + mp.loggamma(g + d + n)
                    met = (d + n) / (g - 1) * -mp.expm1(falls)
            row["expected_10000000"] = text(p_alive * mean * met)
            customers.append(row)
    write("bg_bb.json", {
        "points": [{"parameters": list(map(repr, point)), "loglik": text(loglik(tuple(map(exact, point))))} for point in points],
        "maximum": maximum(loglik, [mp.mpf(value) for value in ("1.2035", "0.7497", "0.6567", "2.7834")]),
        "customers": customers,
    })


if __name__ == "__main__":
    gamma_gamma()
    bg_bb()
    shifted_beta_geometric()
