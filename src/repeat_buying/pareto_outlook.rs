//! What is to be expected of one customer by Pareto/NBD.

use super::beta_geometric::ln_growth;
use super::horizon::HorizonKind;
use super::outlook::{listed, time_ahead};
use super::parallel;
use super::pareto_gamma::ParetoGamma;
use super::sloped::{Sloped, horizon_is_plain, over_periods};
use super::{Horizon, PurchaseColumns, PurchaseHistory};
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};
use crate::special::{Beta, Parts, Quadrature, ln_integral};

/// What is to be expected of one customer, new or with a history, by [`ParetoNbd`](super::ParetoNbd).
///
/// Given their history, a customer who is still there is again one of the same kind, with parameters updated by it:
///
/// ```text
/// alive with probability 1 / (1 + odds that they have left), and then
/// rate of buying ~ Gamma(r + x, alpha + T),  rate of leaving ~ Gamma(s, beta + T)
/// ```
///
/// Everything below follows from these five numbers. Times are in the unit of the model, from the end of the watch on (for a new customer:
/// from the first purchase on), from 0 to 1e100. Purchases are repeat purchases.
///
/// ```
/// use customer_metrics::repeat_buying::{ParetoNbd, PurchaseHistory};
///
/// let model = ParetoNbd::new(0.553, 10.578, 0.606, 11.669)?;
/// let outlook = model.outlook(&PurchaseHistory::new(2, 30.43, 38.86)?);
/// assert_eq!(format!("{:.3}", outlook.probability_alive()), "0.869");
/// assert_eq!(format!("{:.3}", outlook.expected_purchases(39.0)?), "1.455");
/// assert_eq!(format!("{:.3}", outlook.probability_of_purchases(0, 39.0)?), "0.408");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ParetoOutlook {
    probability_alive: f64,
    r: f64,
    alpha: f64,
    s: f64,
    beta: f64,
}

impl ParetoOutlook {
    /// The probability that the customer is still there at the end of the watch.
    #[must_use]
    pub fn probability_alive(&self) -> f64 {
        self.probability_alive
    }

    /// The probability that the customer will still be there after so long a time, whatever they buy until then.
    ///
    /// ```text
    /// P(alive) x (beta / (beta + t))^s,  updated parameters
    /// ```
    ///
    /// If they are known to buy nothing until then, their watch is longer:
    ///
    /// ```
    /// use customer_metrics::repeat_buying::{ParetoNbd, PurchaseHistory};
    ///
    /// let model = ParetoNbd::new(0.553, 10.578, 0.606, 11.669)?;
    /// let now = model.outlook(&PurchaseHistory::new(2, 30.43, 38.86)?);
    /// let after_a_silent_year = model.outlook(&PurchaseHistory::new(2, 30.43, 38.86 + 52.0)?);
    /// assert_eq!(format!("{:.3}", now.probability_alive_after(52.0)?), "0.566");
    /// assert_eq!(format!("{:.3}", after_a_silent_year.probability_alive()), "0.245");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the time is not within 0 to 1e100.
    pub fn probability_alive_after(&self, time: f64) -> Result<f64> {
        Ok(self.probability_alive * self.stays(time_ahead("time", time)?))
    }

    /// The purchases that are to be expected within so long a time.
    ///
    /// ```text
    /// P(alive) x r / alpha  beta / (s - 1) (1 - (beta / (beta + t))^(s - 1)),  updated parameters
    /// ```
    ///
    /// The formula (eq. 22 of Schmittlein, Morrison and Colombo 1987) does not exist at `s = 1`, where the expectation does; it is not
    /// computed by the formula. Within 1e-13 relative.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the time is not within 0 to 1e100; [`Error::Overflow`] if the expectation exceeds the largest double.
    pub fn expected_purchases(&self, within: f64) -> Result<f64> {
        self.bought_during("expected purchases", self.time_there(time_ahead("time", within)?))
    }

    /// The probability of exactly so many purchases within so long a time.
    ///
    /// ```text
    /// P(n) = P(alive) x ( P(N(t) = n) (beta / (beta + t))^s + integral of P(N(v) = n) s beta^s (beta + v)^-(s + 1) over v from 0 to t )
    ///        for n = 0, 1 - P(alive) besides;  N(v) negative binomial: purchases within v if nobody left;  updated parameters
    /// ```
    ///
    /// Within 5e-14 relative for a few purchases, and within 1e-12 of mpmath up to 10 million of them and down to 1e-290. Source:
    /// P. S. Fader and B. G. S. Hardie, "Deriving an Expression for P(X(t) = x) Under the Pareto/NBD Model" (2006), where the integral is
    /// written in hypergeometric functions.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the time is not within 0 to 1e100.
    pub fn probability_of_purchases(&self, purchases: u64, within: f64) -> Result<f64> {
        let within = time_ahead("time", within)?;
        let of_alive = if purchases == 0 { self.silent(within) } else { self.buys(count_to_f64(purchases), within) };
        let left = if purchases == 0 { 1.0 - self.probability_alive } else { 0.0 };
        Ok((left + self.probability_alive * of_alive).clamp(0.0, 1.0))
    }

    /// The probabilities of 0, 1, ... up to `most` purchases within so long a time.
    ///
    /// # Errors
    /// As [`probability_of_purchases`](Self::probability_of_purchases); [`Error::OutOfBounds`] if `most` is more than 1,000,000.
    pub fn distribution_of_purchases(&self, most: u32, within: f64) -> Result<Vec<f64>> {
        (0..=u64::from(listed("most", most)?)).map(|purchases| self.probability_of_purchases(purchases, within)).collect()
    }

    /// The purchases within so long a time, each discounted from its moment at a continuous rate; both have been checked.
    pub(super) fn discounted_purchases_within(&self, time: f64, rate: f64) -> Result<f64> {
        let there = if rate > 0.0 { self.discounted_time_there(time, rate) } else { self.time_there(time) };
        self.bought_during(DISCOUNTED, there)
    }

    /// All purchases to come, each discounted from its moment at a continuous rate, which has been checked.
    pub(super) fn discounted_purchases(&self, rate: f64) -> Result<f64> {
        if rate > 0.0 {
            return self.bought_during(DISCOUNTED, self.discounted_time_there(f64::INFINITY, rate));
        }
        if self.s <= 1.0 {
            return Err(Error::Undefined { metric: DISCOUNTED, because: "without a discount they are not finite where s is 1 or less" });
        }
        self.bought_during(DISCOUNTED, self.beta / (self.s - 1.0))
    }

    /// The probability that a customer who is there has not left after so long a time.
    fn stays(&self, time: f64) -> f64 {
        (-self.s * ln_growth(time, self.beta)).exp()
    }

    /// How long a customer who is there will be there, of so much time.
    ///
    /// ```text
    /// integral of (beta / (beta + v))^s over v = beta x integral of exp((1 - s) w) over w from 0 to ln((beta + t) / beta)
    /// ```
    fn time_there(&self, time: f64) -> f64 {
        if time <= NEXT_TO_NOTHING * self.beta {
            return fading(self.s / self.beta, time);
        }
        self.beta * fading(self.s - 1.0, ln_growth(time, self.beta))
    }

    /// The same, discounted. The time may be infinite.
    ///
    /// ```text
    /// integral of exp(-rate v) (beta / (beta + v))^s over v
    ///   = beta x integral of exp((1 - s) w - rate beta (e^w - 1)) over w from 0 to ln((beta + t) / beta)
    /// ```
    fn discounted_time_there(&self, time: f64, rate: f64) -> f64 {
        let &Self { s, beta, .. } = self;
        let decay = rate + s / beta;
        // The customer leaves, or the discount takes all, while their scale hardly changes.
        if time.min(BEYOND / decay) <= NEXT_TO_NOTHING * beta {
            return fading(decay, time);
        }
        let discount = rate * beta;
        let end = ln_growth(time.min(1e300), beta).min((BEYOND / discount).ln_1p());
        let exponent = |w: f64| ((1.0 - s) * w - discount * w.exp_m1(), (1.0 - s) - discount * w.exp());
        beta * ln_integral(0.0, end, exponent).exp()
    }

    fn bought_during(&self, what: &'static str, time_there: f64) -> Result<f64> {
        let expected = self.probability_alive * (self.r / self.alpha) * time_there;
        if expected.is_finite() { Ok(expected) } else { Err(Error::Overflow { field: what, capacity: "a double" }) }
    }

    /// The probability that a customer who is there buys nothing within so long a time.
    fn silent(&self, within: f64) -> f64 {
        let &Self { r, alpha, s, beta, .. } = self;
        let ln_there = -r * ln_growth(within, alpha) - s * ln_growth(within, beta);
        let left = ParetoGamma { r, alpha, s, beta }.ln_odds_left(0, 0.0, within);
        ln_there.exp() + left.map_or(0.0, |ln_odds| (ln_there + ln_odds).exp())
    }

    /// The probability that a customer who is there buys so often within so long a time, which is at least once.
    fn buys(&self, purchases: f64, within: f64) -> f64 {
        if within <= 0.0 {
            return 0.0;
        }
        let &Self { r, alpha, s, beta, .. } = self;
        // The negative binomial probability is this density over the number.
        let bought = Beta::new(purchases, r);
        let (ln_alpha, ln_within) = (alpha.ln(), within.ln());
        let ln_bought = |ln_time: f64| bought.ln_logit_density(ln_time - ln_alpha);
        let stayed = ln_bought(ln_within) - s * ln_growth(within, beta);
        // In the logarithm of the time when they leave.
        let exponent = |ln_time: f64| {
            let time = ln_time.exp();
            let at = Parts::from_logit(ln_time - ln_alpha);
            let value = ln_bought(ln_time) - (s + 1.0) * ln_growth(time, beta) + ln_time;
            (value, purchases * at.y - r * at.x + 1.0 - (s + 1.0) * (time / (beta + time)))
        };
        // Here and before, all of it is a power of the time.
        let early = ln_within.min((alpha / (r + purchases + 1.0)).ln()).min((beta / (s + 1.0)).ln());
        let left = (s / beta).ln() + ln_integral(early - 60.0 / (purchases + 1.0) - 1.0, ln_within, exponent);
        (stayed.exp() + left.exp()) / purchases
    }
}

const DISCOUNTED: &str = "discounted purchases";

/// So small a part of a scale is not seen next to it.
const NEXT_TO_NOTHING: f64 = 1e-18;

/// So many times a decay leave nothing.
const BEYOND: f64 = 2_000.0;

/// The integral of `exp(-rate v)` over `v` from 0 to the time, for any rate; 0 and below too.
fn fading(rate: f64, time: f64) -> f64 {
    let exponent = -rate * time;
    if exponent.abs() < 1e-300 { time } else { -exponent.exp_m1() / rate }
}

impl ParetoGamma {
    /// A customer of this frequency and age who is still there.
    pub(super) fn alive_after(&self, frequency: u64, age: f64) -> ParetoOutlook {
        let &Self { r, alpha, s, beta } = self;
        ParetoOutlook { probability_alive: 1.0, r: r + count_to_f64(frequency), alpha: alpha + age, s, beta: beta + age }
    }

    /// What is to be expected of a customer with this history.
    pub(super) fn outlook(&self, history: &PurchaseHistory) -> ParetoOutlook {
        ParetoOutlook { probability_alive: self.probability_alive(history), ..self.alive_after(history.frequency(), history.age()) }
    }

    pub(super) fn probability_alive_column(&self, columns: PurchaseColumns<'_>) -> Vec<f64> {
        parallel::map_rows(columns.rows(), |row| columns.get(row).map_or(0.0, |history| self.probability_alive(&history)))
    }

    pub(super) fn expected_purchases_column(&self, columns: PurchaseColumns<'_>, within: f64) -> Result<Vec<f64>> {
        let within = time_ahead("time", within)?;
        // What is infinite or no number is an error, of which there is one in the end.
        let of = |row: usize| columns.get(row).map_or(Ok(0.0), |history| self.outlook(&history).expected_purchases(within));
        let expected = parallel::map_rows(columns.rows(), |row| of(row).unwrap_or(f64::NAN));
        match expected.iter().position(|expected| expected.is_nan()) {
            Some(row) => of(row).map(|_| expected).map_err(|error| error.at_row(row)),
            None => Ok(expected),
        }
    }

    pub(super) fn probability_alive(&self, history: &PurchaseHistory) -> f64 {
        let left = self.ln_odds_left(history.frequency(), history.recency(), history.age());
        left.map_or(1.0, |ln_odds| 1.0 / (1.0 + ln_odds.exp()))
    }

    /// Customers leave whatever they buy, and buy at a rate in proportion to `r + x`.
    pub(super) fn multiple(&self, frequency: u64) -> Sloped {
        let rx = self.r + count_to_f64(frequency);
        Sloped::of_logarithm(rx / self.r, [self.r / rx - 1.0, 0.0, 0.0, 0.0])
    }

    /// The discounted purchases of a customer of this frequency and age who is still there, with their derivatives in the logarithms of the
    /// parameters. The horizon has been checked.
    ///
    /// ```text
    /// (r + x) / (alpha + T) x the time there, which depends on s and beta + T
    /// ```
    pub(super) fn purchases_of_age(&self, frequency: f64, age: f64, horizon: Horizon) -> Result<Sloped> {
        let outlook =
            ParetoOutlook { probability_alive: 1.0, r: self.r + frequency, alpha: self.alpha + age, s: self.s, beta: self.beta + age };
        let sloped = match outlook.sloped_time_there(horizon) {
            Some(there) => {
                let rate = Sloped::of_logarithm(outlook.r / outlook.alpha, [self.r / outlook.r, -self.alpha / outlook.alpha, 0.0, 0.0]);
                rate.times(there.chained([0.0, 0.0, 1.0, self.beta / outlook.beta]))
            }
            None => Sloped::by_differences(outlook.purchases_over(horizon)?, |[r, alpha, s, beta]| {
                let moved = Self { r: self.r * r, alpha: self.alpha * alpha, s: self.s * s, beta: self.beta * beta };
                let Self { r, alpha, s, beta } = moved;
                ParetoOutlook { probability_alive: 1.0, r: r + frequency, alpha: alpha + age, s, beta: beta + age }.purchases_over(horizon)
            })?,
        };
        if sloped.is_finite() { Ok(sloped) } else { Err(Error::Overflow { field: DISCOUNTED, capacity: "a double" }) }
    }

    /// The same as a function of the age.
    pub(super) fn purchases_by_age(
        &self,
        frequency: f64,
        _youngest: f64,
        _ages: usize,
        horizon: Horizon,
    ) -> impl Fn(f64) -> Result<Sloped> + Sync + use<> {
        let core = *self;
        move |age| core.purchases_of_age(frequency, age, horizon)
    }
}

impl ParetoOutlook {
    /// How long a customer who is there will be there, discounted, with its derivatives in the logarithms of `s` and `beta`; nothing where
    /// the one is not seen next to the other.
    fn sloped_time_there(&self, horizon: Horizon) -> Option<Sloped> {
        if let Some(time) = horizon_is_plain(horizon) {
            return self.sloped_stay(time, 0.0);
        }
        match horizon.kind() {
            HorizonKind::Within { time, discount_rate } => self.sloped_stay(time, discount_rate),
            HorizonKind::Unlimited { discount_rate } if discount_rate > 0.0 => self.sloped_stay(f64::INFINITY, discount_rate),
            HorizonKind::Unlimited { .. } => {
                let slope = 1.0 / (self.s - 1.0);
                Some(Sloped::of_logarithm(self.beta * slope, [0.0, 0.0, -self.s * slope, 1.0]))
            }
            HorizonKind::Periods { periods, length, discount_rate } => {
                over_periods(periods, length, discount_rate, |time| self.sloped_stay(time, 0.0).ok_or(NOT_SEEN)).ok()
            }
        }
    }

    /// ```text
    /// d ln W / dln s = - s E[w],  d ln W / dln beta = s E[1 - e^-w],  w = ln((beta + v) / beta)
    /// density of w proportional to exp((1 - s) w - rate beta (e^w - 1)),  W its integral
    /// ```
    fn sloped_stay(&self, time: f64, rate: f64) -> Option<Sloped> {
        let &Self { s, beta, .. } = self;
        if time <= 0.0 {
            return Some(Sloped::ZERO);
        }
        let decay = rate + s / beta;
        if time.min(BEYOND / decay) <= NEXT_TO_NOTHING * beta {
            return None;
        }
        let discount = rate * beta;
        let reach = if rate > 0.0 { (BEYOND / discount).ln_1p() } else { f64::INFINITY };
        let end = ln_growth(time.min(1e300), beta).min(reach);
        let exponent = |w: f64| ((1.0 - s) * w - discount * w.exp_m1(), (1.0 - s) - discount * w.exp());
        let quadrature = Quadrature::new(0.0, end, exponent);
        let (mut total, mut mean, mut mean_share) = (0.0, 0.0, 0.0);
        quadrature.for_each(|w, width| {
            let mass = width * quadrature.mass(exponent(w).0);
            total += mass;
            mean += mass * w;
            mean_share -= mass * (-w).exp_m1();
        });
        let value = beta * (quadrature.top + total.ln()).exp();
        Some(Sloped::of_logarithm(value, [0.0, 0.0, -s * (mean / total), s * (mean_share / total)]))
    }
}

const NOT_SEEN: Error = Error::Undefined { metric: "derivative", because: "the time is not seen next to the scale" };

#[cfg(test)]
mod tests {
    use super::super::maximum::combine;
    use super::*;

    #[test]
    fn purchases_of_those_alive_have_the_derivatives_of_their_differences() {
        let horizons = [
            HorizonKind::Unlimited { discount_rate: 4e-4 },
            HorizonKind::Unlimited { discount_rate: 0.05 },
            HorizonKind::Within { time: 52.0, discount_rate: 0.002 },
            HorizonKind::Within { time: 39.0, discount_rate: 0.0 },
            HorizonKind::Periods { periods: 3, length: 4.345, discount_rate: 0.01 },
        ]
        .map(Horizon::from);
        let places =
            [[0.55, 10.6, 0.61, 11.7], [2.0, 30.0, 0.05, 0.8], [0.01, 0.3, 4.0, 900.0], [40.0, 60.0, 1.0, 3e4], [1.0, 1.0, 2.0, 1e21]];
        for place in places {
            for horizon in horizons {
                for (frequency, age) in [(0, 0.0), (3, 38.9), (4_000, 300.0)] {
                    let of = |place: [f64; 4]| ParetoGamma::new(place).alive_after(frequency, age).purchases_over(horizon);
                    let value = of(place).unwrap();
                    let differenced =
                        Sloped::by_differences(value, |factors| of(combine(&place, &factors, |place, factor| place * factor)));
                    let (got, differenced) =
                        (ParetoGamma::new(place).purchases_of_age(count_to_f64(frequency), age, horizon).unwrap(), differenced.unwrap());
                    assert!((got.value - value).abs() <= 1e-13 * value, "{place:?}, {horizon:?}: {got:?} is not {differenced:?}");
                    for (slope, expected) in got.slopes.iter().zip(differenced.slopes) {
                        assert!((slope - expected).abs() <= 3e-10 * value, "{place:?}, {horizon:?}: {got:?} is not {differenced:?}");
                    }
                }
            }
        }
    }
}
