//! Retention as a logistic curve over the time to resolution.

use core::fmt;
use core::time::Duration;

use rust_decimal::Decimal;

use super::resolution_time_tally::ResolutionTimeTally;
use crate::decimal::{self, count_to_f64};
use crate::error::{Error, Result};
use crate::estimate::{Confidence, Estimate, Interval, Method, SignificanceTest, TestMethod};
use crate::money::MinorUnit;
use crate::money_estimate::MoneyEstimate;

const METRIC: &str = "logistic retention";
const FIT_TEST: &str = "test of fit of a logistic retention";

/// Newton's method on this concave likelihood takes some six steps; halved ones included, never as many as these.
const MOST_STEPS: u32 = 100;

/// A step that promises no more than this part of the logarithm of the likelihood is near enough for Newton's method to need no guard.
const NEAR: f64 = 1e-9;

/// In what the logistic curve is straight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TimeScale {
    /// Each hour weighs the same: x = hours.
    #[default]
    Hours,
    /// Each doubling weighs about the same, as where times run from minutes to weeks: x = ln(1 + hours).
    LogHours,
}

impl TimeScale {
    fn of_hours(self, hours: f64) -> f64 {
        match self {
            Self::Hours => hours,
            Self::LogHours => hours.ln_1p(),
        }
    }

    /// How much x rises per hour.
    fn per_hour(self, hours: f64) -> f64 {
        match self {
            Self::Hours => 1.0,
            Self::LogHours => 1.0 / (1.0 + hours),
        }
    }
}

impl fmt::Display for TimeScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Hours => "hours",
            Self::LogHours => "ln(1 + hours)",
        })
    }
}

/// Retention against the time to resolution as a logistic curve, fitted by maximum likelihood.
///
/// ```text
/// retention(t) = 1 / (1 + exp(-(intercept + slope x(t)))),  x = hours or ln(1 + hours)
/// ```
///
/// A negative slope says that slower resolutions keep fewer customers. The standard errors are those of the inverse information at the
/// optimum, which is right to some 1e-10. The curve does not exist where the times separate those who stayed from those who left (the
/// slope would be infinite), or where all took equally long; both are errors that say so.
///
/// The curve describes who stayed; it does not say that speed was the cause. Complaints that take long are often the hard ones.
///
/// Source: D. R. Cox, "The regression analysis of binary sequences", Journal of the Royal Statistical Society B 20 (1958), 215-242; A.
/// Albert and J. A. Anderson, "On the existence of maximum likelihood estimates in logistic regression models", Biometrika 71 (1984),
/// 1-10, on separation.
///
/// ```
/// use core::time::Duration;
/// use customer_metrics::{Confidence, Decimal, MinorUnit};
/// use customer_metrics::complaint::{ResolutionTime, ResolutionTimeTally, TimeScale};
///
/// let hours = |hours: u64| Duration::from_secs(hours * 3600);
/// let row = |time, stayed, left| ResolutionTime { time: hours(time), stayed, left, unknown: 0 };
/// let tally = ResolutionTimeTally::from_rows([row(1, 45, 5), row(8, 40, 10), row(24, 42, 8), row(72, 20, 30)])?;
///
/// let curve = tally.logistic(TimeScale::Hours)?;
/// assert_eq!(format!("{:.3}", curve.estimate(hours(24), Confidence::P95)), "0.781 (0.711 to 0.838, 95% Wald on the logit, n = 200)");
/// assert!(curve.test_slope()?.p_value() < 1e-6);
///
/// // A customer is worth 300: what is an hour worth, per complaint, when a resolution takes a day?
/// let hour = curve.money_per_hour(hours(24), Decimal::from(300), MinorUnit::CENT, Confidence::P95)?;
/// assert_eq!(hour.money.point().to_string(), "1.73");
/// # Ok::<(), customer_metrics::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct LogisticRetention {
    scale: TimeScale,
    intercept: f64,
    slope: f64,
    /// Variance of the intercept, covariance, variance of the slope.
    covariance: [f64; 3],
    log_likelihood: f64,
    rows: Vec<Row>,
    known: u64,
}

/// The complaints that took equally long.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
struct Row {
    hours: f64,
    x: f64,
    stayed: f64,
    known: f64,
    resolved: f64,
}

impl LogisticRetention {
    pub(super) fn fit(tally: &ResolutionTimeTally, scale: TimeScale) -> Result<Self> {
        let known = tally.retention()?.whole();
        let rows: Vec<Row> = tally
            .rows()
            .map(|row| {
                let hours = row.time.as_secs_f64() / 3600.0;
                let [stayed, left, unknown] = [row.stayed, row.left, row.unknown].map(count_to_f64);
                Row { hours, x: scale.of_hours(hours), stayed, known: stayed + left, resolved: stayed + left + unknown }
            })
            .collect();
        exists(&rows)?;
        let centred = Centred::of(&rows);
        let (line, information, log_likelihood) = centred
            .maximise()
            .ok_or(Error::Undefined { metric: METRIC, because: "the likelihood is too flat for its maximum to be found" })?;
        let [slope, slope_variance] = [line.slope / centred.spread, information.slope_variance() / centred.spread.powi(2)];
        // Back from the centred and scaled times to the hours.
        let mean = centred.mean;
        let crossed = information.crossed() / centred.spread;
        let intercept = line.level - slope * mean;
        let intercept_variance = information.level_variance() - 2.0 * mean * crossed + mean * mean * slope_variance;
        let covariance = [intercept_variance, crossed - mean * slope_variance, slope_variance];
        Ok(Self { scale, intercept, slope, covariance, log_likelihood, rows, known })
    }

    /// In what the curve is straight.
    #[must_use]
    pub fn scale(&self) -> TimeScale {
        self.scale
    }

    /// The logit of retention at 0 hours.
    #[must_use]
    pub fn intercept(&self) -> f64 {
        self.intercept
    }

    /// By how much the logit of retention changes per unit of the scale.
    #[must_use]
    pub fn slope(&self) -> f64 {
        self.slope
    }

    /// The standard errors of intercept and slope.
    #[must_use]
    pub fn standard_errors(&self) -> [f64; 2] {
        let [intercept, _, slope] = self.covariance;
        [intercept.max(0.0).sqrt(), slope.sqrt()]
    }

    /// The logarithm of the likelihood at the optimum.
    #[must_use]
    pub fn log_likelihood(&self) -> f64 {
        self.log_likelihood
    }

    /// How many complaints of known fate are behind it.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.known
    }

    /// Retention when the resolution takes so long, with an interval that is symmetric in the logit.
    #[must_use]
    pub fn estimate(&self, time: Duration, confidence: Confidence) -> Estimate {
        let x = self.scale.of_hours(time.as_secs_f64() / 3600.0);
        let logit = self.intercept + self.slope * x;
        let reach = confidence.two_sided_z() * self.logit_variance(x).sqrt();
        let interval = Interval::ordered(share_at(logit - reach), share_at(logit + reach));
        Estimate::holding(share_at(logit), interval, confidence, Method::LogitWald, self.known)
    }

    /// Whether the time to resolution has anything to do with who stayed: the likelihood-ratio test of a slope of 0.
    ///
    /// ```text
    /// 2 (log-likelihood of the curve - log-likelihood of one share for all),  chi-square with 1 degree
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the statistic is no finite number.
    pub fn test_slope(&self) -> Result<SignificanceTest> {
        let (stayed, known) = self.rows.iter().fold((0.0, 0.0), |(stayed, known), row| (stayed + row.stayed, known + row.known));
        let level = stayed * (stayed / known).ln() + (known - stayed) * ((known - stayed) / known).ln();
        SignificanceTest::from_chi_square(2.0 * (self.log_likelihood - level).max(0.0), 1.0, TestMethod::LikelihoodRatio)
    }

    /// Whether the curve has the right form: the test of Hosmer and Lemeshow in ten groups of about equal size, from the quickest to the
    /// slowest. A small p says that it has not; [`MonotoneRetention`](super::MonotoneRetention) asks for less.
    ///
    /// ```text
    /// sum over groups (stayed - expected)^2 / (n p (1 - p)),  chi-square with groups - 2 degrees,  p = expected / n
    /// ```
    ///
    /// A group is full with a tenth of the complaints. Equal times stay in one group, so there may be fewer than ten, and what is left over at
    /// the end joins the last one if it is less than half a group.
    ///
    /// Source: D. W. Hosmer and S. Lemeshow, "Goodness of fit tests for the multiple logistic regression model", Communications in
    /// Statistics 9 (1980), 1043-1069.
    ///
    /// # Errors
    /// [`Error::Undefined`] with fewer than three groups: the test needs a degree of freedom.
    pub fn test_fit(&self) -> Result<SignificanceTest> {
        const GROUPS: f64 = 10.0;
        let each = count_to_f64(self.known) / GROUPS;
        let mut full: Vec<Group> = Vec::new();
        let mut open = Group::default();
        for row in self.rows.iter().filter(|row| row.known > 0.0) {
            open.add(row.stayed, row.known * share_at(self.intercept + self.slope * row.x), row.known);
            if open.known >= each {
                full.push(core::mem::take(&mut open));
            }
        }
        match full.last_mut() {
            Some(last) if open.known < each / 2.0 => last.add(open.stayed, open.expected, open.known),
            _ => full.push(open),
        }
        let (mut statistic, mut groups) = (0.0, 0.0);
        for Group { stayed, expected, known } in full {
            let variance = expected * (1.0 - expected / known);
            if variance <= 0.0 {
                return Err(Error::Undefined { metric: FIT_TEST, because: "of a group the curve leaves nothing to chance" });
            }
            statistic += (stayed - expected).powi(2) / variance;
            groups += 1.0;
        }
        if groups < 3.0 {
            return Err(Error::Undefined { metric: FIT_TEST, because: "the times make fewer than three groups" });
        }
        SignificanceTest::from_chi_square(statistic, groups - 2.0, TestMethod::HosmerLemeshow)
    }

    /// What one hour less is worth, per complaint, where a resolution takes so long: the slope of the curve there times the value of a
    /// customer. Its interval is that of the delta method.
    ///
    /// ```text
    /// money per hour = -slope x'(t) p (1 - p) x value,  p = retention(t)
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the value is negative; [`Error::Overflow`] if the money does not fit its type.
    pub fn money_per_hour(&self, time: Duration, value: Decimal, unit: MinorUnit, confidence: Confidence) -> Result<SpeedGain> {
        let hours = time.as_secs_f64() / 3600.0;
        let x = self.scale.of_hours(hours);
        let p = share_at(self.intercept + self.slope * x);
        let steepness = self.scale.per_hour(hours) * p * (1.0 - p);
        // The derivatives of the gain by intercept and slope.
        let by_level = -self.slope * steepness * (1.0 - 2.0 * p);
        self.gain(-self.slope * steepness, [by_level, by_level * x - steepness], value, unit, confidence)
    }

    /// What it would be worth if every resolution had come so much sooner, none sooner than at once: customers kept among all that were
    /// resolved, those of unknown fate too, times the value of a customer. Its interval is that of the delta method.
    ///
    /// ```text
    /// customers kept = sum over complaints of retention(t - sooner) - retention(t)
    /// ```
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the value is negative; [`Error::Overflow`] if the money does not fit its type.
    pub fn money_kept(&self, sooner: Duration, value: Decimal, unit: MinorUnit, confidence: Confidence) -> Result<SpeedGain> {
        let sooner = sooner.as_secs_f64() / 3600.0;
        let (mut kept, mut slopes) = (0.0, [0.0; 2]);
        for row in &self.rows {
            let faster = self.scale.of_hours((row.hours - sooner).max(0.0));
            for (x, sign) in [(faster, 1.0), (row.x, -1.0)] {
                let p = share_at(self.intercept + self.slope * x);
                let weight = sign * row.resolved;
                let [by_level, by_slope] = slopes;
                kept += weight * p;
                slopes = [by_level + weight * p * (1.0 - p), by_slope + weight * p * (1.0 - p) * x];
            }
        }
        self.gain(kept, slopes, value, unit, confidence)
    }

    /// So many customers kept, whose number has these derivatives by intercept and slope.
    fn gain(&self, customers: f64, slopes: [f64; 2], value: Decimal, unit: MinorUnit, confidence: Confidence) -> Result<SpeedGain> {
        let value = decimal::non_negative("customer value", value)?;
        let [v00, v01, v11] = self.covariance;
        let [by_level, by_slope] = slopes;
        let variance = by_level * by_level * v00 + 2.0 * by_level * by_slope * v01 + by_slope * by_slope * v11;
        let reach = confidence.two_sided_z() * variance.max(0.0).sqrt();
        let interval = Interval::new(customers - reach, customers + reach)?;
        let customers = Estimate::holding(customers, interval, confidence, Method::Delta, self.known);
        Ok(SpeedGain { customers, money: customers.in_money(value, unit)? })
    }

    fn logit_variance(&self, x: f64) -> f64 {
        let [intercept, crossed, slope] = self.covariance;
        (intercept + x * (2.0 * crossed + x * slope)).max(0.0)
    }
}

/// Complaints of about equal times, for the test of fit.
#[derive(Default)]
struct Group {
    stayed: f64,
    expected: f64,
    known: f64,
}

impl Group {
    fn add(&mut self, stayed: f64, expected: f64, known: f64) {
        self.stayed += stayed;
        self.expected += expected;
        self.known += known;
    }
}

/// What faster resolution is worth: customers, and money rounded to the minor unit.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SpeedGain {
    /// Customers kept; a part of one where it is for one complaint.
    pub customers: Estimate,
    /// What they are worth; below 0 where slower may be better.
    pub money: MoneyEstimate,
}

/// Whether the likelihood has a maximum.
fn exists(rows: &[Row]) -> Result<()> {
    let times = |counts: fn(&Row) -> f64| {
        let mut with = rows.iter().filter(move |row| counts(row) > 0.0).map(|row| row.x);
        let first = with.next()?;
        Some((first, with.next_back().unwrap_or(first)))
    };
    let undefined = |because| Err(Error::Undefined { metric: METRIC, because });
    let (Some(stayed), Some(left)) = (times(|row| row.stayed), times(|row| row.known - row.stayed)) else {
        return undefined("all stayed, or all left: one share says it all");
    };
    if stayed.0.min(left.0) >= stayed.1.max(left.1) {
        return undefined("all resolutions took equally long");
    }
    if stayed.1 <= left.0 || left.1 <= stayed.0 {
        return undefined("a time separates all who stayed from all who left, so that the slope would be infinite");
    }
    Ok(())
}

/// The logistic function.
fn share_at(logit: f64) -> f64 {
    if logit >= 0.0 { 1.0 / (1.0 + (-logit).exp()) } else { logit.exp() / (1.0 + logit.exp()) }
}

/// The rows with times of mean 0 and standard deviation 1, for which the information is well conditioned.
struct Centred<'a> {
    rows: &'a [Row],
    mean: f64,
    spread: f64,
}

/// A line in the logit over centred times.
#[derive(Clone, Copy)]
struct Line {
    level: f64,
    slope: f64,
}

impl Line {
    fn moved(self, step: Self, share: f64) -> Self {
        Self { level: self.level + share * step.level, slope: self.slope + share * step.slope }
    }
}

/// The information matrix of a line.
#[derive(Clone, Copy, Default)]
struct Information {
    level: f64,
    crossed: f64,
    slope: f64,
}

impl Information {
    fn determinant(self) -> f64 {
        self.level * self.slope - self.crossed * self.crossed
    }

    fn level_variance(self) -> f64 {
        self.slope / self.determinant()
    }

    fn slope_variance(self) -> f64 {
        self.level / self.determinant()
    }

    fn crossed(self) -> f64 {
        -self.crossed / self.determinant()
    }
}

impl<'a> Centred<'a> {
    fn of(rows: &'a [Row]) -> Self {
        let known: f64 = rows.iter().map(|row| row.known).sum();
        let mean = rows.iter().map(|row| row.known * row.x).sum::<f64>() / known;
        let spread = (rows.iter().map(|row| row.known * (row.x - mean).powi(2)).sum::<f64>() / known).sqrt();
        Self { rows, mean, spread }
    }

    fn log_likelihood(&self, line: Line) -> f64 {
        let terms = self.rows.iter().map(|row| {
            let logit = self.logit(row, line);
            // Ln p and ln(1 - p) without losing the one that is near 0.
            let [stays, leaves] =
                [-logit, logit].map(|against| if against > 0.0 { -against - (-against).exp().ln_1p() } else { -against.exp().ln_1p() });
            row.stayed * stays + (row.known - row.stayed) * leaves
        });
        terms.sum()
    }

    fn logit(&self, row: &Row, line: Line) -> f64 {
        line.level + line.slope * (row.x - self.mean) / self.spread
    }

    /// The line, the information there and the logarithm of the likelihood.
    fn maximise(&self) -> Option<(Line, Information, f64)> {
        let (stayed, known) = self.rows.iter().fold((0.0, 0.0), |(stayed, known), row| (stayed + row.stayed, known + row.known));
        let mut line = Line { level: (stayed / (known - stayed)).ln(), slope: 0.0 };
        let mut likelihood = self.log_likelihood(line);
        let mut last_promise = f64::INFINITY;
        for _ in 0..MOST_STEPS {
            let ([by_level, by_slope], information) = self.derivatives(line);
            let determinant = information.determinant();
            if determinant.is_nan() || determinant <= 0.0 {
                return None;
            }
            let step = Line {
                level: (information.slope * by_level - information.crossed * by_slope) / determinant,
                slope: (information.level * by_slope - information.crossed * by_level) / determinant,
            };
            // What the likelihood would gain if it were as the step takes it to be.
            let promise = f64::midpoint(by_level * step.level, by_slope * step.slope);
            if promise <= NEAR * (1.0 + likelihood.abs()) {
                // The likelihood no longer shows the gain, the gradient still does: whole steps, until rounding is all that is left.
                if promise >= last_promise / 4.0 || promise <= 0.0 {
                    return Some((line, information, self.log_likelihood(line)));
                }
                (line, last_promise) = (line.moved(step, 1.0), promise);
                continue;
            }
            let halves = core::iter::successors(Some(1.0), |share| (*share > 1e-4).then_some(share / 2.0));
            let mut tried = halves.map(|share| line.moved(step, share)).map(|next| (next, self.log_likelihood(next)));
            (line, likelihood) = tried.find(|&(_, gained)| gained > likelihood)?;
        }
        None
    }

    fn derivatives(&self, line: Line) -> ([f64; 2], Information) {
        let (mut gradient, mut information) = ([0.0; 2], Information::default());
        for row in self.rows {
            let z = (row.x - self.mean) / self.spread;
            let p = share_at(self.logit(row, line));
            let [by_level, by_slope] = gradient;
            let miss = row.stayed - row.known * p;
            gradient = [by_level + miss, by_slope + miss * z];
            let weight = row.known * p * (1.0 - p);
            information.level += weight;
            information.crossed += weight * z;
            information.slope += weight * z * z;
        }
        (gradient, information)
    }
}
