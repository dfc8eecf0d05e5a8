//! How the fit of a model ended, in words that hold.

use core::fmt;

use super::Model;
use super::openings::{Openings, taking_part};
#[cfg(feature = "serde")]
use crate::error::{Error, Result};

/// How a fit ended.
///
/// Only a fit that [`Converged`](Self::Converged) has standard errors. The parameters of the others are finite and give a likelihood
/// close to the best, but say little of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum FitStatus {
    /// The likelihood has its maximum here: no slope, and it falls in every direction.
    Converged,
    /// The likelihood keeps rising, or does not fall, as these parameters run to 0 or infinity together. The data are those of a simpler
    /// model: if nobody buys again the rate of buying runs to 0; if all customers are alike, its shape and scale run to infinity. Each limit
    /// holds as it is said, whatever the parameters that are not named; where it lies far out or is approached slowly, the likelihood of
    /// the fit may be short of it.
    AtBoundary(Vec<ParameterLimit>),
    /// Each of these parameters can be changed by orders of magnitude, alone or with others of them, without a loss of likelihood that could
    /// be told from none: the data do not tell them.
    NotIdentified(Vec<&'static str>),
    /// The search came to no end. Fit again from another start, or with a penalty.
    NotConverged,
}

/// A parameter that runs to the end of its range, or two of which only the ratio does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ParameterLimit {
    quantity: &'static str,
    limit: Limit,
}

impl ParameterLimit {
    /// The name of the parameter, such as `alpha`, or of the ratio of two, such as `a / b`.
    #[must_use]
    pub fn quantity(&self) -> &'static str {
        self.quantity
    }

    /// Where it runs to.
    #[must_use]
    pub fn limit(&self) -> Limit {
        self.limit
    }
}

/// An end of the range of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum Limit {
    /// The lower end.
    Zero,
    /// The upper end.
    Infinity,
}

/// The status in words, such as `converged` or `at a boundary: r to 0, alpha to infinity`.
impl fmt::Display for FitStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Converged => f.write_str("converged"),
            Self::AtBoundary(limits) => {
                let limits: Vec<String> = limits.iter().map(ParameterLimit::to_string).collect();
                write!(f, "at a boundary: {}", limits.join(", "))
            }
            Self::NotIdentified(parameters) => write!(f, "not identified: {}", parameters.join(", ")),
            Self::NotConverged => f.write_str("not converged"),
        }
    }
}

/// Such as `alpha to infinity`.
impl fmt::Display for ParameterLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limit = match self.limit {
            Limit::Zero => "0",
            Limit::Infinity => "infinity",
        };
        write!(f, "{} to {limit}", self.quantity)
    }
}

impl FitStatus {
    /// Of a search that came to an end without a maximum.
    pub(super) fn without_maximum<M: Model, const N: usize>(openings: &Openings<N>) -> Self {
        let name = |place: usize| M::PARAMETER_NAMES.get(place).copied().unwrap_or_default();
        let limit = |along: f64| if along < 0.0 { Limit::Zero } else { Limit::Infinity };
        let moves = |direction: &[f64; N]| taking_part(direction).collect::<Vec<_>>();
        let mut alone: Vec<(usize, f64)> = Vec::new();
        let mut limits: Vec<ParameterLimit> = Vec::new();
        for direction in openings.limits.iter().map(moves) {
            match direction[..] {
                [single] => alone.push(single),
                _ => limits.extend(direction.iter().map(|&(place, along)| ParameterLimit { quantity: name(place), limit: limit(along) })),
            }
        }
        // Where one runs to 0 and the other to infinity, each for itself, it is their ratio that matters.
        for ratio in M::RATIOS {
            let sign_of = |place: usize| alone.iter().find(|(other, _)| *other == place).map(|(_, along)| *along);
            if let (Some(over), Some(under)) = (sign_of(ratio.over), sign_of(ratio.under))
                && over * under < 0.0
            {
                limits.push(ParameterLimit { quantity: ratio.name, limit: limit(over) });
                alone.retain(|(place, _)| *place != ratio.over && *place != ratio.under);
            }
        }
        limits.extend(alone.iter().map(|&(place, along)| ParameterLimit { quantity: name(place), limit: limit(along) }));
        if !limits.is_empty() {
            return Self::AtBoundary(limits);
        }
        let is_flat = |place: &usize| openings.flat.iter().any(|direction| moves(direction).iter().any(|(other, _)| other == place));
        let flat: Vec<&'static str> = (0..N).filter(is_flat).map(name).collect();
        if flat.is_empty() { Self::NotConverged } else { Self::NotIdentified(flat) }
    }
}

/// As [`FitStatus`] is written, with names that are not known yet to be those of a model.
#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FitStatusState {
    Converged,
    AtBoundary(Vec<ParameterLimitState>),
    NotIdentified(Vec<String>),
    NotConverged,
}

#[cfg(feature = "serde")]
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterLimitState {
    quantity: String,
    limit: Limit,
}

#[cfg(feature = "serde")]
impl FitStatusState {
    /// The status of a fit of a model with these parameters.
    pub(super) fn of_model<M: Model>(self) -> Result<FitStatus> {
        let known = |name: String, others: &mut dyn Iterator<Item = &'static str>| {
            let found = M::PARAMETER_NAMES.iter().copied().chain(others).find(|known| *known == name);
            found.ok_or(Error::Unknown { field: "parameter", value: name, expected: "one of the model" })
        };
        Ok(match self {
            Self::Converged => FitStatus::Converged,
            Self::NotConverged => FitStatus::NotConverged,
            Self::NotIdentified(names) => {
                FitStatus::NotIdentified(names.into_iter().map(|name| known(name, &mut core::iter::empty())).collect::<Result<_>>()?)
            }
            Self::AtBoundary(limits) => {
                let limit = |ParameterLimitState { quantity, limit }| {
                    let quantity = known(quantity, &mut M::RATIOS.iter().map(|ratio| ratio.name))?;
                    Ok(ParameterLimit { quantity, limit })
                };
                FitStatus::AtBoundary(limits.into_iter().map(limit).collect::<Result<_>>()?)
            }
        })
    }
}
