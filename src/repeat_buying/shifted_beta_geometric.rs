//! The shifted-beta-geometric model: who renews a contract, and how many times.

use super::beta_geometric::ln_growth;
use super::maximum::{Curvature, Objective};
use super::outlook::{listed, time_ahead};
use super::parameters::parameters;
use super::search::Search;
use super::{Fit, FitOptions, RenewalCounts, RenewalTable};
use crate::decimal::count_to_f64;
use crate::error::{Bound, Error, Result};
use crate::special::{Parts, Rising, ln_beta_mean, ln_hypergeometric, ln_rising};

/// The shifted-beta-geometric model of customers with a contract, who are lost when they do not renew it.
///
/// ```text
/// At the end of each period a customer leaves with probability theta, always the same:
/// theta ~ Beta(alpha, beta) over customers.
///
/// P(T = t) = B(alpha + 1, beta + t - 1) / B(alpha, beta)   lost at the end of period t = 1, 2, ...
/// S(t)     = B(alpha, beta + t) / B(alpha, beta)           still there after t renewals
/// r(t)     = (beta + t - 1) / (alpha + beta + t - 1)       retention rate of period t
/// ```
///
/// The retention rate of a cohort rises with its age though no customer changes: those who leave easily leave first. Projecting a cohort at
/// a constant rate undervalues it. Parameters are pure numbers within 1e-100 to 1e100.
///
/// ```
/// use customer_metrics::repeat_buying::{RenewalTable, ShiftedBetaGeometric};
///
/// let high_end = RenewalTable::from_active(&[1_000, 869, 743, 653, 593, 551, 517, 491])?;
/// let fit = ShiftedBetaGeometric::fit(&high_end)?;
/// assert_eq!(format!("{:.3} {:.3}", fit.model().alpha(), fit.model().beta()), "0.668 3.806");
/// let next: Vec<String> = fit.model().survival_curve(12)?.iter().skip(8).map(|share| format!("{share:.3}")).collect();
/// assert_eq!(next, ["0.460", "0.436", "0.414", "0.395", "0.378"]);
/// # Ok::<(), customer_metrics::Error>(())
/// ```
///
/// Source: P. S. Fader and B. G. S. Hardie, "How to Project Customer Retention", Journal of Interactive Marketing 21 (2007), 76-90; and
/// "Customer-Base Valuation in a Contractual Setting: The Perils of Ignoring Heterogeneity", Marketing Science 29 (2010), 85-93.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(try_from = "ShiftedBetaGeometricState", into = "ShiftedBetaGeometricState")
)]
pub struct ShiftedBetaGeometric {
    alpha: f64,
    beta: f64,
}

const LIFETIME: &str = "expected lifetime";

/// Survival over so many periods is multiplied out.
const MULTIPLIED: u64 = 1_000;

/// Periods are added one by one up to so many.
const ADDED: u64 = 65_535;

/// So small a part is nothing to a sum, even [`ADDED`] times.
const NOTHING: f64 = 1e-22;

parameters! {
    ShiftedBetaGeometric(ShiftedBetaGeometricState), 2, ratios: ["alpha / beta" = 0 / 1]:
    /// The first shape of the probabilities to leave, whose mean is `alpha / (alpha + beta)`.
    alpha,
    /// Their second shape.
    beta,
}

impl ShiftedBetaGeometric {
    /// The likeliest model for these renewals, with its standard errors.
    ///
    /// Where the data are those of a simpler model, the [status](super::FitStatus) says so: nobody lost, everyone lost at once, or a
    /// retention rate that does not rise are at a boundary; renewals of a single period tell `alpha / beta` alone.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nobody came up for renewal.
    pub fn fit(table: &RenewalTable) -> Result<Fit<Self>> {
        Self::fit_with(table, &FitOptions::default())
    }

    /// The likeliest model from a given start or under a penalty.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_with(table: &RenewalTable, options: &FitOptions<Self>) -> Result<Fit<Self>> {
        if table.is_empty() {
            return Err(Error::Undefined { metric: "shifted-beta-geometric fit", because: "nobody came up for renewal" });
        }
        let objective = Renewals::new(table);
        let (lost, kept) = objective.0.iter().fold((0.0, 0.0), |(lost, kept), period| (lost + period.lost, kept + period.kept));
        // At rates of leaving around that of the sample, of much variety, some and little.
        let odds = (kept + 0.5) / (lost + 0.5);
        let starts = [0.3, 1.0, 5.0].map(|alpha| [1.0, 0.3].map(|less| [alpha, alpha * odds * less]).to_vec());
        Search { objective: &objective, part: None, rough: None, starts: &starts, scale: [1.0; 2], n: table.customers() }.fit(options)
    }

    /// The natural logarithm of the likelihood of all customers together.
    ///
    /// ```text
    /// sum over periods of lost x ln(1 - r(t)) + kept x ln r(t)
    /// ```
    #[must_use]
    pub fn log_likelihood_of(&self, table: &RenewalTable) -> f64 {
        Renewals::new(table).curvature(&[self.alpha.ln(), self.beta.ln()]).value
    }

    /// The share of customers who are still there after so many renewals.
    ///
    /// Within 1e-13 relative up to 1,000 renewals, and beyond for `alpha` up to 1; some 1e-10 where both are in the thousands.
    #[must_use]
    pub fn survival(&self, renewals: u32) -> f64 {
        self.survival_from(0, renewals)
    }

    /// Of the customers who have renewed so often, the share who are still there after so many further renewals.
    #[must_use]
    pub fn survival_from(&self, renewals: u32, further: u32) -> f64 {
        let &Self { alpha, beta } = self;
        let from = beta + f64::from(renewals);
        if u64::from(further) > MULTIPLIED {
            return ln_survival(alpha, from, further.into()).exp().min(1.0);
        }
        (0..further).map(|i| from + f64::from(i)).map(|others| others / (alpha + others)).product()
    }

    /// The shares of customers who are still there after 0, 1, ... up to so many renewals.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for more than 1,000,000 renewals.
    pub fn survival_curve(&self, renewals: u32) -> Result<Vec<f64>> {
        let renewals = listed("renewals", renewals)?;
        Ok((0..=renewals).map(|renewals| self.survival(renewals)).collect())
    }

    /// The share of customers who are lost at the end of this period, counted from 1.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for period 0.
    pub fn probability_of_leaving_in(&self, period: u32) -> Result<f64> {
        let before = period_before(period)?;
        Ok(self.survival(before) * self.leaving(before))
    }

    /// The share of those up for renewal at the end of this period, counted from 1, who renew. It rises from period to period.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for period 0.
    pub fn retention_rate(&self, period: u32) -> Result<f64> {
        let before = period_before(period)?;
        let beta = self.beta + f64::from(before);
        Ok(beta / (self.alpha + beta))
    }

    /// The retention rates of the first periods, from 1 up to this one.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for more than 1,000,000 periods.
    pub fn retention_curve(&self, periods: u32) -> Result<Vec<f64>> {
        (1..=listed("periods", periods)?).map(|period| self.retention_rate(period)).collect()
    }

    /// The discounted expected lifetime of a new customer (DEL), in periods: the payments to be expected, the first now, each further one a
    /// period later and worth `1 / (1 + d)` of the one before.
    ///
    /// ```text
    /// sum over t = 0, 1, ... of S(t) / (1 + d)^t = 2F1(1, beta; alpha + beta; 1 / (1 + d));  for d = 0: (alpha + beta - 1) / (alpha - 1)
    /// ```
    ///
    /// Within 2e-12 relative for discount rates from 1e-7 and parameters up to 3,000.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the discount rate is not within 0 to 1e100; [`Error::Undefined`] if it is 0 and `alpha` is 1 or less;
    /// [`Error::Overflow`] if the expectation exceeds the largest double.
    pub fn discounted_expected_lifetime(&self, discount_rate: f64) -> Result<f64> {
        self.lifetime_from(0, discount_rate)
    }

    /// The discounted expected residual lifetime (DERL), in periods, of a customer whose n-th renewal is due now: they have renewed n - 1
    /// times. The payment for this renewal, if it comes, is not discounted.
    ///
    /// ```text
    /// sum over t = n, n + 1, ... of S(t) / S(n - 1) / (1 + d)^(t - n)
    ///   = (beta + n - 1) / (alpha + beta + n - 1)  2F1(1, beta + n; alpha + beta + n; 1 / (1 + d))
    /// ```
    ///
    /// The value of a customer is this times the margin of a period.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::ShiftedBetaGeometric;
    ///
    /// let model = ShiftedBetaGeometric::new(0.668, 3.806)?;
    /// assert_eq!(format!("{:.2}", model.discounted_expected_residual_lifetime(1, 0.1)?), "5.41");
    /// assert_eq!(format!("{:.2}", model.discounted_expected_residual_lifetime(8, 0.1)?), "7.53");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for renewal 0 and if the discount rate is not within 0 to 1e100; [`Error::Undefined`] if it is 0 and `alpha`
    /// is 1 or less; [`Error::Overflow`] if the expectation exceeds the largest double.
    pub fn discounted_expected_residual_lifetime(&self, renewal: u32, discount_rate: f64) -> Result<f64> {
        let rate = self.retention_rate(renewal).map_err(|_| renewal_out_of_bounds(renewal))?;
        Ok(rate * self.lifetime_from(renewal, discount_rate)?)
    }

    /// The discounted lifetime of a new customer that is to be expected within so many periods, the first included.
    ///
    /// ```text
    /// sum over t = 0 ... periods - 1 of S(t) / (1 + d)^t
    /// ```
    ///
    /// It exists for any `alpha`, without a discount too. Within 1e-12 relative.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::ShiftedBetaGeometric;
    ///
    /// let model = ShiftedBetaGeometric::new(0.668, 3.806)?;
    /// assert_eq!(format!("{:.2}", model.discounted_expected_lifetime_within(3, 0.0)?), "2.60");
    /// assert_eq!(format!("{:.2}", model.discounted_expected_lifetime_within(3, 0.1)?), "2.39");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the discount rate is not within 0 to 1e100.
    pub fn discounted_expected_lifetime_within(&self, periods: u32, discount_rate: f64) -> Result<f64> {
        let d = time_ahead("discount rate", discount_rate)?;
        Ok(discounted_periods_within(self.alpha, self.beta, d, periods.into()))
    }

    /// The discounted residual lifetime that is to be expected within so many periods of a customer whose n-th renewal is due now. The
    /// first of the periods is the one that this renewal is for; its payment is not discounted.
    ///
    /// ```text
    /// sum over t = n ... n + periods - 1 of S(t) / S(n - 1) / (1 + d)^(t - n)
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for renewal 0 and if the discount rate is not within 0 to 1e100.
    pub fn discounted_expected_residual_lifetime_within(&self, renewal: u32, periods: u32, discount_rate: f64) -> Result<f64> {
        let rate = self.retention_rate(renewal).map_err(|_| renewal_out_of_bounds(renewal))?;
        let d = time_ahead("discount rate", discount_rate)?;
        Ok(rate * discounted_periods_within(self.alpha, self.beta + f64::from(renewal), d, periods.into()))
    }

    /// The expected lifetime of a new customer, in periods, the first included: `(alpha + beta - 1) / (alpha - 1)`.
    ///
    /// # Errors
    /// [`Error::Undefined`] if `alpha` is 1 or less: some customers stay so long that the mean is infinite.
    pub fn expected_lifetime(&self) -> Result<f64> {
        self.lifetime_from(0, 0.0)
    }

    /// The expected number of periods still to come of a customer whose n-th renewal is due now: `(beta + n - 1) / (alpha - 1)`.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] for renewal 0; [`Error::Undefined`] if `alpha` is 1 or less.
    pub fn expected_residual_lifetime(&self, renewal: u32) -> Result<f64> {
        self.discounted_expected_residual_lifetime(renewal, 0.0)
    }

    /// The discounted expected lifetime of a customer who has just renewed, this period included.
    fn lifetime_from(&self, renewals: u32, discount_rate: f64) -> Result<f64> {
        let d = time_ahead("discount rate", discount_rate)?;
        let (alpha, beta) = (self.alpha, self.beta + f64::from(renewals));
        if d <= 0.0 {
            if alpha <= 1.0 {
                return Err(Error::Undefined { metric: LIFETIME, because: "without a discount it is not finite where alpha is 1 or less" });
            }
            return Ok(1.0 + beta / (alpha - 1.0));
        }
        let lifetime = discounted_periods(alpha, beta, d);
        if lifetime.is_finite() { Ok(lifetime) } else { Err(Error::Overflow { field: LIFETIME, capacity: "a double" }) }
    }

    /// The share of those who have renewed so often who leave at the next renewal.
    fn leaving(&self, renewals: u32) -> f64 {
        self.alpha / (self.alpha + self.beta + f64::from(renewals))
    }

    /// The derivatives of the logarithm of survival in the logarithms of the parameters.
    pub(super) fn survival_slopes(&self, renewals: u32) -> [f64; 2] {
        let whole = Rising::new(self.alpha + self.beta, renewals.into()).first;
        [-self.alpha * whole, self.beta * (Rising::new(self.beta, renewals.into()).first - whole)]
    }
}

fn period_before(period: u32) -> Result<u32> {
    period.checked_sub(1).ok_or_else(|| Error::out_of_bounds("period", period, Bound::AtLeast(1_u64.into())))
}

fn renewal_out_of_bounds(renewal: u32) -> Error {
    Error::out_of_bounds("renewal", renewal, Bound::AtLeast(1_u64.into()))
}

/// The logarithm of `B(alpha, beta + t) / B(alpha, beta)`.
///
/// Within 1e-15 relative for `t` up to 1,000; beyond, within 1e-14 of the smaller of `t` and `alpha`, or of 1.
pub(super) fn ln_survival(alpha: f64, beta: f64, t: u64) -> f64 {
    if t <= MULTIPLIED {
        return (0..t).map(|i| -ln_growth(alpha, beta + count_to_f64(i))).sum();
    }
    let periods = count_to_f64(t);
    if periods < alpha {
        return Rising::new(beta, t).ln - Rising::new(alpha + beta, t).ln;
    }
    ln_rising(beta, alpha) - ln_rising(beta + periods, alpha)
}

/// The sum over t = 0, 1, ... of `B(alpha, beta + t) / B(alpha, beta) / (1 + d)^t`, for `d` above 0.
///
/// ```text
/// 2F1(1, beta; alpha + beta; z) = mean of 1 / (1 - (1 - p) z) over p ~ Beta(alpha, beta),  z = 1 / (1 + d)
/// ```
///
/// The mean where `alpha` would lose its digits in `alpha + beta`.
pub(super) fn discounted_periods(alpha: f64, beta: f64, d: f64) -> f64 {
    let at = Parts { x: 1.0 / (1.0 + d), y: d / (1.0 + d) };
    let ln = if alpha < 1e-3 * beta {
        ln_beta_mean(alpha, beta, |p| -(at.y + p.x * at.x).ln())
    } else {
        ln_hypergeometric(1.0, beta, alpha + beta, at)
    };
    ln.exp()
}

/// The same sum over so many terms, for `d` from 0 on.
///
/// ```text
/// mean of (1 - q^periods) / (1 - q) over p ~ Beta(alpha, beta),  q = (1 - p) / (1 + d)
/// ```
pub(super) fn discounted_periods_within(alpha: f64, beta: f64, d: f64, periods: u64) -> f64 {
    if periods <= ADDED {
        let (mut sum, mut term) = (0.0, 1.0);
        for t in 0..periods {
            sum += term;
            let others = beta + count_to_f64(t);
            term *= others / (alpha + others) / (1.0 + d);
            // The terms fall: all that are left do not change the sum.
            if term <= NOTHING * sum {
                break;
            }
        }
        return sum;
    }
    let k = count_to_f64(periods);
    let ln_sum = |p: Parts| {
        let ln_stay = if p.x < 0.5 { (-p.x).ln_1p() } else { p.y.ln() };
        let exponent = k * (d.ln_1p() - ln_stay);
        if exponent < 1e-8 { k.ln() - exponent / 2.0 } else { (-(-exponent).exp_m1()).ln() - ((p.x + d) / (1.0 + d)).ln() }
    };
    ln_beta_mean(alpha, beta, ln_sum).exp().clamp(0.0, k)
}

/// The renewals of one period of tenure.
#[derive(Debug)]
struct Period {
    /// The periods before.
    before: f64,
    lost: f64,
    kept: f64,
}

/// The log-likelihood of the periods in which anyone came up for renewal.
#[derive(Debug)]
struct Renewals(Vec<Period>);

impl Renewals {
    fn new(table: &RenewalTable) -> Self {
        let periods = table.iter().filter(|(_, counts)| counts.lost > 0 || counts.kept > 0);
        let period = |(number, counts): (u32, RenewalCounts)| Period {
            before: f64::from(number.saturating_sub(1)),
            lost: count_to_f64(counts.lost),
            kept: count_to_f64(counts.kept),
        };
        Self(periods.map(period).collect())
    }
}

impl Objective<2> for Renewals {
    /// Each period is a logistic regression in `ln alpha - ln(beta + t - 1)`.
    fn curvature(&self, logarithms: &[f64; 2]) -> Curvature<2> {
        let [alpha, beta] = logarithms.map(f64::exp);
        let (mut value, mut of_alpha, mut of_beta) = (0.0, 0.0, 0.0);
        let (mut alpha_alpha, mut alpha_beta, mut beta_beta) = (0.0, 0.0, 0.0);
        for &Period { before, lost, kept } in &self.0 {
            let others = beta + before;
            let (leaving, staying) = (alpha / (alpha + others), others / (alpha + others));
            let slope = lost * staying - kept * leaving;
            let bend = -(lost + kept) * leaving * staying;
            // The derivative of the logit in ln beta is -part, that of the part is part (1 - part).
            let (part, rest) = (beta / others, before / others);
            value -= lost * ln_growth(others, alpha) + kept * ln_growth(alpha, others);
            of_alpha += slope;
            of_beta -= part * slope;
            alpha_alpha += bend;
            alpha_beta -= part * bend;
            beta_beta += part * part * bend - part * rest * slope;
        }
        Curvature { value, gradient: [of_alpha, of_beta], hessian: [[alpha_alpha, alpha_beta], [alpha_beta, beta_beta]] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_agree_with_differences() {
        let table = RenewalTable::from_cohorts([&[1_000, 869, 743, 653, 593][..], &[500, 300, 300], &[20, 0]]).unwrap();
        let renewals = Renewals::new(&table);
        for parameters in [[0.668_f64, 3.806], [30.0, 0.01], [1e-3, 500.0]] {
            let at = parameters.map(f64::ln);
            let exact = renewals.curvature(&at);
            let differenced = Curvature::from_gradients(&at, |at| {
                let there = renewals.curvature(at);
                (there.value, there.gradient)
            });
            for row in 0..2 {
                let moved = |by: f64| {
                    let mut point = at;
                    point[row] += by;
                    renewals.curvature(&point).value
                };
                let slope = (moved(1e-4) - moved(-1e-4)) / 2e-4;
                assert!((slope - exact.gradient[row]).abs() <= 1e-5 * exact.gradient[row].abs().max(1e-3), "{slope} and {exact:?}");
                for column in 0..2 {
                    let (got, expected) = (exact.hessian[row][column], differenced.hessian[row][column]);
                    assert!((got - expected).abs() <= 1e-5 * expected.abs().max(1e-3), "{parameters:?}: {got} and {expected}");
                }
            }
        }
    }

    #[test]
    fn the_ways_to_survival_meet() {
        for (alpha, beta) in [(0.668, 3.806), (1e-6, 0.3), (90.0, 2.0), (900.0, 1e5)] {
            let product = ln_survival(alpha, beta, MULTIPLIED);
            let next = ln_survival(alpha, beta, MULTIPLIED + 1);
            let expected = product - ln_growth(alpha, beta + 1_000.0);
            assert!((next - expected).abs() <= 1e-12 * expected.abs().max(0.1), "{alpha}, {beta}: {next} is not {expected}");
        }
    }

    #[test]
    fn slopes_of_survival_agree_with_differences() {
        for (alpha, beta, t) in [(0.668_f64, 3.806_f64, 12), (5.0, 0.1, 3), (0.1, 80.0, 2_000)] {
            let model = ShiftedBetaGeometric::new(alpha, beta).unwrap();
            let moved = |a: f64, b: f64| ln_survival(alpha * a.exp(), beta * b.exp(), t.into());
            let expected = [moved(1e-4, 0.0) - moved(-1e-4, 0.0), moved(0.0, 1e-4) - moved(0.0, -1e-4)].map(|change| change / 2e-4);
            for (got, expected) in model.survival_slopes(t).into_iter().zip(expected) {
                assert!((got - expected).abs() <= 1e-6 * expected.abs(), "{alpha}, {beta}, {t}: {got} is not {expected}");
            }
        }
    }
}
