"""Makes ratio_intervals.json and net_scores.json beside it; needs mpmath. The tests do not need it.

Ratios: Koopman's interval by bisection at 60 digits on the score statistic. The most likely shares under a given ratio are found by
bisection on the derivative of the log-likelihood, not by the quadratic that the library solves.
"""

import json
import os

from mpmath import mp, mpf, sqrt, exp, log, erfinv, nstr

mp.dps = 60


def z_of(confidence):
    return sqrt(2) * erfinv(mpf(confidence))


def bisect(rises, low, high, steps=230):
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (low, middle) if rises(middle) else (middle, high)
    return (low + high) / 2


def most_likely(k1, n1, k2, n2, ratio):
    # Of p2, on 0 < p2 < min(1, 1 / ratio); p1 = ratio p2.
    def slope_is_negative(p2):
        p1 = ratio * p2
        # Multiplied out: (k1 + k2) / p2 - ratio (n1 - k1) / (1 - p1) - (n2 - k2) / (1 - p2).
        return (k1 + k2) * (1 - p1) * (1 - p2) - ratio * (n1 - k1) * p2 * (1 - p2) - (n2 - k2) * p2 * (1 - p1) < 0

    limit = min(mpf(1), 1 / ratio)
    if n1 == k1 and n2 == k2:
        return limit
    return bisect(slope_is_negative, mpf(0), limit)


def distance(k1, n1, k2, n2, ratio):
    p2 = most_likely(k1, n1, k2, n2, ratio)
    p1 = ratio * p2
    variance = p1 * (1 - p1) / n1 + ratio**2 * p2 * (1 - p2) / n2
    return abs(mpf(k1) / n1 - ratio * mpf(k2) / n2) / sqrt(variance)


def koopman(k1, n1, k2, n2, confidence):
    z, observed = z_of(confidence), mpf(k1) / n1 / (mpf(k2) / n2)
    start = log(observed) if k1 else mpf(-60)
    far = lambda t: distance(k1, n1, k2, n2, exp(t)) > z
    high = exp(bisect(far, start, start + 60 if k1 else mpf(60)))
    low = exp(-bisect(lambda t: far(-t), -start, -start + 60)) if k1 else mpf(0)
    return observed, low, high


def woolf(k1, n1, k2, n2, confidence):
    counts = [mpf(count) for count in (k1, n1 - k1, k2, n2 - k2)]
    if 0 in counts:
        counts = [count + mpf("0.5") for count in counts]
    a, b, c, d = counts
    odds, reach = a * d / (b * c), z_of(confidence) * sqrt(1 / a + 1 / b + 1 / c + 1 / d)
    return odds, odds * exp(-reach), odds * exp(reach)


def net_score(counts, added):
    """Score and squared standard error, from the mean of the squares of +1, 0, -1, with so many promoters and detractors added."""
    d, s, p = (mpf(count) + mpf(share) for count, share in zip(counts, (added, 2 * added, added)))
    n = d + s + p
    score = (p - d) / n
    return score, ((p + d) / n - score**2) / n


def text(values):
    return [nstr(value, 25) for value in values]


def write(name, origin, fields):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "w") as file:
        file.write('{\n "origin": ' + json.dumps(origin))
        for field, rows in fields.items():
            file.write(f',\n "{field}": [\n  ' + ",\n  ".join(json.dumps(row) for row in rows) + "\n ]")
        file.write("\n}\n")


RATIOS = [
    (36, 40, 16, 80), (56, 70, 48, 80), (9, 10, 3, 10), (3, 10, 9, 10), (5, 56, 1, 29), (0, 10, 5, 20), (0, 1, 1, 1), (1, 1, 1, 1),
    (10, 10, 20, 20), (10, 10, 3, 20), (1, 10, 20, 20), (45, 100, 45, 100), (1, 100000, 9, 100000), (9000, 10000, 10, 10),
    (999999, 1000000, 999990, 1000000), (500000000, 1000000000, 500050000, 1000000000), (999999999, 1000000000, 999999990, 1000000000),
    (3, 1000000000, 7, 20), (850, 1000, 870, 1000), (1, 2, 999, 1000), (0, 1000000, 999999, 1000000),
]
ODDS = [(0, 10, 5, 10), (10, 10, 0, 20), (5, 56, 0, 29)]


def ratios():
    rows = []
    for index, (k1, n1, k2, n2) in enumerate(RATIOS + ODDS):
        for confidence in (("0.95", "0.9"), ("0.95", "0.99"), ("0.95", "0.999999"))[index % 3]:
            row = dict(k1=k1, n1=n1, k2=k2, n2=n2, confidence=confidence)
            if k2:
                row["ratio"] = text(koopman(k1, n1, k2, n2, confidence))
            if not (k1 == k2 == 0 or (k1 == n1 and k2 == n2)):
                row["odds_ratio"] = text(woolf(k1, n1, k2, n2, confidence))
            rows.append(row)
    write("ratio_intervals.json", "[point, low, high] of Koopman's score interval for a ratio of two shares and of the odds ratio (Woolf; 1/2 "
          "added to each count if one is 0), computed at 60 digits with mpmath by comparisons.py and printed to 25", dict(rows=rows))


NET_SCORES = {  # detractors, passives, promoters
    "balanced": (35, 10, 10), "all_detractors": (10, 0, 0), "single_promoter": (0, 0, 1), "typical": (87, 258, 655),
    "half_half": (50, 0, 50), "one_each": (1, 1, 1), "reichheld": (80, 30, 100), "nearly_unanimous": (3, 1, 999999996),
    "large": (250000000, 249999999, 500000001),
}
DIFFERENCES = [("half_half", "balanced"), ("typical", "reichheld"), ("reichheld", "typical"), ("one_each", "single_promoter"), ("large", "typical")]
METHODS = {"wald": mpf(0), "adjusted_wald": mpf("0.75")}


def net_scores():
    rows, differences = [], []
    for name, counts in NET_SCORES.items():
        score, variance = net_score(counts, METHODS["wald"])
        row = dict(name=name, detractors=counts[0], passives=counts[1], promoters=counts[2], nps=nstr(score, 25), se=nstr(sqrt(variance), 25))
        for method, added in METHODS.items():
            centre, variance = net_score(counts, added)
            reach = {confidence: z_of(confidence) * sqrt(variance) for confidence in ("0.9", "0.95", "0.99")}
            row[method] = {confidence: text([centre - reach, centre + reach]) for confidence, reach in reach.items()}
        rows.append(row)
    for a, b in DIFFERENCES:
        difference = net_score(NET_SCORES[a], 0)[0] - net_score(NET_SCORES[b], 0)[0]
        row = dict(a=a, b=b, diff=nstr(difference, 25))
        for method, added in METHODS.items():
            (first, of_first), (second, of_second) = net_score(NET_SCORES[a], added), net_score(NET_SCORES[b], added)
            reach = z_of("0.95") * sqrt(of_first + of_second)
            row[method] = text([first - second - reach, first - second + reach])
        differences.append(row)
    write("net_scores.json", "net scores, standard errors and unclamped intervals score -/+ z se with se^2 = (p + d - (p - d)^2) / n, adjusted "
          "after adding 3/4, 3/2, 3/4 detractors, passives, promoters; differences at 95%; computed at 60 digits with mpmath by comparisons.py "
          "and printed to 25", dict(rows=rows, differences=differences))


if __name__ == "__main__":
    net_scores()
    ratios()
