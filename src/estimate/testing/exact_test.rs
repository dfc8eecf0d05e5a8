//! Exact tests of shares: binomial against an assumed share, Fisher's for two shares.

use crate::decimal::count_to_f64;
use crate::error::{Error, Result};
use crate::estimate::{Alternative, NullDistribution, SignificanceTest, TestMethod};
use crate::proportion::Proportion;
use crate::share::Share;
use crate::special::{Beta, Parts, ln_binomial_probability, ln_hypergeometric_probability};

/// Counts whose logarithms of probability are as near as this to that of the observed count are taken to be as probable: R's tolerance.
const AS_PROBABLE: f64 = 1e-7;

/// The tails of the hypergeometric distribution are summed; more terms than this are refused.
const MOST_TERMS: u32 = 20_000_000;

impl Share {
    /// Whether the true share differs from an assumed one, such as a target: the exact binomial test.
    ///
    /// ```text
    /// P(X = x) = C(n, x) p^x (1 - p)^(n - x)
    /// greater: P(X >= k),  less: P(X <= k)
    /// two-sided: the sum of all P(X = x) that are not larger than P(X = k)
    /// ```
    ///
    /// Two-sided, that is the method of small p-values, which R's `binom.test` uses as well, with the same tolerance of 1e-7 for what is
    /// equally probable. Clopper and Pearson's interval inverts another one, twice the smaller of the two tails: near their ends the two may
    /// disagree. The p-value is within 1e-12 relative of the exact sum, for a hundred million answers and p-values from 1e-17.
    ///
    /// Source: W. J. Conover, "Practical Nonparametric Statistics", 3rd edition (1999), section 3.1.
    ///
    /// ```
    /// use customer_metrics::{Proportion, Share, estimate::Alternative};
    ///
    /// // Mendel's peas: 682 of 925, where three quarters were expected.
    /// let expected = Proportion::from_percent("75".parse().unwrap())?;
    /// let test = Share::new(682, 925)?.exact_test_against(expected, Alternative::TwoSided)?;
    /// assert_eq!(test.to_string(), "count = 682, p = 0.382 (two-sided exact binomial test)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Undefined`] for an assumed share of none or all, which a single answer refutes.
    pub fn exact_test_against(&self, assumed: Proportion, alternative: Alternative) -> Result<SignificanceTest> {
        let at = Parts { x: assumed.to_f64(), y: assumed.complement().to_f64() };
        if at.x <= 0.0 || at.y <= 0.0 {
            return Err(Error::Undefined { metric: "exact binomial test", because: "the assumed share is none or all" });
        }
        let trials = Trials { n: self.whole(), at };
        let k = self.part();
        let tail = match alternative {
            Alternative::Greater => trials.at_least(k),
            Alternative::Less => trials.at_most(k),
            Alternative::TwoSided => {
                let mode = trials.mode();
                match opposite(k, mode, 0, self.whole(), |x| trials.ln_probability(x)) {
                    Opposite::All => Tail::ALL,
                    Opposite::From(x) => trials.at_most(k).and(trials.at_least(x)),
                    Opposite::UpTo(x) => trials.at_least(k).and(trials.at_most(x)),
                    Opposite::Nothing if k < mode => trials.at_most(k),
                    Opposite::Nothing => trials.at_least(k),
                }
            }
        };
        Ok(tail.test(k, NullDistribution::Binomial, alternative, TestMethod::ExactBinomial))
    }

    /// Whether this share differs from the other, of independent groups: Fisher's exact test.
    ///
    /// Given how many count in both groups together, the count of this group is hypergeometric where there is no difference. Two-sided it
    /// is by small p-values, as in R's `fisher.test`. It never rejects more often than its level says, and with small counts much less
    /// often. The p-value is within 1e-12 relative of the exact sum, for a hundred million answers.
    ///
    /// Source: R. A. Fisher, "The Logic of Inductive Inference", Journal of the Royal Statistical Society 98 (1935), 39-82.
    ///
    /// ```
    /// use customer_metrics::{Share, estimate::Alternative};
    ///
    /// // The lady tasting tea: of four cups with milk first she named three, of the others one.
    /// let (milk_first, tea_first) = (Share::new(3, 4)?, Share::new(1, 4)?);
    /// let test = milk_first.fisher_exact_test(&tea_first, Alternative::Greater)?;
    /// assert_eq!(test.to_string(), "count = 3, p = 0.243 (one-sided, greater Fisher's exact test)");
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Overflow`] if there are more than 64 bits of answers, or if the sum has more than 20 million terms that count, as it can
    /// have beyond some 10^13 answers: there the z test gives the same.
    pub fn fisher_exact_test(&self, other: &Self, alternative: Alternative) -> Result<SignificanceTest> {
        let table = FixedMargins::of(self, other)?;
        let k = self.part();
        let tail = match alternative {
            Alternative::Greater => table.at_least(k)?,
            Alternative::Less => table.at_most(k)?,
            Alternative::TwoSided => {
                let mode = table.mode();
                match opposite(k, mode, table.low(), table.high(), |x| table.ln_probability(x)) {
                    Opposite::All => Tail::ALL,
                    Opposite::From(x) => table.at_most(k)?.and(table.at_least(x)?),
                    Opposite::UpTo(x) => table.at_least(k)?.and(table.at_most(x)?),
                    Opposite::Nothing if k < mode => table.at_most(k)?,
                    Opposite::Nothing => table.at_least(k)?,
                }
            }
        };
        Ok(tail.test(k, NullDistribution::Hypergeometric, alternative, TestMethod::FisherExact))
    }
}

/// A probability with its logarithm.
#[derive(Debug, Clone, Copy)]
struct Tail {
    probability: f64,
    ln: f64,
}

impl Tail {
    const ALL: Self = Self { probability: 1.0, ln: 0.0 };

    fn and(self, other: Self) -> Self {
        let (more, less) = (self.ln.max(other.ln), self.ln.min(other.ln));
        Self { probability: self.probability + other.probability, ln: more + (less - more).exp().ln_1p() }
    }

    fn test(self, k: u64, distribution: NullDistribution, alternative: Alternative, method: TestMethod) -> SignificanceTest {
        SignificanceTest::exact(count_to_f64(k), distribution, alternative, method, (self.probability, self.ln))
    }
}

/// The counts on the other side of the most probable one that are no more probable than the observed one.
enum Opposite {
    /// The observed count is as probable as any.
    All,
    From(u64),
    UpTo(u64),
    Nothing,
}

/// `ln_probability` rises up to `mode` and falls from there.
fn opposite(observed: u64, mode: u64, low: u64, high: u64, ln_probability: impl Fn(u64) -> f64) -> Opposite {
    let bound = ln_probability(observed) + AS_PROBABLE;
    let is_within = |x: u64| ln_probability(x) <= bound;
    if is_within(mode) {
        return Opposite::All;
    }
    if observed < mode {
        if !is_within(high) {
            return Opposite::Nothing;
        }
        // The mode is not within, the high end is.
        let (mut outside, mut inside) = (mode, high);
        while inside.saturating_sub(outside) > 1 {
            let middle = outside.midpoint(inside);
            if is_within(middle) { inside = middle } else { outside = middle }
        }
        Opposite::From(inside)
    } else {
        if !is_within(low) {
            return Opposite::Nothing;
        }
        let (mut inside, mut outside) = (low, mode);
        while outside.saturating_sub(inside) > 1 {
            let middle = inside.midpoint(outside);
            if is_within(middle) { inside = middle } else { outside = middle }
        }
        Opposite::UpTo(inside)
    }
}

struct Trials {
    n: u64,
    at: Parts,
}

impl Trials {
    /// The most probable count; where rounding takes its neighbour, the two are equally probable.
    fn mode(&self) -> u64 {
        let mode = ((count_to_f64(self.n) + 1.0) * self.at.x).floor();
        // Of a whole double, the text is exact; there is no checked conversion.
        format!("{mode:.0}").parse().map_or(self.n, |mode: u64| mode.min(self.n))
    }

    fn ln_probability(&self, k: u64) -> f64 {
        ln_binomial_probability(count_to_f64(k), count_to_f64(self.n.saturating_sub(k)), self.at.x, self.at.y)
    }

    fn at_most(&self, k: u64) -> Tail {
        if k >= self.n {
            return Tail::ALL;
        }
        let mirrored = Parts { x: self.at.y, y: self.at.x };
        Self::tail(self.n.saturating_sub(k), k, mirrored)
    }

    fn at_least(&self, k: u64) -> Tail {
        if k == 0 {
            return Tail::ALL;
        }
        Self::tail(k, self.n.saturating_sub(k), self.at)
    }

    /// At least `k` of `k + rest`, through the beta distribution.
    fn tail(k: u64, rest: u64, at: Parts) -> Tail {
        let beta = Beta::new(count_to_f64(k), count_to_f64(rest) + 1.0);
        Tail { probability: beta.lower_tail(at), ln: beta.ln_lower_tail(at) }
    }
}

/// A two-by-two table of which both margins are known.
struct FixedMargins {
    first: u64,
    second: u64,
    together: u64,
}

impl FixedMargins {
    fn of(first: &Share, second: &Share) -> Result<Self> {
        let all = first.merge(second)?;
        Ok(Self { first: first.whole(), second: second.whole(), together: all.part() })
    }

    /// The smallest count that the first group can have.
    fn low(&self) -> u64 {
        self.together.saturating_sub(self.second)
    }

    /// The largest.
    fn high(&self) -> u64 {
        self.together.min(self.first)
    }

    fn mode(&self) -> u64 {
        let wide = |count: u64| u128::from(count);
        let above = wide(self.first).saturating_add(1).saturating_mul(wide(self.together).saturating_add(1));
        let below = wide(self.first).saturating_add(wide(self.second)).saturating_add(2);
        u64::try_from(above.checked_div(below).unwrap_or(0)).map_or(self.high(), |mode| mode.clamp(self.low(), self.high()))
    }

    fn ln_probability(&self, k: u64) -> f64 {
        let rest = self.first.saturating_sub(k);
        let all_rest = self.first.saturating_add(self.second).saturating_sub(self.together);
        ln_hypergeometric_probability([k, rest].map(count_to_f64), [self.together, all_rest].map(count_to_f64))
    }

    fn at_least(&self, k: u64) -> Result<Tail> {
        if k <= self.low() {
            return Ok(Tail::ALL);
        }
        if k <= self.mode() {
            // The other tail is the smaller one, and known to the last digit of 1.
            return Ok(complement(self.sum_down(k.saturating_sub(1))?));
        }
        self.sum_up(k)
    }

    fn at_most(&self, k: u64) -> Result<Tail> {
        if k >= self.high() {
            return Ok(Tail::ALL);
        }
        if k >= self.mode() {
            return Ok(complement(self.sum_up(k.saturating_add(1))?));
        }
        self.sum_down(k)
    }

    /// From `k` on, above the mode.
    fn sum_up(&self, k: u64) -> Result<Tail> {
        let [first, together] = [self.first, self.together].map(count_to_f64);
        // The fourth cell of the table where k is the first.
        let spare = count_to_f64(self.second) - together;
        self.sum(k, |x| (first - x) / (x + 1.0) * ((together - x) / (spare + x + 1.0)), 1.0)
    }

    /// Up to `k`, below the mode.
    fn sum_down(&self, k: u64) -> Result<Tail> {
        let [first, together] = [self.first, self.together].map(count_to_f64);
        let spare = count_to_f64(self.second) - together;
        self.sum(k, |x| x / (first - x + 1.0) * ((spare + x) / (together - x + 1.0)), -1.0)
    }

    /// The sum of falling terms from `k` on, each `ratio` times the one before.
    fn sum(&self, k: u64, ratio: impl Fn(f64) -> f64, step: f64) -> Result<Tail> {
        let (mut x, mut term, mut sum) = (count_to_f64(k), 1.0, 1.0);
        for _ in 0..MOST_TERMS {
            term *= ratio(x);
            if term <= f64::EPSILON / 64.0 * sum {
                let ln = self.ln_probability(k) + f64::ln(sum);
                return Ok(Tail { probability: ln.exp().min(1.0), ln: ln.min(0.0) });
            }
            sum += term;
            x += step;
        }
        Err(Error::Overflow { field: "Fisher's exact test", capacity: "20 million terms" })
    }
}

fn complement(tail: Tail) -> Tail {
    Tail { probability: 1.0 - tail.probability, ln: (-tail.probability).ln_1p().max(f64::MIN) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::wide_count_to_f64;

    /// Every probability, summed as a fraction of whole numbers.
    fn by_enumeration(weights: &[u128], observed: usize, alternative: Alternative) -> f64 {
        let all: u128 = weights.iter().sum();
        let part: u128 = match alternative {
            Alternative::Greater => weights[observed..].iter().sum(),
            Alternative::Less => weights[..=observed].iter().sum(),
            Alternative::TwoSided => weights.iter().filter(|&&weight| weight <= weights[observed]).sum(),
        };
        wide_count_to_f64(part) / wide_count_to_f64(all)
    }

    fn binomials(n: u64) -> Vec<u128> {
        (0..n).fold(vec![1], |mut row, k| {
            row.push(row[row.len() - 1] * u128::from(n - k) / u128::from(k + 1));
            row
        })
    }

    const SIDES: [Alternative; 3] = [Alternative::TwoSided, Alternative::Greater, Alternative::Less];

    #[test]
    fn the_binomial_test_is_the_sum_of_its_probabilities() {
        for n in [1, 2, 5, 12, 30] {
            for quarters in [1_u32, 2, 3] {
                let assumed = Proportion::from_percent((quarters * 25).into()).unwrap();
                let weights: Vec<u128> = binomials(n)
                    .iter()
                    .zip(0_u32..)
                    .map(|(c, k)| c * u128::from(quarters).pow(k) * u128::from(4 - quarters).pow(n as u32 - k))
                    .collect();
                for k in 0..=n {
                    for side in SIDES {
                        let test = Share::new(k, n).unwrap().exact_test_against(assumed, side).unwrap();
                        let expected = by_enumeration(&weights, k as usize, side);
                        assert!((test.p_value() - expected).abs() <= 1e-13 * expected, "{k} of {n}: {test} is not {expected}");
                        assert!((test.ln_p_value() - expected.ln()).abs() <= 1e-13 * expected.ln().abs().max(0.1), "{test}");
                    }
                }
            }
        }
    }

    #[test]
    fn fisher_s_test_is_the_sum_of_its_probabilities() {
        for (n1, n2, together) in [(4, 4, 4), (1, 9, 3), (12, 5, 9), (20, 20, 20), (17, 40, 25), (3, 3, 6), (5, 7, 0)] {
            let (low, high) = (together - n2.min(together), n1.min(together));
            let (mine, theirs) = (binomials(n1), binomials(n2));
            let weights: Vec<u128> = (low..=high).map(|k| mine[k as usize] * theirs[(together - k) as usize]).collect();
            for k in low..=high {
                for side in SIDES {
                    let (a, b) = (Share::new(k, n1).unwrap(), Share::new(together - k, n2).unwrap());
                    let test = a.fisher_exact_test(&b, side).unwrap();
                    let expected = by_enumeration(&weights, (k - low) as usize, side);
                    assert!((test.p_value() - expected).abs() <= 1e-13 * expected, "{a}, {b}: {test} is not {expected}");
                    let swapped = b.fisher_exact_test(&a, side.reversed()).unwrap();
                    assert!((swapped.p_value() - expected).abs() <= 1e-13 * expected, "{a}, {b}: {swapped} is not {expected}");
                }
            }
        }
    }

    /// Mpmath at 40 digits, summed by the ratio of neighbouring probabilities.
    #[test]
    fn large_counts_agree_with_sums_of_many_digits() {
        for (k1, n1, k2, n2, greater, less) in [
            (30_050, 100_000, 29_000, 100_000, 1.357_070_522_384_549_622_6e-7, 0.999_999_871_201_383_108),
            (5_000_000, 10_000_000, 5_005_000, 10_000_000, 0.987_340_988_689_131_081_82, 0.012_688_301_264_520_866_946),
            (2_000_000, 100_000_000, 2_010_000, 100_000_000, 0.999_999_773_353_963_543_18, 2.278_450_480_999_204_817_9e-7),
        ] {
            let (a, b) = (Share::new(k1, n1).unwrap(), Share::new(k2, n2).unwrap());
            for (side, expected) in [(Alternative::Greater, greater), (Alternative::Less, less)] {
                let got = a.fisher_exact_test(&b, side).unwrap().p_value();
                assert!((got - expected).abs() <= 1e-12 * expected, "{a}, {b}: {got} is not {expected}");
            }
        }
        for (k, n, assumed, greater, less) in [
            (5_005_000, 10_000_000, "0.5", 0.000_783_550_952_847_699_240_46, 0.999_218_149_119_863_611_8),
            (12_345_678, 100_000_000, "0.1234", 0.042_159_754_246_208_903_819, 0.957_867_577_423_125_373_72),
        ] {
            let (share, assumed) = (Share::new(k, n).unwrap(), Proportion::new(assumed.parse().unwrap()).unwrap());
            for (side, expected) in [(Alternative::Greater, greater), (Alternative::Less, less)] {
                let got = share.exact_test_against(assumed, side).unwrap().p_value();
                assert!((got - expected).abs() <= 1e-12 * expected, "{share}: {got} is not {expected}");
            }
        }
    }

    #[test]
    fn what_is_too_large_to_sum_is_refused() {
        let (a, b) = (Share::new(1 << 61, 1 << 62).unwrap(), Share::new((1 << 61) + 1, 1 << 62).unwrap());
        assert!(matches!(a.fisher_exact_test(&b, Alternative::Less), Err(Error::Overflow { .. })));
        let most = Share::new(1, u64::MAX).unwrap();
        assert!(most.fisher_exact_test(&most, Alternative::Less).is_err());
        assert!(most.exact_test_against(Proportion::ZERO, Alternative::Less).is_err());
        for side in SIDES {
            let test = most.exact_test_against(Proportion::from_percent(50_u64.into()).unwrap(), side).unwrap();
            assert!(test.ln_p_value().is_finite() && test.p_value() <= 1.0, "{test}");
        }
    }
}
