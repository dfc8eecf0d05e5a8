//! How many customers buy how often, and what is to be expected of whom.

use customer_metrics::repeat_buying::{CalibrationHoldout, FrequencyCell};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::{ACTUAL, heading, local, round_up, whole};
use crate::drawing::{Area, COLOURS, Drawn, FAINT, GREY, placed, text};
use crate::models::{Checked, MapCell, Models};
use crate::validation;

/// Customers by how often they bought again, actual and expected.
pub fn frequencies(area: &Area<'_>, models: &Models) -> Drawn {
    heading(area, "Customers by repeat purchases")?;
    let Some(first) = models.checked.first() else { return Ok(()) };
    let cells = first.frequencies.cells();
    let mut series = vec![("actual".to_owned(), ACTUAL, cells.iter().map(|cell| whole(cell.actual())).collect::<Vec<_>>())];
    series.extend(models.checked.iter().zip(COLOURS).map(|(checked, colour)| {
        (checked.kind.to_string(), colour, checked.frequencies.cells().iter().map(FrequencyCell::expected).collect())
    }));
    let top = round_up(series.iter().flat_map(|(_, _, values)| values).copied().fold(1.0, f64::max));
    let places: Vec<f64> = std::iter::successors(Some(0.0), |place| Some(place + 1.0)).take(cells.len()).collect();
    let end = places.last().map_or(1.0, |place| place + 0.5);
    let mut chart = ChartBuilder::on(area)
        .margin_left(24)
        .margin_right(20)
        .margin_top(30)
        .x_label_area_size(40)
        .y_label_area_size(52)
        .build_cartesian_2d(-0.5..end, 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(FAINT)
        .axis_style(TRANSPARENT)
        .disable_x_axis()
        .y_labels(6)
        .y_label_formatter(&|customers| format!("{customers:.0}"))
        .y_label_style(text(14, GREY))
        .draw()?;
    let width = 0.84 / whole(u64::try_from(series.len()).unwrap_or(1));
    let (right, mut row) = local(area, chart.backend_coord(&(end, top)));
    let mut left = -0.42;
    for (name, colour, values) in &series {
        let bars = places.iter().zip(values);
        let bars = bars.map(|(place, value)| {
            let corner = place + left;
            Rectangle::new([(corner, 0.0), (corner + width * 0.9, *value)], colour.filled())
        });
        chart.draw_series(bars)?;
        left += width;
        // The legend, from the top of the empty corner down.
        row += 22;
        area.draw(&Rectangle::new([(right - 130, row - 6), (right - 118, row + 6)], colour.filled()))?;
        let letters = if *colour == ACTUAL { GREY } else { *colour };
        area.draw(&Text::new(name.clone(), (right - 110, row), placed(15, letters, HPos::Left, VPos::Center)))?;
    }
    for (place, cell) in places.iter().zip(cells) {
        let (x, bottom) = local(area, chart.backend_coord(&(*place, 0.0)));
        area.draw(&Text::new(validation::label(cell), (x, bottom + 8), placed(14, GREY, HPos::Center, VPos::Top)))?;
    }
    let (middle, bottom) = local(area, chart.backend_coord(&(f64::midpoint(-0.5, end), 0.0)));
    area.draw(&Text::new("repeat purchases in the calibration", (middle, bottom + 28), placed(14, GREY, HPos::Center, VPos::Top)))?;
    Ok(())
}

/// What the best model expects of a customer, by how often and how lately they bought again.
pub fn map(area: &Area<'_>, best: &Checked, split: &CalibrationHoldout) -> Drawn {
    heading(area, &format!("Purchases expected in {:.0} weeks ({})", split.holdout_periods(), best.kind))?;
    let age = best.map.iter().map(|cell| cell.recency.1).fold(1.0, f64::max);
    let highest = f64::from(best.map.iter().map(|cell| cell.frequency).max().unwrap_or(1)) + 0.5;
    let most = best.map.iter().map(|cell| cell.purchases).fold(1e-9, f64::max);
    let mut chart = ChartBuilder::on(area)
        .margin_left(24)
        .margin_right(70)
        .margin_top(30)
        .x_label_area_size(40)
        .y_label_area_size(42)
        .build_cartesian_2d(0.0..age, -0.5..highest)?;
    // Each is drawn up to the far corner and the next ones over it, so that nothing shines through between them. Who has not bought again has
    // no recency: their row is of one colour.
    let cells = best.map.iter().map(|&MapCell { frequency, recency: (from, _), purchases }| {
        Rectangle::new([(from, f64::from(frequency) - 0.5), (age, highest)], shade(purchases / most).filled())
    });
    chart.draw_series(cells)?;
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(TRANSPARENT)
        .x_labels(6)
        .x_label_formatter(&|week| format!("{week:.0}"))
        .x_label_style(text(14, GREY))
        .y_labels(8)
        .y_label_formatter(&|frequency| format!("{frequency:.0}"))
        .y_label_style(text(14, GREY))
        .x_desc("recency: weeks from the first purchase to the last")
        .y_desc("repeat purchases")
        .axis_desc_style(text(14, GREY))
        .draw()?;
    let (right, top) = local(area, chart.backend_coord(&(age, highest)));
    let (_, bottom) = local(area, chart.backend_coord(&(age, -0.5)));
    scale(area, (right, top, bottom), most)
}

/// The shades with their meaning, to the right of the map.
fn scale(area: &Area<'_>, (right, top, bottom): (i32, i32, i32), most: f64) -> Drawn {
    const STEPS: i32 = 60;
    for step in 0..STEPS {
        let from = bottom - (bottom - top) * step / STEPS;
        let colour = shade(f64::from(step) / f64::from(STEPS - 1));
        area.draw(&Rectangle::new([(right + 14, top), (right + 26, from)], colour.filled()))?;
    }
    let places = usize::from(most < 10.0);
    for (part, y) in [(0.0, bottom), (0.5, i32::midpoint(top, bottom)), (1.0, top)] {
        let label = format!("{:.places$}", part * most);
        area.draw(&Text::new(label, (right + 31, y), placed(14, GREY, HPos::Left, VPos::Center)))?;
    }
    Ok(())
}

/// From nearly white to the darkest, in 0..=1.
fn shade(part: f64) -> RGBColor {
    const STOPS: [[f64; 3]; 4] = [[243.0, 246.0, 247.0], [158.0, 205.0, 208.0], [0.0, 105.0, 120.0], [8.0, 40.0, 56.0]];
    let along = part.clamp(0.0, 1.0).sqrt() * 3.0;
    let mut mixed = [0.0; 3];
    for (stop, place) in STOPS.iter().zip([0.0, 1.0, 2.0, 3.0]) {
        let weight = (1.0 - (along - place).abs()).max(0.0);
        mixed.iter_mut().zip(stop).for_each(|(sum, channel)| *sum += weight * channel);
    }
    let [red, green, blue] = mixed.map(|channel| format!("{channel:.0}").parse().unwrap_or(u8::MAX));
    RGBColor(red, green, blue)
}
