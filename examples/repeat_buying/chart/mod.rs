//! Tracking, frequencies, and what is to be expected of whom, in one picture.

mod by_customer;
mod over_time;

use std::path::Path;

use customer_metrics::repeat_buying::CalibrationHoldout;
use plotters::prelude::*;

use crate::drawing::{Area, Drawn, bold, save};
use crate::input::Fault;
use crate::models::Models;

const ACTUAL: RGBColor = RGBColor(176, 186, 192);

pub fn draw(split: &CalibrationHoldout, models: &Models, path: &Path) -> Result<(), Fault> {
    let customers = split.calibration().customers();
    let subtitle = format!("Repeat purchases of {customers} customers: models fitted to the calibration, and what came after");
    save(path, (900, 1150), "Who buys again", &subtitle, |root| plot(root, split, models))
}

fn plot(root: &Area<'_>, split: &CalibrationHoldout, models: &Models) -> Drawn {
    let (upper, rest) = root.margin(96, 10, 0, 0).split_vertically(340);
    let (middle, lower) = rest.split_vertically(260);
    let (left, right) = lower.split_horizontally(440);
    over_time::cumulative(&upper.margin(0, 20, 0, 0), models)?;
    over_time::weekly(&middle.margin(0, 20, 0, 0), models)?;
    by_customer::frequencies(&left, models)?;
    models.checked.first().map_or(Ok(()), |best| by_customer::map(&right, best, split))
}

fn heading(area: &Area<'_>, title: &str) -> Drawn {
    area.draw(&Text::new(title.to_owned(), (40, 0), bold(16)))?;
    Ok(())
}

/// A round number at or a little above.
fn round_up(value: f64) -> f64 {
    let unit = 10.0_f64.powf(value.max(1.0).log10().floor());
    [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0].into_iter().map(|step| step * unit).find(|top| *top >= value).unwrap_or(value)
}

/// Counts of a file are far below 2^53.
fn whole(count: u64) -> f64 {
    count.to_string().parse().unwrap_or(0.0)
}

/// A point of the whole picture, in an area of it.
fn local(area: &Area<'_>, (x, y): (i32, i32)) -> (i32, i32) {
    let (left, top) = area.get_base_pixel();
    (x - left, y - top)
}
