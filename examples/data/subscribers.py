"""Makes subscribers.csv: 900 invented subscribers of a telephone company. Same numbers in every run.

Each signed up in one of the last 72 months. Monthly contracts can be left every month, and are left more seldom the older they are;
yearly and two-year contracts are left mostly when they run out.
"""

state = 20_260_101


def uniform():
    global state
    state = (state * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
    return (state >> 11) / 2**53


def leaves(contract, month):
    if contract == "month to month":
        return 0.075 / (1 + 0.06 * month)
    if contract == "one year":
        return 0.16 if month % 12 == 0 else 0.003
    return 0.11 if month % 24 == 0 else 0.001


with open("subscribers.csv", "w") as out:
    out.write("tenure,churned,contract\n")
    for _ in range(900):
        chance = uniform()
        contract = "month to month" if chance < 0.5 else "one year" if chance < 0.78 else "two years"
        observed = 1 + int(72 * uniform())
        left = next((month for month in range(1, observed + 1) if uniform() < leaves(contract, month)), None)
        out.write(f"{left or observed},{'No' if left is None else 'Yes'},{contract}\n")
