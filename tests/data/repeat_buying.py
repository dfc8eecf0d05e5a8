"""Writes beta_geometric.json, special_hypergeometric.json, special_exponential_integral.json and special_rising.json: high-precision
values that the repeat-buying models BG/NBD and MBG/NBD and their special functions are held to.

    pip install mpmath==1.3.0 && python3 repeat_buying.py

Expected purchases come from the closed form of Fader, Hardie and Lee (2005), eq. 9 and 10. Where it has a removable singularity (a = 1, or
a + b a whole number up to 1), a is moved by 1e-40 of itself and the value taken with 110 digits. Discounted purchases are quadratures of
the derivative of the expected purchases.
"""

import json
import pathlib

import mpmath as mp

HERE = pathlib.Path(__file__).parent
mp.mp.dps = 50


def exact(text):
    """The double nearest to what is printed."""
    return mp.mpf(float(text))


def f21(a, b, c, z):
    """2F1 at 0 <= z < 1; by Euler's transformation where that makes the terms small."""
    if z > mp.mpf("0.99") or max(a, b) < 200:
        return mp.hyp2f1(a, b, c, z, maxprec=20000, maxterms=10**7)
    return series(a, b, c, z)


def series(a, b, c, z):
    total, term, k = mp.mpf(1), mp.mpf(1), 0
    while True:
        ratio = (a + k) * (b + k) / ((c + k) * (k + 1)) * z
        term *= ratio
        total += term
        k += 1
        if ratio < 1 and term < total * mp.mpf(10) ** (-mp.mp.dps - 5) * (1 - max(ratio, z)):
            return total


def loglik(model, r, alpha, a, b, x, tx, T):
    k = x + (model == "mbg")
    common = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)
    alive = mp.exp(mp.log(mp.beta(a, b + k)) - mp.log(mp.beta(a, b)) if max(a, b) < 1000 else lnbeta(a, b + k) - lnbeta(a, b))
    terms = [mp.log(alive) - (r + x) * mp.log(alpha + T)]
    if k:
        terms.append(lnbeta(a + 1, b + k - 1) - lnbeta(a, b) - (r + x) * mp.log(alpha + tx))
    top = max(terms)
    return common + top + mp.log(sum(mp.exp(term - top) for term in terms))


def lnbeta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def updated(model, r, alpha, a, b, x, tx, T):
    k = x + (model == "mbg")
    alive = mp.mpf(1)
    if k:
        alive = 1 / (1 + a / (b + k - 1) * ((alpha + T) / (alpha + tx)) ** (r + x))
    return alive, r + x, alpha + T, a, b + k


def expected(r, alpha, a, b, t):
    with mp.workdps(110):
        if a == 1 or (a + b - 1 <= 0 and mp.isint(a + b)):
            a = a * (1 + mp.mpf("1e-40"))
        w = t / (alpha + t)
        return (a + b - 1) / (a - 1) * (1 - (1 - w) ** r * f21(r, b, a + b - 1, w))


def stays(r, alpha, a, b, t):
    w = t / (alpha + t)
    return (1 - w) ** r * (f21 if w > mp.mpf("0.98") else series)(r, b, a + b, w)


def pmf(r, alpha, a, b, t, n):
    w = t / (alpha + t)
    nb = lambda j: mp.exp(mp.loggamma(r + j) - mp.loggamma(r) - mp.loggamma(j + 1) + r * mp.log(1 - w) + j * mp.log(w))
    if n == 0:
        return (1 - w) ** r
    stay = lambda j: mp.exp(lnbeta(a, b + j) - lnbeta(a, b))
    with mp.workdps(150):
        tail = 1 - sum(nb(j) for j in range(n))
    if tail < mp.mpf("1e-60"):
        return None
    return stay(n) * nb(n) + (stay(n - 1) - stay(n)) * tail


def discounted(r, alpha, a, b, rate, until):
    slope = lambda s: mp.exp(-rate * s) * r / alpha * stays(r + 1, alpha, a, b, s)
    far = min(until, 120 / rate)
    # In the logarithm of 1 + s / alpha, where the slope is smooth.
    high = mp.log(1 + far / alpha)
    pieces = [high * i / 12 for i in range(13)]
    with mp.workdps(22):
        return mp.quad(lambda v: slope(alpha * mp.expm1(v)) * alpha * mp.exp(v), pieces, method="gauss-legendre")


CDNOW = ("0.243", "4.414", "0.793", "2.426")
CASES = [
    (CDNOW, (2, "30.43", "38.86"), "39"),
    (CDNOW, (29, "37.71", "38"), "39"),
    (CDNOW, (0, "0", "27.14"), "1"),
    (CDNOW, (0, "0", "0"), "52"),
    (CDNOW, (1, "1.71", "38.86"), "1000"),
    (CDNOW, (1, "0.01", "300"), "39"),
    (("0.243", "4.414", "1", "2.426"), (2, "30.43", "38.86"), "39"),
    (("1", "1", "1", "1"), (1, "1", "1"), "1"),
    (("1", "1", "1", "1"), (0, "0", "0"), "1"),
    (("1", "1", "1", "1"), (3, "2", "7"), "1e6"),
    (("20", "10", "20", "500"), (0, "0", "0"), "39"),
    (("20", "10", "20", "500"), (40, "20", "21"), "500"),
    (("0.5", "2", "0.5", "0.5"), (0, "0", "0"), "10"),
    (("0.5", "2", "0.5", "0.5"), (4, "9", "10"), "10"),
    (("0.3", "5", "0.001", "3"), (3, "10", "12"), "30"),
    (("0.3", "5", "0.001", "0.002"), (3, "10", "12"), "3000"),
    (("0.3", "5", "2.5", "0.001"), (2, "10", "12"), "30"),
    (("0.243", "4.414", "0.793", "2.426"), (1000, "38.8", "38.86"), "39"),
    (("0.243", "4.414", "1", "2.426"), (1000, "38.8", "38.86"), "39"),
    (("0.8", "4.414", "0.05", "0.4"), (3000, "399.9", "400"), "100"),
    (("0.8", "1e-6", "0.7", "2.4"), (5, "30", "40"), "40"),
    (("0.8", "1e6", "0.7", "2.4"), (5, "30", "40"), "40"),
    (("1000", "1e5", "50", "200"), (2, "100", "200"), "5000"),
    (("3", "50", "1.5", "4"), (7, "1e6", "1e6"), "1e4"),
    (("3", "50", "0.9", "0.1"), (1, "100", "100"), "1e5"),
    (("0.01", "0.1", "5", "3"), (0, "0", "50"), "50"),
]


def beta_geometric_rows():
    for parameters, (x, tx, T), t in CASES:
        values = [exact(p) for p in parameters]
        history = (x, exact(tx), exact(T))
        time = exact(t)
        for model in ("bg", "mbg"):
            alive, *ahead = updated(model, *values, *history)
            row = {"model": model, "parameters": parameters, "x": x, "t_x": tx, "T": T, "t": t}
            row["loglik"] = mp.nstr(loglik(model, *values, *history), 20)
            row["alive"] = mp.nstr(alive, 20)
            row["alive_after"] = mp.nstr(alive * stays(*ahead, time), 20)
            row["expected"] = mp.nstr(alive * expected(*ahead, time), 20)
            for n in (0, 1, 3, 40):
                probability = pmf(*ahead, time, n)
                if probability is not None and alive * probability > mp.mpf("1e-250"):
                    row[f"p{n}"] = mp.nstr(alive * probability + (1 - alive if n == 0 else 0), 20)
            rate = exact("0.003")
            # The others take the quadrature hours.
            if CASES.index((parameters, (x, tx, T), t)) in (0, 1, 3, 6, 7, 10, 13):
                row["discounted"] = mp.nstr(alive * discounted(*ahead, rate, mp.inf), 17)
                row["discounted_within"] = mp.nstr(alive * discounted(*ahead, rate, time), 17)
            print(row["model"], parameters, history, flush=True)
            yield row


MANY = [
    (CDNOW, (0, "0", "0"), "1000", (1, 40, 400, 3000)),
    (CDNOW, (2, "30.43", "38.86"), "39", (300, 1000)),
    (("0.8", "4.414", "0.05", "0.4"), (3000, "399.9", "400"), "100", (10, 500, 750, 3000)),
    (("20", "0.01", "5", "3000"), (0, "0", "0"), "39", (1000, 10**4, 10**5)),
    (("0.5", "1e-4", "2000", "9"), (0, "0", "0"), "10", (10, 100)),
]


def many_rows():
    """Very many purchases: the chance that one leaves early is a tail, summed from its own end where it is small."""
    for parameters, (x, tx, T), t, numbers in MANY:
        for model in ("bg", "mbg"):
            alive, r, alpha, a, b = updated(model, *[exact(p) for p in parameters], x, exact(tx), exact(T))
            w = exact(t) / (alpha + exact(t))
            row = {"model": model, "parameters": parameters, "x": x, "t_x": tx, "T": T, "t": t, "probabilities": {}}
            for n in numbers:
                term = mp.exp(mp.loggamma(r + n) - mp.loggamma(r) - mp.loggamma(n + 1) + r * mp.log(1 - w) + n * mp.log(w))
                exactly, tail, j = term, term, n
                if n > r * w / (1 - w):
                    while term > tail * mp.mpf("1e-30") * (1 - w):
                        term *= w * (r + j) / (j + 1)
                        tail += term
                        j += 1
                else:
                    below, tail = term, mp.mpf(1)
                    while j:
                        below *= j / ((r + j - 1) * w)
                        tail -= below
                        j -= 1
                stay = lambda j: mp.exp(lnbeta(a, b + j) - lnbeta(a, b))
                row["probabilities"][str(n)] = mp.nstr(alive * (stay(n) * exactly + (stay(n - 1) - stay(n)) * tail), 20)
            print("many", model, parameters, flush=True)
            yield row


def hypergeometric_rows():
    cases = []
    for r, s, x in [("0.55", "0.6", 0), ("0.55", "0.6", 3), ("0.55", "1", 10), ("2", "0.05", 100), ("0.5", "3.5", 1000), ("5", "20", 4000), ("0.001", "0.001", 1)]:
        r, s = exact(r), exact(s)
        for y in ("0.999", "0.9", "0.5", "0.1", "0.01", "1e-4", "1e-9"):
            cases.append((r + s + x, s + 1, r + s + x + 1, y))
    for a, b, c in [("0.243", "2.426", "3.219"), ("31", "33", "34"), ("300.25", "2.5", "3"), ("0.25", "1000.5", "1001"), ("1", "1", "2")]:
        for y in ("0.9", "0.5", "0.05", "1e-3", "1e-7"):
            cases.append((exact(a), exact(b), exact(c), y))
    for a, b, c, y in cases:
        one_minus = exact(y)
        with mp.workdps(60):
            value = mp.log(f21(a, b, c, 1 - one_minus))
        yield {"a": repr(float(a)), "b": repr(float(b)), "c": repr(float(c)), "y": y, "ln": mp.nstr(value, 20)}


def exponential_integral_rows():
    for nu in ("1.001", "1.243", "2", "3.25", "11", "30.5", "45", "1000"):
        for z in ("1e-9", "1e-4", "0.01", "0.2", "0.3", "1", "7", "50", "1e6"):
            value = mp.expint(exact(nu), exact(z)) * mp.exp(exact(z))
            yield {"nu": nu, "z": z, "value": mp.nstr(value, 20)}


def rising_rows():
    for a in ("1e-9", "0.001", "0.243", "1", "2.426", "15.99", "16", "500", "1e8", "1e15"):
        for k in (0, 1, 2, 24, 25, 40, 1000, 10**7):
            with mp.workdps(80):
                start = exact(a)
                ln = mp.loggamma(start + k) - mp.loggamma(start)
                first = mp.digamma(start + k) - mp.digamma(start)
                second = mp.psi(1, start + k) - mp.psi(1, start)
            yield {"a": a, "k": str(k), "ln": mp.nstr(ln, 20), "first": mp.nstr(first, 20), "second": mp.nstr(second, 20)}


def write(name, **lists):
    origin = "repeat_buying.py, mpmath 1.3.0 at 50 digits or more; the inputs are the doubles nearest to what is printed"
    lines = lambda rows: ",\n".join("  " + json.dumps(row) for row in rows)
    of_lists = ",\n".join(f' "{key}": [\n{lines(rows)}\n ]' for key, rows in lists.items())
    (HERE / name).write_text(f'{{\n "origin": {json.dumps(origin)},\n{of_lists}\n}}\n')


if __name__ == "__main__":
    write("special_rising.json", rows=rising_rows())
    write("special_exponential_integral.json", rows=exponential_integral_rows())
    write("special_hypergeometric.json", rows=hypergeometric_rows())
    write("beta_geometric.json", many=many_rows(), rows=beta_geometric_rows())
