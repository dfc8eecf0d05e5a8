"""Writes special_*.json: high-precision values that the tests of the special functions are held to.

    pip install mpmath==1.4.1 gmpy2 && python3 special_functions.py [name of a table ...]

The incomplete beta function is summed as a series of positive terms at 360 digits, from the end that takes fewer of them:

    I_x(a, b) = x^a y^b / (a B(a, b)) * sum over n of (a+b)_n / (a+1)_n x^n,  y = 1 - x

Where the shapes allow it, the result is compared with mpmath's own betainc. Tails of the gamma and t distributions are integrals of their
densities at 60 digits over pieces of a few standard deviations, and compared with mpmath's own functions likewise.
"""

import json
import math
import pathlib
import sys

import mpmath as mp

mp.mp.dps = 360
HERE = pathlib.Path(__file__).parent
SHAPES = ["0.001", "0.5", "1", "2.5", "100", "10000", "1e6", "1e8", "1e9"]
PAIRS = [(a, b) for i, a in enumerate(SHAPES) for b in SHAPES[i:]]
PAIRS += [("0.5", "1e12"), ("2.5", "1e12"), ("1e6", "1e12"), ("20.5", "31"), ("12", "999999989"), ("1200", "3e5")]
# How far the logarithm of the density (in the logit of x) lies below its maximum: from the middle to tails near 1e-280.
DROPS = [0, 2, 27, 640]


def terms(a, b, x, y):
    """About how many terms the series from the end of x takes."""
    return 2 * max(0, (a + b) * x - a) / y + mp.sqrt(220 * (a + 1) / y) + 220 / y


def tail(a, b, x, y):
    """I_x(a, b)."""
    prefix = mp.exp(a * mp.log(x) + b * mp.log(y) + mp.loggamma(a + b) - mp.loggamma(a + 1) - mp.loggamma(b))
    # The digits of the sum that are lost in the other tail, which may be as small as 1e-300.
    with mp.workdps(60 if (a + b) * x <= a else 360):
        x, total, term, n = +x, mp.mpf(1), mp.mpf(1), 0
        least = mp.mpf(10) ** -(mp.mp.dps - 10)
        while term > total * least or (a + b + n) * x > a + 1 + n:
            term *= x * (a + b + n) / (a + 1 + n)
            total += term
            n += 1
    return prefix * total


def beta_row(a, b, x, y):
    """Both tails, for x + y = 1."""
    if terms(a, b, x, y) <= terms(b, a, y, x):
        lower = tail(a, b, x, y)
        upper = 1 - lower
    else:
        upper = tail(b, a, y, x)
        lower = 1 - upper
    if max(a, b) <= 200:
        with mp.workdps(400):
            if x <= y:
                own = mp.betainc(a, b, 0, x, regularized=True)
                both = own, 1 - own
            else:
                own = mp.betainc(b, a, 0, y, regularized=True)
                both = 1 - own, own
            for summed, other in zip((lower, upper), both):
                assert abs(summed - other) < mp.mpf("1e-40") * other, (a, b, x)
    return lower, upper


def logit_at_drop(a, b, drop, side):
    """Where a ln x + b ln y lies `drop` below its maximum, to double accuracy."""
    mode = math.log(a / b)

    def height(u):
        return -a * math.log1p(math.exp(-u)) - b * math.log1p(math.exp(u)) if abs(u) < 700 else (a if u < 0 else b) * -abs(u)

    near, far = 0.0, 700.0 - abs(mode)
    if height(mode) - height(mode + side * far) < drop:
        return None
    for _ in range(200):
        middle = (near + far) / 2
        if height(mode) - height(mode + side * middle) < drop:
            near = middle
        else:
            far = middle
    return mode + side * near


def exact(value):
    """The digits that name the double nearest to `value`."""
    return repr(float(value))


def beta_rows():
    for a, b in PAIRS:
        for drop in DROPS:
            for side in (-1, 1) if drop else (-1,):
                u = logit_at_drop(float(a), float(b), drop, side)
                if u is None:
                    continue
                # The smaller of x and y is a double; the other is what is missing to 1.
                if u <= 0:
                    x = mp.mpf(float(exact(1 / (1 + mp.exp(-mp.mpf(u))))))
                    y = 1 - x
                else:
                    y = mp.mpf(float(exact(1 / (1 + mp.exp(mp.mpf(u))))))
                    x = 1 - y
                if min(terms(float(a), float(b), x, y), terms(float(b), float(a), y, x)) > 1e6:
                    continue
                lower, upper = beta_row(mp.mpf(float(a)), mp.mpf(float(b)), x, y)
                if min(lower, upper) < mp.mpf("1e-300"):
                    continue
                yield {"a": a, "b": b, "x": exact(x), "y": exact(y), "lower": mp.nstr(lower, 20), "upper": mp.nstr(upper, 20)}


def normal_rows():
    for z in ["-37.5", "-8", "-1.5", "-0.001", "0", "0.3", "1", "1.959963984540054", "3.1", "5.7", "9.26", "20.03", "37.04"]:
        yield {"z": z, "upper": mp.nstr(mp.erfc(mp.mpf(float(z)) / mp.sqrt(2)) / 2, 20)}


def far_normal_rows():
    for z in ["-9", "-2", "-1e-5", "0", "0.7", "4", "7.99", "8", "8.01", "12.5", "38", "100", "3e7", "1e100"]:
        with mp.workdps(60):
            point = mp.mpf(float(z))
            upper = mp.log(mp.erfc(point / mp.sqrt(2)) / 2) if abs(point) < 1e4 else -point**2 / 2 - mp.log(point * mp.sqrt(2 * mp.pi))
        yield {"z": z, "ln_upper": mp.nstr(upper, 20)}


def integral(function, start, spread):
    """Of a positive function that falls from `start` on, on the scale of `spread`."""
    total, low, width, first = mp.mpf(0), start, spread, function(start)
    while True:
        # The quadrature holds an absolute error.
        piece = mp.quad(lambda at: function(at) / first, [low, low + width])
        total += piece
        if abs(piece) < total * mp.mpf("1e-45"):
            return total * first
        low, width = low + width, width * mp.mpf("1.3")


def student_t_rows():
    for degrees in ["0.01", "0.5", "1", "2", "3.7", "10", "100", "798", "1e4", "1e6", "1e12", "1e18"]:
        for t in ["1e-8", "0.02", "0.3", "1", "1.7", "2.5", "5", "9", "20", "36", "1e3", "1e200"]:
            with mp.workdps(60):
                v, at = mp.mpf(float(degrees)), mp.mpf(float(t))
                if at > 100 and v > 2:
                    continue
                if v <= 200:
                    x = v / (v + at**2)
                    if at < 1:
                        upper = (1 - mp.betainc(0.5, v / 2, 0, 1 - x, regularized=True)) / 2
                    else:
                        upper = mp.betainc(v / 2, 0.5, 0, x, regularized=True) / 2
                else:
                    scale = mp.exp(mp.loggamma((v + 1) / 2) - mp.loggamma(v / 2)) / mp.sqrt(v * mp.pi)
                    spread = 1 / max(1, at / (1 + at**2 / v))
                    upper = scale * integral(lambda u: mp.exp(-(v + 1) / 2 * mp.log1p(u * u / v)), at, spread)
                yield {"degrees": degrees, "t": t, "upper": mp.nstr(upper, 20), "ln_upper": mp.nstr(mp.log(upper), 20)}


def gamma_rows():
    for shape in ["0.001", "0.1", "0.5", "0.9", "1", "1.5", "2.5", "10", "50", "99.5", "100", "101", "1000", "1e6", "1e9", "1e12", "1e18"]:
        for at in [-33, -8, -5.1, -4.9, -2, -0.7, -0.01, 0, 0.01, 0.7, 2, 4.9, 5.1, 8, 33, 700]:
            with mp.workdps(80):
                a = mp.mpf(float(shape))
                # So many standard deviations from the mean, by the cube root that is nearly normal; for small shapes fractions of 1.
                root = 1 - 1 / (9 * a) + at / (3 * mp.sqrt(a))
                x = float(a * root**3) if a >= 1 and root > 0.001 else float(mp.exp(at / 3))
                point = mp.mpf(x)
                if a <= 200:
                    upper = mp.gammainc(a, point, mp.inf, regularized=True)
                    lower = mp.gammainc(a, 0, point, regularized=True)
                else:
                    # In units of standard deviations.
                    unit = mp.sqrt(a)
                    scale = mp.exp(a * mp.log(a) - a - mp.loggamma(a)) * unit / a
                    density = lambda s: mp.exp((a - 1) * mp.log1p(s / unit) - s * unit) if s > -unit else mp.mpf(0)
                    s = (point - a) / unit
                    if s >= 0:
                        upper = scale * integral(density, s, 1 / max(1, s))
                        lower = 1 - upper
                    else:
                        lower = scale * integral(lambda u: density(-u), -s, 1 / max(1, -s))
                        upper = 1 - lower
                if min(lower, upper) > 0:
                    named = {"lower": lower, "upper": upper, "ln_lower": mp.log(lower), "ln_upper": mp.log(upper)}
                    yield {"a": shape, "x": exact(x)} | {name: mp.nstr(value, 20) for name, value in named.items()}


def ln_gamma_rows():
    for a in ["1e-300", "1e-10", "0.001", "0.3", "1", "1.2", "1.4616321449683622", "1.46", "1.7", "2", "3.5", "9.99", "10", "47.3", "1e6", "1e12", "1e18"]:
        at = mp.mpf(float(a))
        with mp.workdps(60):
            yield {"a": a, "ln_gamma": mp.nstr(mp.loggamma(at), 20), "digamma": mp.nstr(mp.digamma(at), 20)} | (
                {"trigamma": mp.nstr(mp.polygamma(1, at), 20)} if at > 1e-150 else {"trigamma": "1.7976931348623157e308"}
            )


def ln_rising_rows():
    for a in ["1e-10", "0.001", "0.243", "1", "4.4", "9.99", "10", "1000", "1e9", "1e15", "1e18"]:
        for k in ["1e-10", "0.5", "1", "2", "10", "1000", "1e9", "1e18"]:
            with mp.workdps(100):
                at, by = mp.mpf(float(a)), mp.mpf(float(k))
                rising = mp.loggamma(at + by) - mp.loggamma(at)
                beta = mp.loggamma(at) + mp.loggamma(by) - mp.loggamma(at + by)
                yield {"a": a, "k": k, "ln_rising": mp.nstr(rising, 20), "ln_beta": mp.nstr(beta, 20)}


def write(name, origin, rows):
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    (HERE / name).write_text(f'{{\n "origin": {json.dumps(origin)},\n "rows": [\n{lines}\n ]\n}}\n')


ORIGIN = "special_functions.py, mpmath at 60 digits, printed to 20; the inputs are the doubles nearest to what is printed"
TABLES = {
    "normal": (ORIGIN, normal_rows),
    "far_normal": (ORIGIN, far_normal_rows),
    "student_t": (ORIGIN, student_t_rows),
    "gamma": (ORIGIN, gamma_rows),
    "ln_gamma": (ORIGIN, ln_gamma_rows),
    "ln_rising": (ORIGIN, ln_rising_rows),
    "beta": (ORIGIN + ": shapes and the smaller of x and y, and x + y = 1", beta_rows),
}
for name in sys.argv[1:] or TABLES:
    origin, rows = TABLES[name]
    write(f"special_{name}.json", origin, rows())
