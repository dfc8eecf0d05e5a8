//! Special functions of the floating world, each with its accuracy. Private: they are not what this crate is for.

mod normal;

pub(crate) use normal::two_sided_normal_quantile;
