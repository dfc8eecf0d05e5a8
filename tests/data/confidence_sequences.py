"""Limits of beta-binomial confidence sequences at 60 digits: python3 confidence_sequences.py > confidence_sequences.json"""
import json
from mpmath import mp, mpf, beta, log, exp, loggamma, findroot, nstr

mp.dps = 60


def ln_beta(a, b):
    return loggamma(a) + loggamma(b) - loggamma(a + b)


def limits(k, n, a, b, confidence):
    """The two roots of the logarithm of the martingale less ln(1 / (1 - confidence)), by bisection in the logit."""
    m = n - k
    bound = ln_beta(a + k, b + m) - ln_beta(a, b) + log(1 - confidence)

    def outside(logit):
        ln_x, ln_y = -log(1 + exp(-logit)), -log(1 + exp(logit))
        return bound - k * ln_x - m * ln_y > 0

    def bisect(out, within):
        for _ in range(250):
            middle = (out + within) / 2
            out, within = (middle, within) if outside(middle) else (out, middle)
        return 1 / (1 + exp(-out))

    point = log(mpf(k) / m) if 0 < k < n else None
    if k == 0:
        return mpf(0), 1 - exp(bound / n)
    if k == n:
        return exp(bound / n), mpf(1)
    return bisect(mpf(-10**7), point), bisect(mpf(10**7), point)


rows = []
counts = [(0, 1), (1, 1), (0, 7), (1, 2), (1, 7), (4, 9), (0, 1000), (1, 1000), (240, 300), (500, 1000), (999, 1000),
          (137, 20000), (1, 10**6), (800000, 10**6), (10**9 // 3, 10**9), (1, 10**9), (0, 10**9), (10**9 - 12, 10**9)]
for k, n in counts:
    for a, b in [("0.5", "0.5"), ("1", "1"), ("32", "8"), ("0.001", "3"), ("250000", "750000")]:
        for confidence in ["0.5", "0.95", "0.999999"]:
            if (a, confidence) in [("1", "0.5"), ("0.001", "0.999999"), ("32", "0.5"), ("250000", "0.999999")]:
                continue
            low, high = limits(k, n, mpf(float(a)), mpf(float(b)), mpf(confidence))
            rows.append({"k": k, "n": n, "prior": [a, b], "confidence": confidence,
                         "limits": [nstr(low, 20), nstr(high, 20)], "above_high": nstr(1 - high, 20)})
print(json.dumps({"origin": "confidence_sequences.py, mpmath 1.3.0 at 60 digits, bisection on the logarithm of the martingale",
                  "rows": rows}, indent=None).replace('{"k"', '\n{"k"'))
