//! Special functions of the floating world, each with its accuracy. Private: they are not what this crate is for.
//!
//! Largest relative error against mpmath at 360 digits, as the unit tests measure it (`tests/data/special_functions.py` makes the values):
//!
//! | function | where | error |
//! |---|---|---|
//! | normal quantile | p from 1e-300 to 1/2 | 2e-15 |
//! | normal tail | z from -37.5 to 37.5 | 1e-15 |
//! | tail of a beta distribution | shapes from 1/2 to 1e12, tails from 1e-17 | 2e-14 |
//! | | shapes from 1e-3, tails from 1e-283 | 5e-13 |
//! | quantile of a beta distribution | shapes from 1/2 to 1e12, points from 1e-17 | 4e-14 |
//! | | shapes from 1e-3, points from 1e-280 | 5e-12 |
//!
//! Beyond 1e12 they stay finite, in 0..=1, and their methods hold; there the doubles nearest to a point and to its shapes are the limit.

#[cfg(test)]
mod accuracy;
mod beta;
mod beta_expansion;
mod beta_quantile;
mod gamma;
mod normal;

pub(crate) use beta::Beta;
pub(crate) use normal::two_sided_normal_quantile;
