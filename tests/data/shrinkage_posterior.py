"""What the share of a team's member may be, integrated over mean and correlation: the values of shrinkage_posterior.json.

Counts are beta-binomial, mean and correlation uniform on 0..1. Both are integrated in their logits, by the trapezoidal rule with 201 points
in each direction, between where the density has fallen by exp(-28); the probability of a count is the plain product

    P(k of n) = prod(m (1 - r) + i r, i < k) prod((1 - m) (1 - r) + i r, i < n - k) / prod(1 - r + i r, i < n)

The tails of the members are scipy's incomplete beta functions, their ends are found by Brent's method in the logit.

    python3 shrinkage_posterior.py > shrinkage_posterior.json
"""

import json
import sys

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc, expit, log_expit

DEPTH = 28.0
TAIL = 0.025

MANY = [(10 + (member * 7) % 19, 30 + member % 5) for member in range(600)]
TEAMS = {
    "one of three from three": ([(4, 5), (18, 20), (9, 15), (3, 3)], 4),
    "two with little": ([(1, 1), (1, 3)], 2),
    "alike": ([(80, 100), (81, 100), (79, 100)], 3),
    "five of thirty": ([(20, 30), (22, 30), (23, 30), (25, 30), (27, 30)], 5),
    "five the same": ([(22, 30)] * 5, 1),
    "some at an end": ([(0, 6), (12, 12), (3, 8), (30, 40), (0, 2)], 5),
    "none": ([(0, 5), (0, 9), (0, 1)], 3),
    "all": ([(5, 5), (9, 9)], 2),
    "all or nothing": ([(5, 5), (9, 9), (0, 4), (1, 1), (0, 1)], 5),
    "one member": ([(7, 9)], 1),
    "far apart": ([(180, 200), (33, 60), (4, 4), (150, 250)], 4),
    "six hundred": (MANY, 4),
}


def exceeding(counts):
    """How many of the counts exceed 0, 1, 2 and so on."""
    return [sum(count > i for count in counts) for i in range(max(counts, default=0))]


def nodes(team, points):
    """Weights, and shapes of the beta distribution, on the grid."""
    parts, rests, wholes = (exceeding(x) for x in ([k for k, _ in team], [n - k for k, n in team], [n for _, n in team]))

    def height(v, u):
        m, w, r, s = expit(v), expit(-v), expit(u), expit(-u)
        total = log_expit(v) + log_expit(-v) + log_expit(u) + log_expit(-u)
        for i, times in enumerate(parts):
            total = total + times * np.log(m * s + i * r)
        for i, times in enumerate(rests):
            total = total + times * np.log(w * s + i * r)
        for i, times in enumerate(wholes):
            total = total - times * np.log(s + i * r)
        return total

    def zoomed(low, high, of):
        """Points between where each row has fallen by the depth, their heights and their steps."""
        for turn in range(7):
            size = points if turn == 6 else 61
            at = low[:, None] + (high - low)[:, None] * np.linspace(0.0, 1.0, size)
            heights = of(at)
            kept = heights > heights.max(axis=1)[:, None] - DEPTH
            step = (high - low) / (size - 1)
            first, last = kept.argmax(axis=1), size - 1 - kept[:, ::-1].argmax(axis=1)
            low, high = low + (first - 1) * step, low + (last + 1) * step
        return at, heights, step

    def columns(u):
        wide = np.full(len(u), 60.0)
        return zoomed(-wide, wide, lambda v: height(v, u[:, None]))

    def marginal(u):
        _, heights, step = columns(u[0])
        top = heights.max(axis=1)
        return (top + np.log(np.exp(heights - top[:, None]).sum(axis=1) * step))[None, :]

    u = zoomed(np.array([-60.0]), np.array([60.0]), marginal)[0][0]
    v, heights, step = columns(u)
    heights = heights + np.log(step)[:, None]
    kept = heights > heights.max() - DEPTH
    heights, v, u = heights[kept], v[kept], np.broadcast_to(u[:, None], v.shape)[kept]
    weights = np.exp(heights - heights.max())
    return weights / weights.sum(), expit(v), expit(-v), np.exp(-u)


def member(grid, k, n):
    weights, m, w, s = grid
    a, b = m * s + k, w * s + n - k

    def end(a, b):
        miss = lambda logit: np.log(max((weights * betainc(a, b, expit(logit))).sum(), 1e-300) / TAIL)
        # An end still nearer to 0 than this is written as -600.
        return brentq(miss, -600.0, 40.0, xtol=1e-10) if miss(-600.0) < 0.0 else -600.0

    low, high = end(a, b), -end(b, a)
    below = (weights * betainc(a, b, m)).sum()
    return low, high, below


def main():
    points = int(sys.argv[1]) if len(sys.argv) > 1 else 201
    teams = []
    for name, (team, first) in TEAMS.items():
        grid = nodes(team, points)
        rows = []
        for k, n in team[:first]:
            low, high, below = member(grid, k, n)
            rows.append({"part": k, "whole": n, "low_logit": round(low, 9), "high_logit": round(high, 9), "below_mean": round(below, 10)})
        print(name, len(grid[0]), file=sys.stderr)
        teams.append({"team": name, "counts": team, "members": rows})
    origin = "tests/data/shrinkage_posterior.py, with scipy; 95% equal-tailed, mean and correlation uniform"
    lines = ",\n".join(json.dumps(team) for team in teams)
    print(f'{{"origin": {json.dumps(origin)}, "teams": [\n{lines}\n]}}')


main()
