//! What customers of BG/NBD and MBG/NBD will buy, with its derivatives in the parameters.

use super::beta_geometric::{BetaGeometric, ln_growth, softplus};
use super::exponential_table::ExponentialTable;
use super::horizon::HorizonKind;
use super::outlook::Ahead;
use super::sloped::{Sloped, horizon_is_plain, over_periods};
use super::{BetaGeometricOutlook, Horizon};
use crate::decimal::count_to_f64;
use crate::error::{Error, Result};
use crate::special::{BetaMean, LnExponentialIntegral, POINTS_16, beta_mean_with, digamma_remainder};

/// With shapes beyond, means of logarithms lose their digits to the size of the shapes.
const SHAPES: core::ops::RangeInclusive<f64> = 1e-6..=1e7;

impl BetaGeometric {
    /// The probability that a customer is still there.
    ///
    /// ```text
    /// d ln P = - (1 - P) d ln odds,  ln odds = ln a - ln(b + k - 1) + (r + x) ln((alpha + T) / (alpha + t_x))
    /// ```
    pub(super) fn alive(&self, frequency: u64, recency: f64, age: f64) -> Sloped {
        let before = self.first_chance.passed(frequency).checked_sub(1);
        let (Some(before), Some(ln_odds)) = (before, self.ln_odds_left(frequency, recency, age)) else {
            return Sloped { value: 1.0, slopes: [0.0; 4] };
        };
        let (_, gone) = softplus(ln_odds);
        let alive = 1.0 / (1.0 + ln_odds.exp());
        let silence = ln_growth(age - recency, self.alpha + recency);
        let fall = self.alpha / (self.alpha + recency) * ((age - recency) / (self.alpha + age));
        let rx = self.r + count_to_f64(frequency);
        let odds = [self.r * silence, -rx * fall, 1.0, -self.b / (self.b + count_to_f64(before))];
        Sloped::of_logarithm(alive, odds.map(|slope| -gone * slope))
    }

    /// A customer of this frequency, which need not be whole, and age, who is still there.
    fn alive_between(&self, frequency: f64, age: f64) -> BetaGeometricOutlook {
        let passed = frequency + count_to_f64(self.first_chance.passed(0));
        BetaGeometricOutlook { probability_alive: 1.0, r: self.r + frequency, alpha: self.alpha + age, a: self.a, b: self.b + passed }
    }

    /// The discounted purchases of customers of this frequency who are still there, as a function of their age, which is at least `youngest`.
    /// The horizon has been checked.
    pub(super) fn purchases_by_age(
        &self,
        frequency: f64,
        youngest: f64,
        ages: usize,
        horizon: Horizon,
    ) -> impl Fn(f64) -> Result<Sloped> + Sync + use<> {
        let core = *self;
        let table = if ages >= FEWEST_FOR_TABLE { core.table(frequency, youngest, horizon) } else { None };
        move |age| core.purchases_of_age(frequency, age, horizon, table.as_ref())
    }

    fn purchases_of_age(&self, frequency: f64, age: f64, horizon: Horizon, table: Option<&ExponentialTable>) -> Result<Sloped> {
        let outlook = self.alive_between(frequency, age);
        let is_ordinary = SHAPES.contains(&outlook.a) && SHAPES.contains(&outlook.b) && outlook.r <= *SHAPES.end();
        let sloped = if is_ordinary { outlook.sloped_over(horizon, table) } else { None };
        let sloped = match sloped {
            Some(sloped) => sloped.chained([self.r / outlook.r, self.alpha / outlook.alpha, 1.0, self.b / outlook.b]),
            None => Sloped::by_differences(outlook.purchases_over(horizon)?, |[r, alpha, a, b]| {
                let moved = Self { r: self.r * r, alpha: self.alpha * alpha, a: self.a * a, b: self.b * b, ..*self };
                moved.alive_between(frequency, age).purchases_over(horizon)
            })?,
        };
        if sloped.is_finite() { Ok(sloped) } else { Err(Error::Overflow { field: "discounted purchases", capacity: "a double" }) }
    }

    fn table(&self, frequency: f64, youngest: f64, horizon: Horizon) -> Option<ExponentialTable> {
        let rate = match horizon.kind() {
            HorizonKind::Within { discount_rate, .. } | HorizonKind::Unlimited { discount_rate } if discount_rate > 0.0 => discount_rate,
            _ => return None,
        };
        // The least z = rate (alpha + p t) / p, where p = 1.
        ExponentialTable::new(self.r + frequency + 1.0, rate * (self.alpha + youngest))
    }
}

/// A table of some hundred integrals takes as long as the integral over a few ages.
const FEWEST_FOR_TABLE: usize = 3;

impl BetaGeometricOutlook {
    /// The purchases over a horizon of a customer who is still there, if the parameters are not too extreme for it. The derivatives are in the
    /// logarithms of the updated parameters.
    fn sloped_over(&self, horizon: Horizon, table: Option<&ExponentialTable>) -> Option<Sloped> {
        if let Some(time) = horizon_is_plain(horizon) {
            return self.ahead(time).sloped_purchases();
        }
        match horizon.kind() {
            HorizonKind::Within { time, discount_rate } => {
                let stream = SlopedStream { ahead: self.ahead(0.0), rate: discount_rate, table };
                Some(stream.mean(|p| stream.within(p, time)))
            }
            HorizonKind::Unlimited { discount_rate } if discount_rate > 0.0 => {
                let stream = SlopedStream { ahead: self.ahead(0.0), rate: discount_rate, table };
                Some(stream.mean(|p| stream.from(p, 0.0)))
            }
            HorizonKind::Unlimited { .. } => {
                let (a, b) = (self.a, self.b);
                let slopes = [0.0, 0.0, -a * b / ((a - 1.0) * (a - 1.0)), b / (a - 1.0)];
                Some(Sloped { value: (a + b - 1.0) / (a - 1.0), slopes })
            }
            HorizonKind::Periods { periods, length, discount_rate } => {
                let expected = |time: f64| self.ahead(time).sloped_purchases().ok_or(TOO_EXTREME);
                over_periods(periods, length, discount_rate, expected).ok()
            }
        }
    }
}

const TOO_EXTREME: Error = Error::Undefined { metric: "derivative", because: "the parameters are too extreme" };

/// Sums of so many terms are slower than the integral, or about so.
const MOST_TERMS: f64 = 40_000.0;

impl Ahead {
    /// The purchases to be expected of a customer who is still there.
    pub(super) fn sloped_purchases(&self) -> Option<Sloped> {
        if self.time <= 0.0 {
            return Some(Sloped::ZERO);
        }
        if self.is_summed() { self.sloped_sum() } else { Some(self.sloped_mean()) }
    }

    /// The sum over negative binomial probabilities, term by term.
    ///
    /// ```text
    /// d ln P(N = j) / dr       = sum of 1 / (r + i) over i below j, - ln((alpha + t) / alpha)
    /// d ln P(N = j) / dln alpha = r w - j (1 - w),  w = t / (alpha + t)
    /// d ln S(j) / da           = - sum of 1 / (a + b + i),  d ln S(j) / db = sum of a / ((b + i) (a + b + i)),  i below j
    /// ```
    fn sloped_sum(&self) -> Option<Sloped> {
        let &Self { r, alpha, a, b, time } = self;
        let (w, rest_of_w) = (time / (alpha + time), alpha / (alpha + time));
        let growth = ln_growth(time, alpha);
        let (mut probability, mut ln_slope) = ((-r * growth).exp(), -growth);
        let (mut stays, mut bought) = (1.0, 0.0);
        // Of the logarithm of what stays, in -a and in b; of what is bought.
        let (mut stays_a, mut stays_b, mut bought_a, mut bought_b) = (0.0, 0.0, 0.0, 0.0);
        let mut sum = Sloped::ZERO;
        let mut j = 0.0;
        while j < MOST_TERMS {
            bought += stays;
            bought_a += stays * stays_a;
            bought_b += stays * stays_b;
            let whole = 1.0 / (a + b + j);
            stays_a += whole;
            stays_b += a * whole / (b + j);
            stays *= (b + j) * whole;
            let ratio = w * ((r + j) / (j + 1.0));
            probability *= ratio;
            ln_slope += 1.0 / (r + j);
            j += 1.0;
            let term = probability * bought;
            let terms = [term * r * ln_slope, term * (r * w - j * rest_of_w), -a * probability * bought_a, b * probability * bought_b];
            sum.value += term;
            sum.slopes.iter_mut().zip(terms).for_each(|(sum, term)| *sum += term);
            let bound = ratio.max(w) * (1.0 + 1.0 / j);
            // The derivative of a term is larger than the term by a logarithm and by its number.
            if bound < 1.0 && term * (1.0 + j * rest_of_w + r) <= f64::EPSILON / 16.0 * (1.0 - bound) * sum.value {
                return Some(sum);
            }
        }
        None
    }

    /// The mean over the probabilities to leave, as [`purchases`](Self::purchases) has it.
    fn sloped_mean(&self) -> Sloped {
        let &Self { r, alpha, a, b, time } = self;
        let ln_f = |p: f64| self.ln_purchases_given(p);
        let mean = beta_mean_with(
            a,
            b,
            |p| ln_f(p.x),
            |p| {
                let growth = ln_growth(p.x * time, alpha);
                let exponent = r * growth;
                // The derivative of ln(1 - e^-exponent) in the logarithm of the exponent.
                let slope = if exponent > 1e-8 { exponent / exponent.exp_m1() } else { 1.0 - exponent / 2.0 };
                let per_growth = if growth > 1e-8 { p.x * time / (alpha + p.x * time) / growth } else { 1.0 - growth / 2.0 };
                (ln_f(p.x), [slope, -slope * per_growth])
            },
        );
        sloped_mean(mean, a, b)
    }
}

/// The mean with its derivatives, from those of the logarithm of the function in the first two parameters.
fn sloped_mean(mean: BetaMean, a: f64, b: f64) -> Sloped {
    // The mean of the logarithm of a beta variable is the difference of two digamma functions.
    let of_all = digamma_remainder(a + b);
    let in_a = a * (mean.ln_x - (digamma_remainder(a) - of_all - (b / a).ln_1p()));
    let in_b = b * (mean.ln_y - (digamma_remainder(b) - of_all - (a / b).ln_1p()));
    let [first, second] = mean.means;
    Sloped::of_logarithm(mean.ln.exp(), [first, second, in_a, in_b])
}

/// The purchases, discounted, of customers who are still there and leave with a given probability after each: the stream of
/// [`BetaGeometricOutlook::discounted_purchases`] with its derivatives.
struct SlopedStream<'a> {
    ahead: Ahead,
    rate: f64,
    table: Option<&'a ExponentialTable>,
}

impl SlopedStream<'_> {
    fn mean(&self, of: impl Fn(f64) -> (f64, [f64; 2])) -> Sloped {
        let Ahead { a, b, .. } = self.ahead;
        sloped_mean(beta_mean_with(a, b, |p| of(p.x).0, |p| of(p.x)), a, b)
    }

    /// The logarithm of the purchases from a time on, discounted to now, and its derivatives in those of `r` and `alpha`.
    fn from(&self, p: f64, time: f64) -> (f64, [f64; 2]) {
        let Ahead { r, alpha, .. } = self.ahead;
        let growth = ln_growth(p * time, alpha);
        let scale = alpha + p * time;
        let z_times_p = self.rate * scale;
        let z = z_times_p / p;
        let LnExponentialIntegral { ln, in_ln_point, in_order } = if z_times_p >= 1e17 * p * (r + 1.0) {
            LnExponentialIntegral { ln: p.ln() - z_times_p.ln(), in_ln_point: -1.0, in_order: 0.0 }
        } else if let Some(table) = self.table {
            table.at(z)
        } else {
            LnExponentialIntegral::new(r + 1.0, z)
        };
        let value = -self.rate * time - r * growth + r.ln() - p.ln() + ln;
        (value, [1.0 - r * growth + r * in_order, r * (p * time / scale) + in_ln_point * (alpha / scale)])
    }

    /// The same up to a time.
    fn within(&self, p: f64, time: f64) -> (f64, [f64; 2]) {
        let Ahead { r, alpha, .. } = self.ahead;
        if self.rate * time + (r + 1.0) * ln_growth(p * time, alpha) >= 1.0 {
            let ((all, of_all), (later, of_later)) = (self.from(p, 0.0), self.from(p, time));
            let part = (later - all).exp();
            let slope = |(all, later): (f64, f64)| (all - part * later) / (1.0 - part);
            let ([all_r, all_alpha], [later_r, later_alpha]) = (of_all, of_later);
            return (all + (-part).ln_1p(), [slope((all_r, later_r)), slope((all_alpha, later_alpha))]);
        }
        let half = time / 2.0;
        let (mut sum, mut growths, mut falls) = (0.0, 0.0, 0.0);
        for (node, weight) in POINTS_16 {
            for s in [half * (1.0 - node), half * (1.0 + node)] {
                let growth = ln_growth(p * s, alpha);
                let term = weight * (-self.rate * s - (r + 1.0) * growth).exp();
                sum += term;
                growths += term * growth;
                falls += term * (p * s / (alpha + p * s));
            }
        }
        ((r / alpha * half * sum).ln(), [1.0 - r * (growths / sum), (r + 1.0) * (falls / sum) - 1.0])
    }
}

#[cfg(test)]
mod tests {
    use super::super::beta_geometric::FirstChance;
    use super::*;

    const PLACES: [[f64; 4]; 6] = [
        [0.243, 4.414, 0.793, 2.426],
        [0.243, 30.9, 0.793, 2.426],
        [3.0, 0.01, 20.0, 0.5],
        [0.01, 700.0, 1e-3, 50.0],
        [40.0, 60.0, 1.0, 1.0],
        [1.0, 10.0, 2.5, 1e4],
    ];

    const HORIZONS: [HorizonKind; 6] = [
        HorizonKind::Unlimited { discount_rate: 4e-4 },
        HorizonKind::Unlimited { discount_rate: 0.05 },
        HorizonKind::Within { time: 52.0, discount_rate: 0.002 },
        HorizonKind::Within { time: 0.01, discount_rate: 0.002 },
        HorizonKind::Within { time: 39.0, discount_rate: 0.0 },
        HorizonKind::Periods { periods: 3, length: 4.345, discount_rate: 0.01 },
    ];

    fn slopes_agree(got: Sloped, differenced: Sloped, what: &str) {
        assert!((got.value - differenced.value).abs() <= 1e-11 * differenced.value, "{what}: {got:?} is not {differenced:?}");
        for (slope, expected) in got.slopes.iter().zip(differenced.slopes) {
            assert!((slope - expected).abs() <= 3e-9 * expected.abs().max(differenced.value), "{what}: {got:?} is not {differenced:?}");
        }
    }

    #[test]
    fn purchases_of_those_alive_have_the_derivatives_of_their_differences() {
        for first_chance in [FirstChance::AfterRepeatPurchase, FirstChance::AtOnce] {
            for place in PLACES {
                let core = BetaGeometric::new(place, first_chance);
                for horizon in HORIZONS.map(Horizon::from) {
                    for (frequency, age) in [(0, 0.0), (0, 38.9), (3, 20.0), (60, 365.0), (4_000, 300.0)] {
                        let whole = count_to_f64(frequency);
                        let value = core.alive_after(frequency, age).purchases_over(horizon).unwrap();
                        let differenced = Sloped::by_differences(value, |factors| {
                            let [r, alpha, a, b] = super::super::maximum::combine(&place, &factors, |place, factor| place * factor);
                            BetaGeometric::new([r, alpha, a, b], first_chance).alive_after(frequency, age).purchases_over(horizon)
                        })
                        .unwrap();
                        let what = format!("{place:?}, {horizon:?}, {frequency}, {age}");
                        slopes_agree(core.purchases_by_age(whole, age, 1, horizon)(age).unwrap(), differenced, &what);
                        // And with the table of integrals.
                        slopes_agree(core.purchases_by_age(whole, age * 0.9, 9, horizon)(age).unwrap(), differenced, &what);
                    }
                }
            }
        }
    }

    #[test]
    fn without_a_discount_the_sum_to_the_end_has_them_too() {
        let endless = Horizon::from(HorizonKind::Unlimited { discount_rate: 0.0 });
        let core = BetaGeometric::new([0.243, 4.414, 1.7, 2.426], FirstChance::AtOnce);
        let got = core.purchases_by_age(2.0, 30.0, 1, endless)(30.0).unwrap();
        let differenced = Sloped::by_differences(core.alive_after(2, 30.0).purchases_over(endless).unwrap(), |[r, alpha, a, b]| {
            let moved = BetaGeometric::new([0.243 * r, 4.414 * alpha, 1.7 * a, 2.426 * b], FirstChance::AtOnce);
            moved.alive_after(2, 30.0).purchases_over(endless)
        });
        slopes_agree(got, differenced.unwrap(), "endless");
    }

    #[test]
    fn the_probability_alive_has_the_derivatives_of_its_differences() {
        for first_chance in [FirstChance::AfterRepeatPurchase, FirstChance::AtOnce] {
            for place in PLACES {
                for (x, t_x, t) in [(0, 0.0, 30.0), (1, 2.0, 39.0), (1, 39.0, 39.0), (30, 38.0, 38.5), (4_000, 100.0, 120.0)] {
                    let history = super::super::PurchaseHistory::new(x, t_x, t).unwrap();
                    let core = BetaGeometric::new(place, first_chance);
                    let differenced = Sloped::by_differences(core.probability_alive(&history), |factors| {
                        let moved = super::super::maximum::combine(&place, &factors, |place, factor| place * factor);
                        Ok(BetaGeometric::new(moved, first_chance).probability_alive(&history))
                    });
                    let (got, differenced) = (core.alive(x, t_x, t), differenced.unwrap());
                    // Of the exponential of a slope k, the differences are off by (k step)^4 / 30.
                    let steepest = differenced.slopes.iter().fold(differenced.value, |steepest, slope| steepest.max(slope.abs()));
                    let tolerance = 1e-9 + (steepest / differenced.value.max(f64::MIN_POSITIVE)).powi(4) * 1e-13;
                    for (slope, expected) in got.slopes.iter().zip(differenced.slopes) {
                        assert!(
                            (slope - expected).abs() <= tolerance * steepest,
                            "{place:?}, {x}, {t_x}, {t}: {got:?} is not {differenced:?}"
                        );
                    }
                }
            }
        }
    }
}
