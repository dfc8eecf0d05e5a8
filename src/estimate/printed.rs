//! How a floating number is printed.

use core::fmt;

/// The number with the precision that was asked for. Without one, with six digits, or all whole ones where there are more, and as a power of
/// ten where that would mean a row of zeros.
pub(crate) fn write_number(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if f.precision().is_some() {
        return fmt::Display::fmt(&value, f);
    }
    let short = if (1e6..1e16).contains(&value.abs()) { value.round() } else { format!("{value:.5e}").parse().unwrap_or(value) };
    if short.abs() <= 0.0 || (1e-5..1e16).contains(&short.abs()) { fmt::Display::fmt(&short, f) } else { fmt::LowerExp::fmt(&short, f) }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Printed(f64);

    impl fmt::Display for Printed {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write_number(self.0, f)
        }
    }

    #[test]
    fn six_digits_and_no_row_of_zeros() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (-0.5, "-0.5"),
            (2.0 / 3.0, "0.666667"),
            (0.1 + 0.2, "0.3"),
            (-1_234.567_89, "-1234.57"),
            (999_999.96, "1000000"),
            (12_345_678.9, "12345679"),
            (9_007_199_254_740_993.0, "9007199254740992"),
            (1.0 / 81_000.0, "0.0000123457"),
            (1.0 / 810_000.0, "1.23457e-6"),
            (1e300 / 3.0, "3.33333e299"),
            (5e-324, "5e-324"),
            (f64::MIN, "-1.79769e308"),
        ] {
            assert_eq!(Printed(value).to_string(), text);
        }
    }

    #[test]
    fn a_precision_is_kept_to_the_letter() {
        assert_eq!(
            format!("{:.2} {:.9} {:.1}", Printed(2.0 / 3.0), Printed(0.1 + 0.2), Printed(1e21)),
            "0.67 0.300000000 1000000000000000000000.0"
        );
    }
}
