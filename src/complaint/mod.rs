//! What becomes of customers with a problem: complaint outcomes, the complaint-retention curve, and what it is worth.
