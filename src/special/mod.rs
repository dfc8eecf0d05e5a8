//! Special functions of the floating world, each with its accuracy. Private: they are not what this crate is for.
//!
//! Largest relative error against mpmath at 60 to 360 digits, as the unit tests measure it (`tests/data/special_functions.py` makes the values):
//!
//! | function | where | error |
//! |---|---|---|
//! | normal quantile | p from 1e-300 to 1/2 | 2e-15 |
//! | normal tail | z from -37.5 to 37.5 | 1e-15 |
//! | tail of a beta distribution | shapes from 1/2 to 1e12, tails from 1e-17 | 2e-14 |
//! | | shapes from 1e-3, tails from 1e-283 | 5e-13 |
//! | quantile of a beta distribution | shapes from 1/2 to 1e12, points from 1e-17 | 4e-14 |
//! | | shapes from 1e-3, points from 1e-280 | 5e-12 |
//! | tail of a gamma distribution (chi-square) | shapes from 1e-3 to 1e18, tails from 1e-17 | 2e-14 |
//! | | tails from 1e-300 | 3e-13 |
//! | quantile of a gamma distribution | shapes from 1/2 to 1e18, tails from 1e-300 | 1e-14 |
//! | tail of Student's t | degrees from 0.01 to 1e18, tails from 1e-17 | 2e-14 |
//! | | tails from 1e-300 | 5e-13 |
//! | quantile of Student's t | degrees from 1, tails up to 0.499 | 2e-14 |
//! | logarithms of these tails | as far as they are doubles | 2e-14 |
//! | ln of a binomial probability | counts to 1e12 | 2e-15 |
//! | ln of a hypergeometric probability | counts to 1e9 | 1e-14 |
//! | ln gamma, digamma, trigamma | from 1e-300 to 1e18, at the root of digamma too | 2e-15 |
//! | ln of a rising factorial, ln beta | from 1e-10 to 1e18 | 4e-15 |
//! | derivatives of ln of a rising factorial | from 1e-9 to 1e15 | 4e-15 |
//! | ln of a hypergeometric function of positive terms | parameters up to 4e3, points to within 1e-9 of 1 | 5e-14 |
//! | ln of the integral of e to a concave function | ranges from 1e-12 to 5e4 wide, slopes to 1e15 | 1e-14 |
//! | scaled exponential integral | orders from 1, points from 1e-9 | 2e-14 |
//! | derivatives of its ln in the ln of the point and in the order | the same | 1e-12 of 1 |
//!
//! Logarithms are relative to the value, or to 1 where it is smaller. Beyond 1e12 tails and quantiles of the beta distribution
//! stay finite, in 0..=1, and the methods hold; there the doubles nearest to a point and to its shapes are the limit.

#[cfg(test)]
mod accuracy;
mod beta;
mod beta_binomial;
mod beta_expansion;
mod beta_mean;
mod beta_mixture;
mod beta_quantile;
mod binomial;
mod chi_square;
mod digamma;
mod exponential_integral;
mod gamma;
mod gamma_expansion;
mod gamma_quantile;
mod gamma_tail;
mod hypergeometric;
mod ln_gamma;
mod log_concave;
mod normal;
mod rising;
mod student_t;

pub(crate) use beta::{Beta, Parts};
pub(crate) use beta_binomial::{
    BetaBinomialSlopes, BetweenShapesAndCounts, beta_binomial_shortfall, binomial_shortfall, likelihood_limit, ln_largest_binomial,
    separable, separable_derivatives,
};
pub(crate) use beta_mean::{BetaMean, beta_mean_with, ln_beta_mean};
pub(crate) use beta_mixture::BetaMixture;
pub(crate) use binomial::{ln_binomial_probability, ln_hypergeometric_probability};
pub(crate) use chi_square::{chi_square_upper_tail, ln_chi_square_upper_tail};
pub(crate) use digamma::{digamma_remainder, trigamma_remainder};
pub(crate) use exponential_integral::{LnExponentialIntegral, scaled_exponential_integral};
pub(crate) use gamma::{ln_1p_remainder, stirling_remainder};
pub(crate) use gamma_quantile::{gamma_lower_quantile, gamma_upper_quantile};
pub(crate) use gamma_tail::{gamma_density, gamma_lower_tail, gamma_upper_tail};
pub(crate) use hypergeometric::ln_hypergeometric;
#[cfg(test)]
pub(crate) use ln_gamma::ln_gamma;
pub(crate) use ln_gamma::ln_rising;
pub(crate) use log_concave::{POINTS_16, Quadrature, ln_integral};
pub(crate) use normal::{ln_normal_upper_tail, normal_quantile, normal_upper_tail, two_sided_normal_quantile};
pub(crate) use rising::Rising;
pub(crate) use student_t::{ln_student_t_upper_tail, student_t_quantile, student_t_upper_tail};
