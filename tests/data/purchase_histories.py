"""Purchase histories by lifetimes 0.11.3, for tests/suite/history.rs.

    python3 purchase_histories.py > purchase_histories.json

Random transactions of 150 customers with purchases of the same day, and returns as negative amounts, which lifetimes takes for purchases.
Days are counted from 1970-01-01. `days` is freq="D"; `weeks` is freq="W", weeks from Monday to Sunday.
"""

import json
import random

import pandas as pd
from lifetimes.utils import calibration_and_holdout_data, summary_data_from_transaction_data

random.seed(20)
START = pd.Timestamp("2021-12-27")  # a Monday
EPOCH = pd.Timestamp("1970-01-01")
rows = []
for customer in range(150):
    number = customer * 7919 + 3
    for _ in range(1 + min(int(random.expovariate(0.25)), 25)):
        day = int(random.random() ** 1.5 * 400)
        amount = random.randrange(100, 20_000) if random.random() < 0.9 else -random.randrange(100, 5_000)
        for _ in range(1 if random.random() < 0.8 else 2):
            rows.append((number, day, amount))
random.shuffle(rows)

table = pd.DataFrame(
    {"id": [r[0] for r in rows], "date": [START + pd.Timedelta(days=r[1]) for r in rows], "amount": [r[2] / 100 for r in rows]}
)
first = (START - EPOCH).days
last = first + 300  # a Sunday
end = EPOCH + pd.Timedelta(days=last)
holdout_last = first + 405
holdout_end = EPOCH + pd.Timedelta(days=holdout_last)


def columns(summary):
    summary = summary.sort_index()
    named = {name: [float(v) for v in summary[name]] for name in summary.columns}
    return {"customers": [int(i) for i in summary.index]} | named


def summary(freq):
    return columns(
        summary_data_from_transaction_data(table, "id", "date", monetary_value_col="amount", observation_period_end=end, freq=freq)
    )


print(
    json.dumps(
        {
            "transactions": {
                "customers": [r[0] for r in rows],
                "days": [first + r[1] for r in rows],
                "cents": [r[2] for r in rows],
            },
            "first_monday": first,
            "last_day": last,
            "holdout_last_day": holdout_last,
            "days": summary("D"),
            "weeks": summary("W"),
            "holdout": columns(
                calibration_and_holdout_data(
                    table, "id", "date", end, observation_period_end=holdout_end, freq="D", monetary_value_col="amount"
                )
            ),
        },
        separators=(",", ":"),
    )
)
