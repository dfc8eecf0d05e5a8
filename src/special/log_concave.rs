//! The integral of the exponential of a concave function, by quadrature where its mass is.

/// What lies so far below the maximum, in logarithms, does not count.
const DEPTH: f64 = 38.0;

/// How much deeper the ends of the range may lie that is integrated.
const SLACK: f64 = 8.0;

/// How far below the maximum a summit may be found.
const NEAR_SUMMIT: f64 = 0.1;

/// The exponent is smooth on the scale of 1: a panel of thirty-two points is no wider.
const WIDEST_PANEL: f64 = 3.0;

/// The ranges of doubles' logarithms are not as wide as so many panels.
const MOST_PANELS: f64 = 1_000.0;

/// Bisections and Newton's steps.
const MOST_STEPS: u32 = 200;

/// Where, and with which weights, to evaluate the exponential of a function that is concave between two points.
///
/// The function is given with its slope, and must be analytic within about 3 of the real line, as sums of logarithms of `a + b e^v` are.
/// Then the rule of Gauss and Legendre converges geometrically on panels of the scale of 1, whatever the size of the exponents: what is far
/// below the summit is cut off first, and a concave function has but one summit. The integral is within 1e-15 of the size of the largest
/// exponent, or of 1 where that is less, relative.
///
/// Source: P. J. Davis and P. Rabinowitz, "Methods of Numerical Integration", 2nd ed. (1984), section 4.6.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quadrature {
    /// About the maximum of the function: nowhere is it much higher.
    pub(crate) top: f64,
    pieces: [Piece; 2],
}

impl Quadrature {
    /// For `concave`, which gives a value and a slope, from `low` to `high`.
    pub(crate) fn new(low: f64, high: f64, concave: impl Fn(f64) -> (f64, f64)) -> Self {
        let ((at_low, slope_low), (at_high, slope_high)) = (concave(low), concave(high));
        let width = high - low;
        let swing = width * slope_low.abs().max(slope_high.abs());
        if let Some(rule) = SINGLE_PANELS.iter().find(|rule| width <= rule.width && swing <= rule.swing) {
            let piece = Piece { low, high, panels: 1.0, points: rule.points };
            return Self { top: at_low.max(at_high), pieces: [piece, Piece::NONE] };
        }
        let summit = if slope_low <= 0.0 {
            low
        } else if slope_high >= 0.0 {
            high
        } else {
            summit(low, high, &concave)
        };
        let top = concave(summit).0;
        let [low, high] = [low, high].map(|end| foot(summit, end, top, &concave));
        Self { top, pieces: [Piece::new(low, summit), Piece::new(summit, high)] }
    }

    /// The exponential of a value of the function, less the top. Where values are so large that they round by more than 1, it is finite all
    /// the same.
    pub(crate) fn mass(&self, value: f64) -> f64 {
        (value - self.top).min(DEPTH).exp()
    }

    /// Hands over every point with its weight.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(f64, f64)) {
        for piece in &self.pieces {
            let half = (piece.high - piece.low) / piece.panels / 2.0;
            let mut panel = 0.0;
            while panel < piece.panels {
                let middle = piece.low + half * (2.0 * panel + 1.0);
                for (point, weight) in piece.points {
                    visit(middle - half * point, half * weight);
                    visit(middle + half * point, half * weight);
                }
                panel += 1.0;
            }
        }
    }
}

/// The logarithm of the integral of the exponential of a concave function, given with its slope.
pub(crate) fn ln_integral(low: f64, high: f64, concave: impl Fn(f64) -> (f64, f64)) -> f64 {
    let quadrature = Quadrature::new(low, high, &concave);
    let mut sum = 0.0;
    quadrature.for_each(|at, weight| sum += weight * quadrature.mass(concave(at).0));
    quadrature.top + sum.ln()
}

/// A part of the range on one side of the summit, in panels of the same width.
#[derive(Debug, Clone, Copy)]
struct Piece {
    low: f64,
    high: f64,
    panels: f64,
    points: &'static [(f64, f64)],
}

impl Piece {
    const NONE: Self = Self { low: 0.0, high: 0.0, panels: 0.0, points: &[] };

    fn new(low: f64, high: f64) -> Self {
        if high <= low {
            return Self::NONE;
        }
        Self { low, high, panels: ((high - low) / WIDEST_PANEL).ceil().clamp(1.0, MOST_PANELS), points: &POINTS_32 }
    }
}

/// A point from which the function rises by no more than [`NEAR_SUMMIT`].
fn summit(mut low: f64, mut high: f64, concave: &impl Fn(f64) -> (f64, f64)) -> f64 {
    let mut middle = f64::midpoint(low, high);
    for _ in 0..MOST_STEPS {
        let slope = concave(middle).1;
        if slope.abs() * (high - low) <= NEAR_SUMMIT {
            break;
        }
        if slope > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
        middle = f64::midpoint(low, high);
    }
    middle
}

/// The end, or a point before it below which nothing counts.
fn foot(summit: f64, end: f64, top: f64, concave: &impl Fn(f64) -> (f64, f64)) -> f64 {
    const AIM: f64 = DEPTH + SLACK / 2.0;
    let mut far = end;
    for _ in 0..MOST_STEPS {
        let (value, slope) = concave(far);
        let depth = top - value;
        if depth <= DEPTH + SLACK {
            break;
        }
        // As the function is concave, the straight line to the summit is too short and Newton's step too long, if only in exact numbers.
        let near = summit + (far - summit) * (AIM / depth);
        if top - concave(near).0 >= DEPTH {
            return near;
        }
        let next = far + (depth - AIM) / slope;
        let is_between = next > near.min(far) && next < near.max(far);
        far = if is_between { next } else { f64::midpoint(near, far) };
    }
    far
}

/// Up to which width of the range, and which swing of the exponent on it, so many points do.
struct Rule {
    width: f64,
    swing: f64,
    points: &'static [(f64, f64)],
}

/// Determined by trial, for an error of 2e-15.
static SINGLE_PANELS: [Rule; 4] = [
    Rule { width: 1.0, swing: 2.0, points: &POINTS_8 },
    Rule { width: 2.0, swing: 6.0, points: &POINTS_12 },
    Rule { width: 3.0, swing: 14.0, points: &POINTS_16 },
    Rule { width: 3.0, swing: 40.0, points: &POINTS_32 },
];

// The points of Gauss and Legendre on -1..1, by symmetry the positive ones, with their weights (mpmath at 40 digits).

const POINTS_8: [(f64, f64); 4] = [
    (0.183_434_642_495_649_804_939_5, 0.362_683_783_378_361_982_965_2),
    (0.525_532_409_916_328_985_817_7, 0.313_706_645_877_887_287_338_0),
    (0.796_666_477_413_626_739_591_6, 0.222_381_034_453_374_470_544_4),
    (0.960_289_856_497_536_231_683_6, 0.101_228_536_290_376_259_152_5),
];

const POINTS_12: [(f64, f64); 6] = [
    (0.125_233_408_511_468_915_472_4, 0.249_147_045_813_402_785_000_6),
    (0.367_831_498_998_180_193_752_7, 0.233_492_536_538_354_808_760_8),
    (0.587_317_954_286_617_447_296_7, 0.203_167_426_723_065_921_749_1),
    (0.769_902_674_194_304_687_036_9, 0.160_078_328_543_346_226_334_7),
    (0.904_117_256_370_474_856_678_5, 0.106_939_325_995_318_430_960_3),
    (0.981_560_634_246_719_250_690_5, 0.047_175_336_386_511_827_194_62),
];

/// Sixteen points of Gauss and Legendre on -1..1: the positive ones, each of which stands for two, with their weights.
pub(crate) const POINTS_16: [(f64, f64); 8] = [
    (0.095_012_509_837_637_440_185_32, 0.189_450_610_455_068_496_285_4),
    (0.281_603_550_779_258_913_230_5, 0.182_603_415_044_923_588_866_8),
    (0.458_016_777_657_227_386_342_4, 0.169_156_519_395_002_538_189_3),
    (0.617_876_244_402_643_748_446_7, 0.149_595_988_816_576_732_081_5),
    (0.755_404_408_355_003_033_895_1, 0.124_628_971_255_533_872_052_5),
    (0.865_631_202_387_831_743_880_5, 0.095_158_511_682_492_784_809_93),
    (0.944_575_023_073_232_576_078_0, 0.062_253_523_938_647_892_862_84),
    (0.989_400_934_991_649_932_596_2, 0.027_152_459_411_754_094_851_78),
];

const POINTS_32: [(f64, f64); 16] = [
    (0.048_307_665_687_738_316_234_81, 0.096_540_088_514_727_800_566_76),
    (0.144_471_961_582_796_493_485_2, 0.095_638_720_079_274_859_419_08),
    (0.239_287_362_252_137_074_544_6, 0.093_844_399_080_804_565_639_18),
    (0.331_868_602_282_127_649_779_9, 0.091_173_878_695_763_884_712_87),
    (0.421_351_276_130_635_345_364_1, 0.087_652_093_004_403_811_142_77),
    (0.506_899_908_932_229_390_023_7, 0.083_311_924_226_946_755_222_20),
    (0.587_715_757_240_762_329_040_7, 0.078_193_895_787_070_306_471_74),
    (0.663_044_266_930_215_200_975_1, 0.072_345_794_108_848_506_225_40),
    (0.732_182_118_740_289_680_387_4, 0.065_822_222_776_361_846_837_65),
    (0.794_483_795_967_942_406_963_1, 0.058_684_093_478_535_547_145_28),
    (0.849_367_613_732_569_970_133_7, 0.050_998_059_262_376_176_196_16),
    (0.896_321_155_766_052_123_965_3, 0.042_835_898_022_226_680_656_88),
    (0.934_906_075_937_739_689_170_9, 0.034_273_862_913_021_433_102_69),
    (0.964_762_255_587_506_430_773_8, 0.025_392_065_309_262_059_455_75),
    (0.985_611_511_545_268_335_400_2, 0.016_274_394_730_905_670_605_17),
    (0.997_263_861_849_481_563_545_0, 0.007_018_610_009_470_096_600_407),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::ln_gamma;

    #[test]
    fn exponentials_of_exponentials_are_gamma_functions() {
        for shape in [1e-3, 0.3, 1.0, 7.5, 400.0, 1e6, 1e12] {
            let low = f64::min(shape, 1.0).ln() - 60.0 / shape - 1.0;
            let high = (shape + 1.0_f64).ln() + 7.0;
            let got = ln_integral(low, high, |v| (shape * v - v.exp(), shape - v.exp()));
            let expected = ln_gamma(shape);
            // The largest exponent is shape times its logarithm.
            let size = (shape * (1.0 + shape.ln().abs())).max(1.0);
            assert!((got - expected).abs() <= 3e-15 * size, "{shape}: {got} is not {expected}");
        }
    }

    #[test]
    fn straight_lines_have_exponential_integrals() {
        // However steep from where the range begins, but for an exponent that doubles still tell apart at its other end.
        for slope in [-1e15, -3e3, -39.0, -1.0, -1e-9, 1e-9, 0.5, 5.0, 50.0] {
            for width in [1e-12, 0.1, 1.0, 2.9, 30.0, 700.0] {
                let got = ln_integral(0.0, width, |v| (slope * v, slope));
                let highest = f64::max(slope * width, 0.0);
                let expected = highest + (-(-f64::abs(slope * width)).exp_m1()).ln() - slope.abs().ln();
                let size = f64::max(highest, 1.0);
                assert!((got - expected).abs() <= 4e-15 * size, "{slope}, {width}: {got} is not {expected}");
            }
        }
    }

    #[test]
    fn bells_of_any_width_are_met_wherever_they_are_cut() {
        // Half the area of a normal density, and all of it.
        let ln_half = (core::f64::consts::TAU.sqrt() / 2.0).ln();
        for deviation in [1e-9, 0.02, 0.4, 1.0, 6.0, 50.0_f64] {
            let bell = |v: f64| (-v * v / (2.0 * deviation * deviation), -v / (deviation * deviation));
            for (low, high, expected) in [
                (-300.0 * deviation, 0.0, ln_half),
                (0.0, 12.0 * deviation, ln_half),
                (-40.0 * deviation, 1e3 * deviation, ln_half + 2.0_f64.ln()),
            ] {
                let got = ln_integral(low, high, bell) - deviation.ln();
                assert!((got - expected).abs() <= 1e-14, "{deviation}, {low}, {high}: {got} is not {expected}");
            }
        }
    }

    #[test]
    fn the_border_between_the_rules_does_not_show() {
        for rule in &SINGLE_PANELS {
            for width in [0.99 * rule.width, 1.01 * rule.width] {
                for swing in [0.99 * rule.swing, 1.01 * rule.swing] {
                    let slope = swing / width;
                    let got = ln_integral(0.0, width, |v| (-slope * v, -slope));
                    let expected = (-(-swing).exp_m1()).ln() - slope.ln();
                    assert!((got - expected).abs() <= 4e-15, "{width}, {swing}: {got} is not {expected}");
                }
            }
        }
    }
}
