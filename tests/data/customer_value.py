"""Lifetime values of customers and of a base, with their derivatives in the logarithms of the parameters: `customer_value.json`.

The formulas are those of the documentation of `ValueModel`, with mpmath at 30 digits. Expected purchases by the closed form with 2F1;
discounted ones by quadrature of

    dE(s)/ds = P(alive) (r + x) / (alpha + T) 2F1(r + x + 1, a; a + b + k; - s / (alpha + T)).

Derivatives are central differences with a step of 1e-7, for horizons by period.
"""

import csv
import json
import pathlib

from mpmath import mp

mp.dps = 30
HERE = pathlib.Path(__file__).parent
STEP = mp.mpf("1e-7")

# The maxima of the likelihoods for CDNOW.
BG = ["0.2425929072044658934329082", "4.413531561205426287298783", "0.7928861480987685648257263", "2.42575343649362146390486"]


def exact(text):
    return mp.mpf(str(text))


def text(value):
    return mp.nstr(value, 20)


def alive(model, theta, x, tx, T):
    r, alpha, a, b = theta
    k = x if model == "bg" else x + 1
    if k == 0:
        return mp.mpf(1)
    return 1 / (1 + a / (b + k - 1) * ((alpha + T) / (alpha + tx)) ** (r + x))


def updated(model, theta, x, T):
    r, alpha, a, b = theta
    return r + x, alpha + T, a, b + (x if model == "bg" else x + 1)


def expected(theta, t):
    r, alpha, a, b = theta
    return (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * mp.hyp2f1(r, b, a + b - 1, t / (alpha + t)))


def discounted_of_alive(theta, horizon):
    r, alpha, a, b = theta
    kind = horizon["kind"]
    if kind == "periods":
        length, rate, before, total = exact(horizon["length"]), exact(horizon["discount_rate"]), mp.mpf(0), mp.mpf(0)
        for i in range(1, horizon["periods"] + 1):
            until = expected(theta, i * length)
            total += (until - before) / (1 + rate) ** i
            before = until
        return total
    rate = exact(horizon["discount_rate"])
    density = lambda s: r / alpha * mp.hyp2f1(r + 1, a, a + b, -s / alpha) * mp.exp(-rate * s)
    end = exact(horizon["time"]) if kind == "within" else mp.inf
    nodes = [mp.mpf(0)] + [alpha * mp.mpf(8) ** j for j in range(0, 12)]
    nodes = [node for node in nodes if node < min(end, 90 / rate)] + [min(end, 100 / rate)]
    return mp.quad(density, nodes)


def spend(phi, x, z):
    p, q, v = phi
    return p * (v + x * z) / (q + p * x - 1)


def moved(parameters, at, by):
    return [value * mp.exp(by) if index == at else value for index, value in enumerate(parameters)]


def base(name, model, theta, phi, rows, horizon, show):
    def purchases(theta):
        of_alive = {}
        for x, _, T, _ in rows:
            if (x, T) not in of_alive:
                of_alive[x, T] = discounted_of_alive(updated(model, theta, x, T), horizon)
        return [alive(model, theta, x, tx, T) * of_alive[x, T] for x, tx, T, _ in rows]

    theta, phi = list(map(exact, theta)), list(map(exact, phi))
    spends = lambda phi: [spend(phi, x, z) for x, _, _, z in rows]
    bought, paid = purchases(theta), spends(phi)
    values = [d * m for d, m in zip(bought, paid)]
    slopes = []
    for at in range(4 if horizon["kind"] == "periods" else 0):
        up, down = purchases(moved(theta, at, STEP)), purchases(moved(theta, at, -STEP))
        slopes.append(mp.fsum((u - d) * m for u, d, m in zip(up, down, paid)) / (2 * STEP))
    for at in range(3 if horizon["kind"] == "periods" else 0):
        up, down = spends(moved(phi, at, STEP)), spends(moved(phi, at, -STEP))
        slopes.append(mp.fsum((u - d) * n for u, d, n in zip(up, down, bought)) / (2 * STEP))
    return {
        "name": name, "model": model, "purchases": list(map(text, theta)), "spend": list(map(text, phi)), "horizon": horizon,
        "values": {str(row): text(values[row]) for row in show},
        "total": text(mp.fsum(values)), "slopes": list(map(text, slopes)),
    }


def main():
    with open(HERE / "cdnow_summary.csv") as lines:
        cdnow = [(int(row["x"]), exact(row["t_x"]), exact(row["T"]), exact(row["zbar"])) for row in csv.DictReader(lines)]
    year = {"kind": "periods", "periods": 12, "length": "4.345", "discount_rate": "0.01"}
    gamma_gamma = json.loads((HERE / "gamma_gamma.json").read_text())["maximum"]["parameters"]
    shown = [0, 1, 2, 5, 264, 528, 880, 1232, 1515, 1672, 2200, 2356]
    bases = [base("cdnow", "bg", BG, gamma_gamma, cdnow, year, shown)]
    few = [
        (0, "0", "30", "0"), (0, "0", "1.5", "0"), (1, "2", "38.5", "11.77"), (1, "38", "38", "900"), (2, "30.43", "38.86", "22.35"),
        (5, "20", "27.5", "0.5"), (29, "38", "38.5", "26.26"), (150, "100", "120", "7"),
    ]
    rows = [(x, exact(tx), exact(T), exact(z)) for x, tx, T, z in few]
    horizons = [
        year,
        {"kind": "periods", "periods": 1, "length": "0.25", "discount_rate": "0"},
        {"kind": "within", "time": "52", "discount_rate": "0.0029"},
        {"kind": "unlimited", "discount_rate": "0.0029"},
    ]
    points = [("0.243", "4.414", "0.793", "2.426"), ("0.9", "20", "1.4", "0.6")]
    for model in ("bg", "mbg"):
        for theta in points:
            for horizon in horizons:
                bases.append(base("few", model, theta, ("6.25", "3.74", "15.44"), rows, horizon, range(len(rows))))
    write = {"few": [[x, tx, T, z] for x, tx, T, z in few], "bases": bases}
    (HERE / "customer_value.json").write_text(json.dumps(write, indent=1) + "\n")


if __name__ == "__main__":
    main()
