"""Writes pareto_nbd.json: high-precision values that the Pareto/NBD model is held to.

    pip install mpmath==1.3.0 && python3 pareto_nbd.py

The likelihood is the closed form of Schmittlein, Morrison and Colombo (1987) with its two hypergeometric functions, at as many digits as
their difference loses, and checked against a quadrature of the definition. Expected purchases are the closed form; where it has a removable
singularity (s = 1), s is moved by 1e-40. Probabilities of purchases are quadratures over the time of leaving. Discounted purchases are quadratures;
those without end are checked against the closed form of Fader, Hardie and Lee (2005) with Psi.
"""

import json
import pathlib

import mpmath as mp

HERE = pathlib.Path(__file__).parent
mp.mp.dps = 40


def exact(text):
    """The double nearest to what is printed."""
    return mp.mpf(float(text))


def in_logarithms(f, low, high, scales):
    """The integral of f from low to high, in the logarithm of low and beyond, in pieces that end at the scales."""
    shift = min(scales)
    ends = sorted({mp.log(shift + low), mp.log(shift + high)})
    cuts = [mp.log(shift + scale * factor) for scale in scales for factor in (mp.mpf("1e-3"), mp.mpf("0.03"), mp.mpf("0.3"), 1, 3, 30, 1000)]
    points = sorted(set(ends + [cut for cut in cuts if ends[0] < cut < ends[-1]]))
    fine = [points[0]]
    for low_v, high_v in zip(points, points[1:]):
        pieces = int(mp.ceil((high_v - low_v) / mp.mpf("0.75")))
        fine += [low_v + (high_v - low_v) * (i + 1) / pieces for i in range(pieces)]
    g = lambda v: f(abs(mp.expm1(v - mp.log(shift))) * shift) * mp.exp(v)
    # The quadrature ends at an absolute error.
    size = max(g(v) for v in fine)
    return size * mp.quad(lambda v: g(v) / size, fine)


def odds_by_quadrature(r, alpha, s, beta, x, tx, T):
    f = lambda u: ((alpha + T) / (alpha + u)) ** (r + x) * ((beta + T) / (beta + u)) ** s * s / (beta + u)
    return in_logarithms(f, tx, T, [alpha, beta, (alpha + tx) / (r + x + s)])


def odds(r, alpha, s, beta, x, tx, T):
    """The closed form: s / (r + s + x) (A(t_x) - A(T)) over the term of those who are there."""
    if tx == T:
        return mp.mpf(0)
    for digits in (60, 120, 240, 480):
        with mp.workdps(digits):
            a = r + s + x
            near, far = min(alpha, beta), max(alpha, beta)
            b = s + 1 if alpha >= beta else r + x
            parts = [mp.hyp2f1(a, b, a + 1, (far - near) / (far + t), maxprec=20000, maxterms=10**7) / (far + t) ** a for t in (tx, T)]
            value = s / a * (parts[0] - parts[1]) * (alpha + T) ** (r + x) * (beta + T) ** s
            if parts[0] - parts[1] > parts[0] * mp.mpf(10) ** (25 - digits):
                return value
    raise ValueError("digits")


def loglik(r, alpha, s, beta, x, tx, T):
    ln_there = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) - (r + x) * mp.log(alpha + T) + s * mp.log(beta / (beta + T))
    return ln_there + mp.log(1 + odds(r, alpha, s, beta, x, tx, T))


def expected(r, alpha, s, beta, t):
    with mp.workdps(110):
        if s == 1:
            s = s + mp.mpf("1e-40")
        return r / alpha * beta / (s - 1) * (1 - (beta / (beta + t)) ** (s - 1))


def negative_binomial(r, alpha, n, t):
    if t == 0:
        return mp.mpf(n == 0)
    return mp.exp(mp.loggamma(r + n) - mp.loggamma(r) - mp.loggamma(n + 1) + r * mp.log(alpha / (alpha + t)) + n * mp.log(t / (alpha + t)))


def pmf(r, alpha, s, beta, t, n):
    leaving = lambda v: negative_binomial(r, alpha, n, v) * s / beta * (1 + v / beta) ** (-s - 1)
    scales = [alpha, beta, alpha * (n + 1) / (n + r), t, alpha / (r + n), beta / (s + 1)]
    return negative_binomial(r, alpha, n, t) * (beta / (beta + t)) ** s + in_logarithms(leaving, mp.mpf(0), t, scales)


def many(r, alpha, s, beta, t, n):
    """The same for very many purchases, where the time of leaving after which there are so many is narrow."""
    # The logarithm of the integrand in the logarithm of the time.
    constant = mp.loggamma(r + n) - mp.loggamma(r) - mp.loggamma(n + 1) + mp.log(s / beta)
    height = lambda u: constant + n * (u - mp.log(alpha + mp.exp(u))) + r * mp.log(alpha / (alpha + mp.exp(u))) - (s + 1) * mp.log1p(mp.exp(u) / beta) + u
    slope = lambda u: n * alpha / (alpha + mp.exp(u)) - r * mp.exp(u) / (alpha + mp.exp(u)) - (s + 1) * mp.exp(u) / (beta + mp.exp(u)) + 1
    end = mp.log(t)
    low, high = end - 200, end
    if slope(end) < 0:
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    summit = high
    bend = -(slope(summit) - slope(summit - mp.mpf("1e-12"))) / mp.mpf("1e-12")
    width = min(1 / mp.sqrt(bend), 1 / abs(slope(summit)) if abs(slope(summit)) > 1 else mp.mpf(1), mp.mpf(1))
    nodes = [summit - width * step for step in range(300, 0, -1)] + [summit + width * step for step in range(300)]
    nodes = [node for node in nodes if node < end] + [end]
    size = height(summit)
    return negative_binomial(r, alpha, n, t) * (beta / (beta + t)) ** s + mp.exp(size) * mp.quad(lambda u: mp.exp(height(u) - size), nodes)


def discounted(r, alpha, s, beta, rate, until):
    f = lambda v: mp.exp(-rate * v) * (beta / (beta + v)) ** s
    far = min(until, 120 / rate)
    value = r / alpha * in_logarithms(f, mp.mpf(0), far, [beta, beta / (s + 1), 1 / rate])
    if until == mp.inf and s < 1000:
        closed = r / alpha * beta**s * rate ** (s - 1) * mp.hyperu(s, s, rate * beta)
        assert abs(closed / value - 1) < mp.mpf("1e-18"), (closed, value)
        return closed
    return value


CDNOW = ("0.553", "10.578", "0.606", "11.669")
EQUAL = ("0.553", "10.578", "0.606", "10.578")
CASES = [
    (CDNOW, (2, "30.43", "38.86"), "39"),
    (CDNOW, (29, "37.71", "38"), "39"),
    (CDNOW, (29, "7.71", "38"), "39"),
    (CDNOW, (0, "0", "27.14"), "1"),
    (CDNOW, (0, "0", "0"), "52"),
    (CDNOW, (1, "1.71", "38.86"), "1000"),
    (CDNOW, (1, "0.01", "300"), "39"),
    (CDNOW, (3, "30.999999", "31"), "39"),
    (EQUAL, (2, "30.43", "38.86"), "39"),
    (EQUAL, (0, "0", "27.14"), "39"),
    (("0.553", "10.578", "0.606", "10.5780001"), (2, "30.43", "38.86"), "39"),
    (("0.553", "10.578", "0.606", "10.5779999"), (2, "30.43", "38.86"), "39"),
    (("0.553", "12.5", "0.606", "10.5"), (2, "30.43", "38.86"), "39"),
    (("0.553", "10.578", "1", "11.669"), (2, "30.43", "38.86"), "39"),
    (("0.553", "10.578", "1.0000001", "11.669"), (2, "30.43", "38.86"), "39"),
    (("1", "1", "1", "1"), (1, "1", "1"), "1"),
    (("1", "1", "1", "1"), (3, "2", "7"), "1e6"),
    (("100", "1000", "1", "100"), (1, "1", "30"), "39"),
    (("100", "1000", "1", "100"), (20, "10", "200"), "39"),
    (("20", "10", "20", "500"), (0, "0", "0"), "39"),
    (("20", "10", "20", "500"), (40, "20", "21"), "500"),
    (("20", "10", "20", "500"), (40, "2", "100"), "5"),
    (("0.5", "2", "3", "0.01"), (4, "9", "10"), "10"),
    (("0.5", "0.01", "3", "2"), (0, "0", "10"), "10"),
    (("0.05", "1e-4", "0.3", "50"), (0, "0", "400"), "10"),
    (("0.5", "200", "0.3", "1e-3"), (0, "0", "400"), "10"),
    (CDNOW, (1000, "38.8", "38.86"), "39"),
    (CDNOW, (1000, "10", "38.86"), "39"),
    (("0.8", "4.414", "0.05", "0.4"), (3000, "399.9", "400"), "100"),
    (("0.8", "4.414", "2.5", "40"), (5000, "300", "400"), "100"),
    (("0.8", "1e-6", "0.7", "2.4"), (5, "30", "40"), "40"),
    (("0.8", "1e6", "0.7", "2.4"), (5, "30", "40"), "40"),
    (("0.8", "5", "1e6", "1e8"), (5, "30", "40"), "40"),
    (("0.8", "5", "0.01", "1e7"), (5, "30", "40"), "40"),
    (("1000", "1e5", "50", "200"), (2, "100", "200"), "5000"),
    (("3", "50", "1.5", "4"), (7, "1e6", "1e6"), "1e4"),
    (("3", "50", "1.5", "4"), (7, "5e5", "1e6"), "1e4"),
    (("3", "50", "0.9", "0.1"), (1, "100", "100"), "1e5"),
    (("0.01", "0.1", "5", "3"), (0, "0", "50"), "50"),
]


MANY = [
    (CDNOW, (0, "0", "0"), "1000", (1, 40, 400, 3000)),
    (CDNOW, (2, "30.43", "38.86"), "39", (40, 300, 1000)),
    (("0.8", "4.414", "2.5", "40"), (5000, "399.9", "400"), "100", (10, 1000, 1250, 3000)),
    (("20", "0.01", "0.5", "50"), (0, "0", "0"), "39", (1000, 10**4, 10**5, 10**6)),
    (("0.5", "1e-4", "3", "0.01"), (0, "0", "0"), "10", (1000, 10**5, 10**7)),
    (("1000", "1", "50", "200"), (20000, "19.999", "20"), "30", (10**4, 29000, 30000, 31000)),
]


def rows_of_many():
    for parameters, (x, tx, T), t, numbers in MANY:
        values, history, time = [exact(p) for p in parameters], (x, exact(tx), exact(T)), exact(t)
        r, alpha, s, beta = values
        ahead = (r + x, alpha + history[2], s, beta + history[2])
        alive = 1 / (1 + odds_by_quadrature(*values, *history)) if history[2] > history[1] else mp.mpf(1)
        row = {"parameters": parameters, "x": x, "t_x": tx, "T": T, "t": t, "probabilities": {}}
        for n in numbers:
            probability = many(*ahead, time, n)
            if n <= 400:
                check = pmf(*ahead, time, n)
                assert abs(check / probability - 1) < mp.mpf("1e-18"), (parameters, n, check, probability)
            row["probabilities"][str(n)] = mp.nstr(alive * probability, 20)
        print(parameters, history, flush=True)
        yield row


def rows():
    for parameters, (x, tx, T), t in CASES:
        values = [exact(p) for p in parameters]
        history = (x, exact(tx), exact(T))
        time, rate = exact(t), exact("0.003")
        left = odds(*values, *history)
        if left > 0:
            check = odds_by_quadrature(*values, *history)
            assert abs(check / left - 1) < mp.mpf("1e-18"), (parameters, history, left, check)
        r, alpha, s, beta = values
        ahead = (r + x, alpha + history[2], s, beta + history[2])
        alive = 1 / (1 + left)
        row = {"parameters": parameters, "x": x, "t_x": tx, "T": T, "t": t}
        row["loglik"] = mp.nstr(loglik(*values, *history), 20)
        if left > 0:
            row["odds"] = mp.nstr(left, 20)
        row["alive"] = mp.nstr(alive, 20)
        row["alive_after"] = mp.nstr(alive * (ahead[3] / (ahead[3] + time)) ** s, 20)
        row["expected"] = mp.nstr(alive * expected(*ahead, time), 20)
        total = 0
        for n in (0, 1, 3, 40):
            probability = pmf(*ahead, time, n)
            if alive * probability > mp.mpf("1e-250"):
                row[f"p{n}"] = mp.nstr(alive * probability + (1 - alive if n == 0 else 0), 20)
        row["discounted"] = mp.nstr(alive * discounted(*ahead, rate, mp.inf), 20)
        row["discounted_within"] = mp.nstr(alive * discounted(*ahead, rate, time), 20)
        print(parameters, history, flush=True)
        yield row


if __name__ == "__main__":
    origin = "pareto_nbd.py, mpmath 1.3.0 at 40 digits or more; the inputs are the doubles nearest to what is printed"
    lines = lambda rows: ",\n".join("  " + json.dumps(row) for row in list(rows))
    of_many = lines(rows_of_many())
    text = f'{{\n "origin": {json.dumps(origin)},\n "rows": [\n{lines(rows())}\n ],\n "many": [\n{of_many}\n ]\n}}\n'
    (HERE / "pareto_nbd.json").write_text(text)
