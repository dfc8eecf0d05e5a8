"""The work of `cargo bench` as its users do it in Python today, one thread, best of five or as said, in milliseconds.

pip install numpy polars duckdb pyarrow pandas lifelines lifetimes
POLARS_MAX_THREADS=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python3 benches/peers.py
"""

import time

import duckdb
import lifetimes
import numpy as np
import pandas as pd
import polars as pl
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test

rng = np.random.default_rng(1)
database = duckdb.connect(config={"threads": 1})


def measure(name, work, runs=5):
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    print(f"  {name:<40} {best * 1e3:9.1f}")


print("full distribution of 100 M answers on 0 to 10, validated")
answers = rng.integers(0, 11, 100_000_000, dtype=np.uint8)
column = pl.Series("rating", answers).to_frame()
table = column.to_arrow()


def numpy_distribution():
    counts = np.bincount(answers, minlength=256)
    assert counts[11:].sum() == 0


measure("numpy bincount", numpy_distribution)
measure("polars group_by len", lambda: column.group_by("rating").len())
measure("duckdb group by", lambda: database.execute("select rating, count(*) from table group by 1".replace("table", "\"table\"")).fetchall())
del column, table, answers

print("CSAT of 10 k agents over 10 M answers on 1 to 5")
agents = rng.integers(0, 10_000, 10_000_000, dtype=np.uint32)
ratings = rng.integers(1, 6, 10_000_000, dtype=np.uint8)
rows = pl.DataFrame({"agent": agents, "rating": ratings})
arrow_rows = rows.to_arrow()


def numpy_csat():
    answered = np.bincount(agents, minlength=10_000)
    satisfied = np.bincount(agents, weights=ratings >= 4, minlength=10_000)
    return satisfied / answered


measure("numpy bincount", numpy_csat)
measure("polars group_by mean", lambda: rows.group_by("agent").agg((pl.col("rating") >= 4).mean()))
measure("duckdb group by", lambda: database.execute("select agent, avg((rating >= 4)::int) from arrow_rows group by 1").fetchall())
del rows, arrow_rows

print("exact lifetime value of 10 M customers, three columns to one total")
cents = rng.integers(0, 50_000, 10_000_000, dtype=np.int64)
orders = rng.integers(0, 1_000, 10_000_000, dtype=np.int64)
years = rng.integers(0, 100, 10_000_000, dtype=np.int64)
money = pl.DataFrame({"cents": cents, "orders": orders, "years": years}).to_arrow()
database.execute(
    "create table base as select (cents / 100)::decimal(9, 2) as value, (orders / 100)::decimal(9, 2) as orders, years::decimal(4, 0) as years from money"
)
measure("numpy int64, unchecked", lambda: int((cents * orders * years).sum()))
measure("duckdb decimal", lambda: database.execute("select sum(value * orders * years) from base").fetchall())
decimals = pl.DataFrame({"value": cents, "orders": orders, "years": years}).with_columns(
    (pl.col("value").cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2)),
    (pl.col("orders").cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2)),
    pl.col("years").cast(pl.Decimal(18, 0)),
)
measure("polars decimal (rounds each product)", lambda: decimals.select((pl.col("value") * pl.col("orders") * pl.col("years")).sum()))

print("Kaplan-Meier with log-log intervals of 10 M customers")
leaves, observed = rng.exponential(20, 10_000_000), rng.uniform(0, 72, 10_000_000)
times, left = np.minimum(leaves, observed), leaves <= observed
months = times.astype(np.uint16)
measure("lifelines, real times", lambda: KaplanMeierFitter().fit(times, left))
measure("lifelines, whole months", lambda: KaplanMeierFitter().fit(months, left))

print("log-rank test of 1 M customers in two groups")
times, months, left, first = times[:1_000_000], months[:1_000_000], left[:1_000_000], rng.random(1_000_000) < 0.5
measure("lifelines, real times", lambda: logrank_test(times[first], times[~first], left[first], left[~first]))
measure("lifelines, whole months", lambda: logrank_test(months[first], months[~first], left[first], left[~first]))

print("cohort table of 10 M events: 1 M customers with any numbers, 24 months, exact retention alone")
numbers = rng.permutation(np.arange(1_000_000, dtype=np.uint64)) * np.uint64(0xD1342543DE82EF95)
customers = numbers[rng.integers(0, 1_000_000, 10_000_000)]
months = rng.integers(0, 24, 10_000_000, dtype=np.uint32)
events = pl.DataFrame({"customer": customers, "month": months})
arrow_events = events.to_arrow()


def polars_cohorts():
    seen = events.unique()
    starts = seen.group_by("customer").agg(pl.col("month").min().alias("start"))
    return seen.join(starts, on="customer").group_by("start", pl.col("month") - pl.col("start")).len()


measure("polars unique, join, group_by", polars_cohorts)
measure("duckdb distinct, join, group by", lambda: database.execute("""
    with seen as (select distinct customer, month from arrow_events),
         starts as (select customer, min(month) as start from seen group by 1)
    select start, month - start, count(*) from seen join starts using (customer) group by 1, 2
""").fetchall())

print("10 M transactions of 1 M customers with any numbers over two years to frequency, recency, age and mean repeat spend")
transactions = pl.DataFrame({
    "customer": numbers[rng.integers(0, 1_000_000, 10_000_000)],
    "day": rng.integers(0, 730, 10_000_000, dtype=np.int32),
    "cents": rng.integers(0, 20_000, 10_000_000, dtype=np.int64),
})
arrow_transactions = transactions.to_arrow()
frame = transactions.to_pandas()


def polars_histories():
    days = transactions.group_by("customer", "day").agg(pl.col("cents").sum())
    customers = days.group_by("customer").agg(
        pl.len() - 1,
        pl.col("day").max() - pl.col("day").min(),
        (729 - pl.col("day").min()).alias("age"),
        (pl.col("cents").sum() - pl.col("cents").sort_by("day").first()).alias("repeat"),
    )
    return customers.with_columns(pl.col("repeat") / pl.col("len"))


def pandas_histories():
    days = frame.groupby(["customer", "day"], sort=True)["cents"].sum().reset_index()
    customers = days.groupby("customer").agg(
        purchases=("day", "size"), first=("day", "first"), last=("day", "last"), total=("cents", "sum"), opening=("cents", "first")
    )
    frequency = customers["purchases"] - 1
    return frequency, customers["last"] - customers["first"], 729 - customers["first"], (customers["total"] - customers["opening"]) / frequency


measure("polars group_by twice", polars_histories)
measure("duckdb group by twice", lambda: database.execute("""
    with days as (select customer, day, sum(cents) as cents from arrow_transactions group by 1, 2)
    select customer, count(*) - 1, max(day) - min(day), 729 - min(day), (sum(cents) - arg_min(cents, day)) / (count(*) - 1) from days group by 1
""").to_arrow_table())
measure("pandas groupby twice", pandas_histories, 1)
del transactions, arrow_transactions, frame

print("1 M customers as BG/NBD would have them, watched for up to a year; no two alike")
customers = 1_000_000
age = 365 * np.arange(1, customers + 1) / customers
rate, leaving = rng.gamma(0.243, 1 / 30.9, customers), rng.beta(0.793, 2.426, customers)
clock, frequency, recency = np.zeros(customers), np.zeros(customers, dtype=np.int64), np.zeros(customers)
there = np.arange(customers)
while there.size:
    clock[there] += rng.exponential(1 / np.maximum(rate[there], 1e-300))
    there = there[clock[there] <= age[there]]
    frequency[there] += 1
    recency[there] = clock[there]
    there = there[rng.random(there.size) >= leaving[there]]
base = pd.DataFrame({"frequency": frequency, "recency": recency, "T": age})


def fit(fitter, rows):
    return fitter.fit(rows["frequency"], rows["recency"], rows["T"])


beta_geo = lifetimes.BetaGeoFitter()
measure("lifetimes BetaGeoFitter, fit", lambda: fit(beta_geo, base), 1)
columns = (base["frequency"], base["recency"], base["T"])
measure("lifetimes, probability alive", lambda: beta_geo.conditional_probability_alive(*columns))
measure("lifetimes, expected purchases", lambda: beta_geo.conditional_expected_number_of_purchases_up_to_time(30, *columns))
some = base.sample(100_000, random_state=1)
pareto = lifetimes.ParetoNBDFitter()
measure("lifetimes ParetoNBDFitter, fit of 100,000", lambda: fit(pareto, some), 1)
columns = (some["frequency"], some["recency"], some["T"])
measure("lifetimes Pareto/NBD of 100,000, expected purchases", lambda: pareto.conditional_expected_number_of_purchases_up_to_time(30, *columns), 1)
