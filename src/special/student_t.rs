//! Student's t distribution, through the beta distribution of `degrees / (degrees + t^2)`.

use core::f64::consts::LN_2;

use super::beta::{Beta, Parts};
use super::ln_gamma::ln_beta;
use super::normal::{ln_normal_upper_tail, normal_quantile, normal_upper_tail};

/// From so many degrees of freedom on it is the normal distribution to the last digit, as far as its tails are doubles.
const NORMAL_FROM: f64 = 1e20;

/// Below this ratio the first term of the beta distribution's series is all of it.
const LEAST_RATIO: f64 = 1e-200;

/// The probability that Student's t with so many degrees of freedom, more than 0 and not necessarily whole, lies above `t`.
pub(crate) fn student_t_upper_tail(t: f64, degrees: f64) -> f64 {
    if degrees >= NORMAL_FROM {
        return normal_upper_tail(t);
    }
    let at = squared(t, degrees);
    let tail = if at.x < LEAST_RATIO { ln_far_tail(t.abs(), degrees).exp() } else { Beta::new(degrees / 2.0, 0.5).lower_tail(at) / 2.0 };
    if t < 0.0 { 1.0 - tail } else { tail }
}

/// Its logarithm, far below the smallest double.
pub(crate) fn ln_student_t_upper_tail(t: f64, degrees: f64) -> f64 {
    if degrees >= NORMAL_FROM {
        return ln_normal_upper_tail(t);
    }
    if t < 0.0 {
        return (-student_t_upper_tail(-t, degrees)).ln_1p();
    }
    let at = squared(t, degrees);
    if at.x < LEAST_RATIO { ln_far_tail(t, degrees) } else { Beta::new(degrees / 2.0, 0.5).ln_lower_tail(at) - LN_2 }
}

/// The `t` above which Student's t with so many degrees of freedom lies with probability `tail`, strictly between 0 and 1.
pub(crate) fn student_t_quantile(tail: f64, degrees: f64) -> f64 {
    if tail > 0.5 {
        return -student_t_quantile(1.0 - tail, degrees);
    }
    if degrees >= NORMAL_FROM {
        return -normal_quantile(tail);
    }
    // What `ln_far_tail` inverts to.
    let a = degrees / 2.0;
    let ln_far_ratio = -((2.0 * tail).ln() + a.ln() + ln_beta(a, 0.5)) / a;
    if ln_far_ratio > -LEAST_RATIO.ln() {
        return f64::midpoint(ln_far_ratio, degrees.ln()).exp().min(f64::MAX);
    }
    let ratio = if tail <= 0.25 {
        let Parts { x, y } = Beta::new(degrees / 2.0, 0.5).quantile(2.0 * tail);
        y / x
    } else if tail < 0.5 {
        let Parts { x, y } = Beta::new(0.5, degrees / 2.0).quantile(1.0 - 2.0 * tail);
        x / y
    } else {
        0.0
    };
    (ratio.sqrt() * degrees.sqrt()).min(f64::MAX)
}

/// `degrees / (degrees + t^2)`, and what is missing to 1.
fn squared(t: f64, degrees: f64) -> Parts {
    let ratio = (t / degrees * t).min(f64::MAX);
    Parts { x: 1.0 / (1.0 + ratio), y: ratio / (1.0 + ratio) }
}

/// The logarithm of the tail where `t^2 / degrees` is so large that nothing is left beside it.
fn ln_far_tail(t: f64, degrees: f64) -> f64 {
    let a = degrees / 2.0;
    a * (degrees.ln() - 2.0 * t.ln()) - a.ln() - ln_beta(a, 0.5) - LN_2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::accuracy::{relative_error, student_t_rows};

    #[test]
    fn tails_and_quantiles_agree_with_mpmath() {
        for row in student_t_rows() {
            let tolerance = row.tolerance();
            let got = student_t_upper_tail(row.t, row.degrees);
            assert!(row.upper < 1e-300 || relative_error(got, row.upper) <= tolerance, "{row:?}: {got:e}");
            let ln_got = ln_student_t_upper_tail(row.t, row.degrees);
            assert!((ln_got - row.ln_upper).abs() <= 4e-15 * row.ln_upper.abs().max(1.0), "{row:?}: {ln_got}");
            if row.upper > 1e-300 && row.upper < 0.499 {
                let back = student_t_quantile(row.upper, row.degrees);
                assert!(relative_error(back, row.t) <= tolerance / row.degrees.clamp(1e-3, 1.0), "{row:?}: {back:e}");
            }
        }
    }

    /// Mpmath 1.4.1 at 36 digits.
    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (degrees, tail, t) in [
            (1.0, 0.025, 12.706_204_736_174_704_646),
            (1.0, 0.1, 3.077_683_537_175_253_402_6),
            (3.0, 0.025, 3.182_446_305_283_709_592_7),
            (10.0, 0.025, 2.228_138_851_986_274_748_4),
            (10.0, 0.1, 1.372_183_641_110_335_627_2),
            (100.0, 0.025, 1.983_971_518_523_552_286_6),
            (1e6, 0.025, 1.959_966_356_814_107_035_3),
        ] {
            let (back, got) = (student_t_quantile(tail, degrees), student_t_upper_tail(t, degrees));
            assert!(relative_error(back, t) <= 8e-15, "{degrees} {tail}: {back} is not {t}");
            assert!(relative_error(got, tail) <= 8e-15, "{degrees} {t}: {got} is not {tail}");
        }
    }

    #[test]
    fn the_middle_is_0_and_both_sides_mirror() {
        for degrees in [1e-3, 0.5, 1.0, 7.3, 1e6, 1e18, 1e19, 1e21] {
            assert!(student_t_quantile(0.5, degrees).abs() <= 0.0);
            assert!((student_t_upper_tail(0.0, degrees) - 0.5).abs() <= 0.0);
            for tail in [1e-12, 0.01, 0.2, 0.3, 0.49] {
                let t = student_t_quantile(tail, degrees);
                assert!(t > 0.0 && t.is_finite());
                assert!((student_t_upper_tail(-t, degrees) + student_t_upper_tail(t, degrees) - 1.0).abs() <= 1e-15);
                assert!((student_t_quantile(1.0 - tail, degrees) + t).abs() <= 1e-15 * t / tail);
            }
        }
    }

    #[test]
    fn at_many_degrees_it_is_the_normal_distribution() {
        for t in [0.3, 1.96, 5.0, 9.0] {
            let normal = normal_upper_tail(t);
            for degrees in [1e17, 1e18, 1e19, 1e20, 1e30] {
                assert!(relative_error(student_t_upper_tail(t, degrees), normal) <= 3e-14, "{t} {degrees}");
                assert!(relative_error(student_t_quantile(normal, degrees), t) <= 1e-14, "{t} {degrees}");
            }
        }
    }
}
