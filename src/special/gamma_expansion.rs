//! The tails of a gamma distribution with a large shape.

use super::gamma::stirling_remainder;
use super::normal::normal_upper_tail;

/// The uniform asymptotic expansion of both tails around those of the normal distribution.
///
/// With `t^2 / 2 = x / a - 1 - ln(x / a)`, the density of `t` is that of a normal variable times `t / (x / a - 1)`, whose power series in
/// `t` is integrated term by term.
///
/// Source: N. M. Temme, "The Asymptotic Expansion of the Incomplete Gamma Functions", SIAM J. Math. Anal. 10 (1979), 757-766.
///
/// `exponent` is `a t^2 / 2`. The result is the smaller of the tails where `above` says whether it is the upper one.
pub(super) fn tail(a: f64, exponent: f64, above: bool) -> f64 {
    let z = (2.0 * exponent).sqrt();
    let side = if above { 1.0 } else { -1.0 };
    let spread = side / a.sqrt();
    let density = (-exponent).exp() / core::f64::consts::TAU.sqrt();
    // Moments of the normal tail: M(k) = z^(k-1) density(z) + (k - 1) M(k-2).
    let (mut before_last, mut last) = (0.0, normal_upper_tail(z));
    let (mut sum, mut power, mut scale) = (0.0, density, 1.0);
    let mut earlier = f64::INFINITY;
    for (coefficient, k) in COEFFICIENTS.iter().zip(0_u32..) {
        let term = coefficient * scale * last;
        sum += term;
        if term.abs() + earlier <= f64::EPSILON / 8.0 * sum {
            break;
        }
        earlier = term.abs();
        let moment = power + f64::from(k) * before_last;
        (before_last, last) = (last, moment);
        (power, scale) = (power * z, scale * spread);
    }
    sum * (-stirling_remainder(a)).exp()
}

/// The power series of `t / (l - 1)` with `t^2 / 2 = l - 1 - ln l`, from the recurrence of its coefficients in exact fractions.
const COEFFICIENTS: [f64; 26] = [
    1.0,
    -0.333_333_333_333_333_333_33,
    0.083_333_333_333_333_333_333,
    -0.014_814_814_814_814_814_815,
    0.001_157_407_407_407_407_407_4,
    0.000_352_733_686_067_019_400_35,
    -0.000_178_755_144_032_921_810_7,
    0.000_039_192_631_785_224_377_817,
    -2.185_448_510_679_992_161_5e-6,
    -1.854_062_210_715_159_960_7e-6,
    8.296_711_340_953_086_005e-7,
    -1.766_595_273_682_607_930_4e-7,
    6.707_853_543_401_498_580_4e-9,
    1.026_180_978_424_030_804_3e-8,
    -4.382_036_018_453_353_186_6e-9,
    9.147_699_582_236_790_234_2e-10,
    -2.551_419_399_494_624_976_7e-11,
    -5.830_772_132_550_425_067_5e-11,
    2.436_194_802_066_741_624_4e-11,
    -5.027_669_280_114_175_589_1e-12,
    1.100_439_203_195_613_477_1e-13,
    3.371_763_262_400_985_378_8e-13,
    -1.392_388_722_418_162_065_9e-13,
    2.853_489_380_704_744_320_4e-14,
    -5.139_111_834_242_572_619e-16,
    -1.975_228_829_434_944_283_5e-15,
];
