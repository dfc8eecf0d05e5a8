"""Beta-binomial fits by maximum likelihood at 50 digits: python3 shrinkage.py > shrinkage.json"""
import json
import random
from mpmath import mp, mpf, psi, loggamma, log, exp, sqrt, matrix, lu_solve, nstr, inverse

mp.dps = 50
random.seed(20261124)


def team(members, answers, alpha, beta):
    rows = []
    for _ in range(members):
        n = answers()
        p = random.betavariate(alpha, beta)
        if n <= 10**5:
            k = sum(random.random() < p for _ in range(n))
        else:
            k = min(n, max(0, round(random.gauss(n * p, (n * p * (1 - p)) ** 0.5))))
        rows.append((k, n))
    return rows


teams = {
    "seven agents": [(4, 4), (180, 200), (33, 60), (70, 90), (41, 44), (150, 250), (25, 30)],
    "batting averages of Efron and Morris (1975)":
        [(hits, 45) for hits in [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]],
    "forty agents": team(40, lambda: random.randint(5, 400), 24, 6),
    "many with few answers": team(300, lambda: random.randint(1, 6), 3, 2),
    "rare": team(60, lambda: random.randint(2000, 30000), 2, 1500),
    "nearly all": team(50, lambda: random.randint(500, 900), 60, 0.7),
    "nearly all or nothing": [(5, 5)] * 40 + [(0, 7)] * 31 + [(1, 2), (3, 9)],
    "millions": team(25, lambda: random.randint(10**6, 10**7), 4000, 900),
    "a thousand million": team(12, lambda: random.randint(10**8, 10**9), 3e6, 5e6),
    "few and many": team(20, lambda: random.choice([1, 2, 5, 300, 10**6]), 8, 2),
    "hardly any spread": [(50, 100), (58, 100), (40, 100), (52, 100), (51, 100), (37, 90), (61, 101), (45, 100)],
}


def ln_beta(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


def height(rows, a, b):
    total = mpf(0)
    for k, n in rows:
        total += loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1) + ln_beta(a + k, b + n - k) - ln_beta(a, b)
    return total


def derivatives(rows, a, b):
    g, h = [mpf(0), mpf(0)], [mpf(0), mpf(0), mpf(0)]
    for k, n in rows:
        s = psi(0, a + b) - psi(0, a + b + n)
        g[0] += psi(0, a + k) - psi(0, a) + s
        g[1] += psi(0, b + n - k) - psi(0, b) + s
        s = psi(1, a + b) - psi(1, a + b + n)
        h[0] += psi(1, a + k) - psi(1, a) + s
        h[1] += s
        h[2] += psi(1, b + n - k) - psi(1, b) + s
    return g, h


def top(rows):
    """Newton in the logarithms of the shapes, halved while the height falls, from the best of a grid of sums."""
    share = mpf(sum(k for k, _ in rows)) / sum(n for _, n in rows)
    grid = [mpf(10) ** (mpf(e) / 4) for e in range(-8, 42)]
    best = max(grid, key=lambda s: height(rows, share * s, (1 - share) * s))
    u, v = log(share * best), log((1 - share) * best)
    for _ in range(500):
        a, b = exp(u), exp(v)
        g, h = derivatives(rows, a, b)
        ga, gb = a * g[0], b * g[1]
        haa, hab, hbb = a * a * h[0] + ga, a * b * h[1], b * b * h[2] + gb
        step = lu_solve(matrix([[haa, hab], [hab, hbb]]), matrix([-ga, -gb]))
        if ga * step[0] + gb * step[1] < 0:
            step = matrix([ga, gb]) / (abs(haa) + abs(hbb))
        here, size = height(rows, a, b), mpf(1)
        while size > 1e-12 and height(rows, exp(u + size * step[0]), exp(v + size * step[1])) < here:
            size /= 2
        u, v = u + size * step[0], v + size * step[1]
        if abs(step[0]) + abs(step[1]) < mpf(10) ** -22:
            return exp(u), exp(v)
    raise ArithmeticError


out = []
for name, rows in teams.items():
    a, b = top(rows)
    _, h = derivatives(rows, a, b)
    covariance = inverse(matrix([[-h[0], -h[1]], [-h[1], -h[2]]]))
    s = a + b
    of_mean = matrix([b / s**2, -a / s**2])
    of_correlation = matrix([-1 / (s + 1) ** 2, -1 / (s + 1) ** 2])
    error = lambda gradient: sqrt((gradient.T * covariance * gradient)[0])
    none = mpf(0)
    share = mpf(sum(k for k, _ in rows)) / sum(n for _, n in rows)
    for k, n in rows:
        none += loggamma(n + 1) - loggamma(k + 1) - loggamma(n - k + 1) + k * log(share) + (n - k) * log(1 - share)
    text = lambda value: nstr(value, 20)
    out.append({"team": name, "counts": rows, "alpha": text(a), "beta": text(b), "mean": text(a / s),
                "correlation": text(1 / (s + 1)), "log_likelihood": text(height(rows, a, b)), "without_spread": text(none),
                "errors": {"mean": text(error(of_mean)), "correlation": text(error(of_correlation)),
                           "alpha": text(sqrt(covariance[0, 0])), "beta": text(sqrt(covariance[1, 1]))}})
print(json.dumps({"origin": "shrinkage.py, mpmath 1.3.0 at 50 digits, Newton's method on the log-likelihood in the shapes",
                  "teams": out}).replace('{"team"', '\n{"team"'))
