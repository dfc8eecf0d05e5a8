//! How many customers leave, over which period, and why.
