"""Expected frequencies, tracking and holdout errors of BG/NBD for CDNOW, with mpmath from the closed forms of Fader, Hardie and Lee (2005).

Prints what tests/suite/validation.rs compares with. Run in this folder: python3 repeat_buying_validation.py
"""

import csv
from collections import Counter, defaultdict
from datetime import date

import mpmath as mp

mp.mp.dps = 30
r, alpha, a, b = map(mp.mpf, ("0.243", "4.414", "0.793", "2.426"))
FIRST = date(1997, 1, 1)
CALIBRATION, END = 272, 545

days = defaultdict(set)
with open("../../examples/data/cdnow_sample.csv") as file:
    for row in csv.DictReader(file):
        text = row["date"]
        days[row["customer_id"]].add((date(int(text[:4]), int(text[4:6]), int(text[6:])) - FIRST).days)
base = {name: sorted(bought) for name, bought in days.items() if min(bought) <= CALIBRATION}


def probability(x, t):
    first = mp.beta(a, b + x) / mp.beta(a, b) * mp.gamma(r + x) / (mp.gamma(r) * mp.factorial(x))
    first *= (alpha / (alpha + t)) ** r * (t / (alpha + t)) ** x
    if x == 0:
        return first
    fewer = sum(mp.gamma(r + j) / (mp.gamma(r) * mp.factorial(j)) * (t / (alpha + t)) ** j for j in range(x))
    return first + mp.beta(a + 1, b + x - 1) / mp.beta(a, b) * (1 - (alpha / (alpha + t)) ** r * fewer)


def expected(t):
    series = mp.hyp2f1(r, b, a + b - 1, t / (alpha + t))
    return (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * series)


def conditional(x, t_x, age, t):
    series = mp.hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
    top = (a + b + x - 1) / (a - 1) * (1 - ((alpha + age) / (alpha + age + t)) ** (r + x) * series)
    odds = a / (b + x - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x) if x else 0
    return top / (1 + odds)


ages = Counter(CALIBRATION - bought[0] for bought in base.values())
cells = [sum(n * probability(x, mp.mpf(age) / 7) for age, n in ages.items()) for x in range(7)]
cells.append(len(base) - sum(cells))
frequency = {name: sum(day <= CALIBRATION for day in bought) - 1 for name, bought in base.items()}
actual = [sum(min(x, 7) == cell for x in frequency.values()) for cell in range(8)]
print("customers", len(base))
print("frequencies", actual, [mp.nstr(cell, 17) for cell in cells])
print("chi-square", mp.nstr(sum((o - e) ** 2 / e for o, e in zip(actual, cells)), 17))

for week in (1, 12, 39, 40, 78):
    last = 7 * week - 1
    until = sum(expected(mp.mpf(last - bought[0]) / 7) for bought in base.values() if bought[0] <= last)
    repeats = sum(sum(day <= last for day in bought[1:]) for bought in base.values())
    print("week", week, repeats, mp.nstr(until, 17))

pairs = []
for name, bought in base.items():
    x, last = frequency[name], max(day for day in bought if day <= CALIBRATION)
    t_x, age = mp.mpf(last - bought[0]) / 7, mp.mpf(CALIBRATION - bought[0]) / 7
    pairs.append((conditional(x, t_x, age, 39), sum(CALIBRATION < day <= END for day in bought), x, age))
n = len(pairs)
print("holdout", sum(y for _, y, *_ in pairs), mp.nstr(sum(p for p, *_ in pairs), 17))
for label, predict in (
    ("BG/NBD", lambda p, x, age: p),
    ("same rate", lambda p, x, age: x / age * 39),
    ("nobody", lambda p, x, age: mp.mpf(0)),
    ("mean", lambda p, x, age: mp.mpf(sum(x for *_, x, _ in pairs)) / sum(age for *_, age in pairs) * 39),
):
    mean = predict(*pairs[0][:1], *pairs[0][2:]) if label == "mean" else None
    errors = [(mean if mean is not None else predict(p, x, age)) - y for p, y, x, age in pairs]
    figures = (sum(map(abs, errors)) / n, mp.sqrt(sum(e * e for e in errors) / n), sum(errors) / n)
    print(label, [mp.nstr(figure, 17) for figure in figures])
for cell in range(8):
    of = [(p, y) for p, y, x, _ in pairs if min(x, 7) == cell]
    print("frequency", cell, len(of), sum(y for _, y in of), mp.nstr(sum(p for p, _ in of) / len(of), 17))
