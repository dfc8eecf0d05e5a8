//! What a model is known by: a few numbers above 0.

use core::fmt;

use crate::error::{Bound, Error, Result};

/// A model of buying with a fixed number of parameters, all above 0.
///
/// The trait is sealed: the models of this module are all there are.
pub trait Model: Clone + PartialEq + fmt::Debug + sealed::Described {
    /// One number a parameter, such as `[f64; 4]`.
    type Parameters: AsRef<[f64]> + AsMut<[f64]> + Copy + PartialEq + fmt::Debug;
    /// One row and column a parameter, such as `[[f64; 4]; 4]`.
    type Covariance: AsRef<[Self::Parameters]> + TryFrom<Vec<Self::Parameters>> + Copy + PartialEq + fmt::Debug;

    /// The names of the parameters in their order.
    const PARAMETER_NAMES: &'static [&'static str];

    /// The values of the parameters in their order.
    #[must_use]
    fn parameters(&self) -> Self::Parameters;

    /// A model with these parameters.
    ///
    /// # Errors
    /// [`Error::OutOfBounds`] if the model does not allow one of them.
    fn from_parameters(parameters: Self::Parameters) -> Result<Self>;

    /// The parameters by name, in their order.
    ///
    /// ```
    /// use customer_metrics::repeat_buying::{Model, ShiftedBetaGeometric};
    ///
    /// let model = ShiftedBetaGeometric::new(0.668, 3.806)?;
    /// assert_eq!(model.named_parameters().collect::<Vec<_>>(), [("alpha", 0.668), ("beta", 3.806)]);
    /// # Ok::<(), customer_metrics::Error>(())
    /// ```
    fn named_parameters(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let parameters = self.parameters();
        Self::PARAMETER_NAMES.iter().enumerate().filter_map(move |(place, name)| Some((*name, *parameters.as_ref().get(place)?)))
    }
}

pub(super) mod sealed {
    /// The ratio of two parameters, by their places, where it may be all that matters of both.
    #[derive(Debug)]
    pub struct Ratio {
        pub name: &'static str,
        pub over: usize,
        pub under: usize,
    }

    pub trait Described {
        const RATIOS: &'static [Ratio];
    }
}

/// A parameter that is neither so small nor so large that what is computed from it could overflow.
pub(super) fn parameter(name: &'static str, value: f64) -> Result<f64> {
    if (1e-100..=1e100).contains(&value) {
        Ok(value)
    } else {
        Err(Error::out_of_bounds(name, value, Bound::Within(1e-100.into(), 1e100.into())))
    }
}

/// The constructor of a model, what reads its parameters, [`Model`], and its serde state, which goes through the constructor.
macro_rules! parameters {
    (
        $model:ident($state:ident), $count:literal, ratios: [$($ratio:literal = $over:literal / $under:literal),*]:
        $($(#[$meta:meta])+ $parameter:ident),+ $(,)?
    ) => {
        impl super::parameters::sealed::Described for $model {
            const RATIOS: &'static [super::parameters::sealed::Ratio] =
                &[$(super::parameters::sealed::Ratio { name: $ratio, over: $over, under: $under }),*];
        }

        impl $model {
            /// A model with known parameters.
            ///
            /// # Errors
            /// [`Error::OutOfBounds`] unless each is within 1e-100 to 1e100.
            pub fn new($($parameter: f64),+) -> Result<Self> {
                $(let $parameter = super::parameters::parameter(stringify!($parameter), $parameter)?;)+
                Ok(Self { $($parameter),+ })
            }

            $($(#[$meta])+
            #[must_use]
            pub fn $parameter(&self) -> f64 {
                self.$parameter
            })+
        }

        impl super::Model for $model {
            type Parameters = [f64; $count];
            type Covariance = [[f64; $count]; $count];

            const PARAMETER_NAMES: &'static [&'static str] = &[$(stringify!($parameter)),+];

            fn parameters(&self) -> [f64; $count] {
                [$(self.$parameter),+]
            }

            fn from_parameters([$($parameter),+]: [f64; $count]) -> Result<Self> {
                Self::new($($parameter),+)
            }
        }

        #[cfg(feature = "serde")]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $state {
            $($parameter: f64),+
        }

        #[cfg(feature = "serde")]
        impl TryFrom<$state> for $model {
            type Error = Error;

            fn try_from($state { $($parameter),+ }: $state) -> Result<Self> {
                Self::new($($parameter),+)
            }
        }

        #[cfg(feature = "serde")]
        impl From<$model> for $state {
            fn from($model { $($parameter),+ }: $model) -> Self {
                Self { $($parameter),+ }
            }
        }
    };
}

pub(super) use parameters;
