"""Writes special_beta.json and special_normal.json: high-precision values that the tests of the special functions are held to.

    pip install mpmath==1.4.1 gmpy2 && python3 special_functions.py

The incomplete beta function is summed as a series of positive terms at 360 digits, from the end that takes fewer of them:

    I_x(a, b) = x^a y^b / (a B(a, b)) * sum over n of (a+b)_n / (a+1)_n x^n,  y = 1 - x

Where the shapes allow it, the result is compared with mpmath's own betainc.
"""

import json
import math
import pathlib

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


def write(name, origin, rows):
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    (HERE / name).write_text(f'{{\n "origin": {json.dumps(origin)},\n "rows": [\n{lines}\n ]\n}}\n')


ORIGIN = "special_functions.py, mpmath 1.4.1 at 60 digits, printed to 20"
write("special_normal.json", ORIGIN + "; the inputs are the doubles nearest to what is printed", normal_rows())
write("special_beta.json", ORIGIN + "; shapes and the smaller of x and y are the doubles nearest to what is printed, and x + y = 1", beta_rows())
