//! Tracking, frequencies, and what is to be expected of whom, in one picture.

use std::path::Path;

use customer_metrics::repeat_buying::{CalibrationHoldout, FrequencyCell, TrackedPart, TrackingPoint};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::input::Fault;
use crate::models::{Checked, MapCell, Models};
use crate::validation;

const INK: RGBColor = RGBColor(38, 50, 56);
const GREY: RGBColor = RGBColor(120, 132, 140);
const FAINT: RGBColor = RGBColor(226, 230, 233);
const ACTUAL: RGBColor = RGBColor(176, 186, 192);
const COLOURS: [RGBColor; 3] = [RGBColor(0, 105, 120), RGBColor(214, 96, 36), RGBColor(126, 96, 170)];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

pub fn draw(split: &CalibrationHoldout, models: &Models, path: &Path) -> Result<(), Fault> {
    plot(split, models, path).map_err(|error| Fault::in_file(path, error))
}

fn text(size: u32, colour: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&colour)
}

fn plot(split: &CalibrationHoldout, models: &Models, path: &Path) -> Drawn {
    let root = SVGBackend::new(path, (900, 920)).into_drawing_area();
    root.fill(&WHITE)?;
    root.draw(&Text::new("Who buys again", (40, 26), ("sans-serif", 26).into_font().style(FontStyle::Bold).color(&INK)))?;
    let customers = split.calibration().customers();
    let subtitle = format!("Repeat purchases of {customers} customers: models fitted to the calibration, and what came after");
    root.draw(&Text::new(subtitle, (40, 60), text(15, GREY)))?;
    let (upper, lower) = root.margin(96, 10, 0, 0).split_vertically(424);
    let (left, right) = lower.split_horizontally(440);
    tracking(&upper.margin(0, 20, 0, 0), models)?;
    frequencies(&left, models)?;
    if let Some(best) = models.checked.first() {
        map(&right, best, split)?;
    }
    root.present()?;
    Ok(())
}

fn heading(area: &Area<'_>, title: &str) -> Drawn {
    area.draw(&Text::new(title.to_owned(), (40, 0), ("sans-serif", 16).into_font().style(FontStyle::Bold).color(&INK)))?;
    Ok(())
}

/// A round number at or a little above.
fn round_up(value: f64) -> f64 {
    let unit = 10.0_f64.powf(value.max(1.0).log10().floor());
    [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0].into_iter().map(|step| step * unit).find(|top| *top >= value).unwrap_or(value)
}

fn tracking(area: &Area<'_>, models: &Models) -> Drawn {
    heading(area, "All repeat purchases, week by week")?;
    let Some(first) = models.checked.first() else { return Ok(()) };
    let points = first.tracking.points();
    let end = points.last().map_or(1.0, TrackingPoint::time);
    let expected = models.checked.iter().filter_map(|checked| checked.tracking.points().last());
    let most = points.iter().map(|point| whole(point.cumulative_actual())).chain(expected.map(TrackingPoint::cumulative_expected));
    let top = round_up(most.fold(1.0, f64::max));
    let mut chart = ChartBuilder::on(area)
        .margin_left(24)
        .margin_right(150)
        .margin_top(30)
        .x_label_area_size(40)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..end, 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(FAINT)
        .axis_style(TRANSPARENT)
        .x_labels(9)
        .x_label_formatter(&|week| format!("{week:.0}"))
        .x_label_style(text(14, GREY))
        .y_labels(6)
        .y_label_formatter(&|purchases| format!("{purchases:.0}"))
        .y_label_style(text(14, GREY))
        .x_desc("weeks since the first customer came")
        .axis_desc_style(text(14, GREY))
        .draw()?;
    let calibration = points.iter().filter(|point| point.part() == TrackedPart::Calibration).map(TrackingPoint::time).fold(0.0, f64::max);
    if calibration < end {
        chart.draw_series(DashedLineSeries::new([(calibration, 0.0), (calibration, top)], 4, 4, GREY.stroke_width(1)))?;
        for (side, shift, label) in [(HPos::Right, -8, "calibration"), (HPos::Left, 8, "holdout")] {
            let (x, y) = chart.backend_coord(&(calibration, top));
            let (x, y) = local(area, (x + shift, y + 2));
            area.draw(&Text::new(label, (x, y), text(14, GREY).pos(Pos::new(side, VPos::Top))))?;
        }
    }
    let actual: Vec<(f64, f64)> =
        [(0.0, 0.0)].into_iter().chain(points.iter().map(|point| (point.time(), whole(point.cumulative_actual())))).collect();
    chart.draw_series(LineSeries::new(actual.iter().copied(), ACTUAL.stroke_width(7)))?;
    let mut labels: Vec<((f64, f64), String, RGBColor)> = Vec::new();
    labels.extend(actual.last().map(|&point| (point, format!("actual {:.0}", point.1), GREY)));
    for (checked, colour) in models.checked.iter().zip(COLOURS) {
        let line = checked.tracking.points().iter().map(|point| (point.time(), point.cumulative_expected()));
        let line: Vec<(f64, f64)> = [(0.0, 0.0)].into_iter().chain(line).collect();
        chart.draw_series(LineSeries::new(line.iter().copied(), colour.stroke_width(2)))?;
        labels.extend(line.last().map(|&point| (point, format!("{} {:.0}", checked.name, point.1), colour)));
    }
    labels.sort_by(|a, b| b.0.1.total_cmp(&a.0.1));
    let mut lowest_free = i32::MIN;
    for (point, label, colour) in labels {
        let (x, y) = local(area, chart.backend_coord(&point));
        let y = y.max(lowest_free);
        area.draw(&Text::new(label, (x + 10, y), text(15, colour).pos(Pos::new(HPos::Left, VPos::Center))))?;
        lowest_free = y + 20;
    }
    Ok(())
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

fn frequencies(area: &Area<'_>, models: &Models) -> Drawn {
    heading(area, "Customers by repeat purchases")?;
    let Some(first) = models.checked.first() else { return Ok(()) };
    let cells = first.frequencies.cells();
    let expected = models.checked.iter().flat_map(|checked| checked.frequencies.cells()).map(FrequencyCell::expected);
    let top = round_up(cells.iter().map(|cell| whole(cell.actual())).chain(expected).fold(1.0, f64::max));
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
    let series: Vec<(&str, RGBColor, Vec<f64>)> =
        [("actual", ACTUAL, cells.iter().map(|cell| whole(cell.actual())).collect())]
            .into_iter()
            .chain(
                models.checked.iter().zip(COLOURS).map(|(checked, colour)| {
                    (checked.name, colour, checked.frequencies.cells().iter().map(FrequencyCell::expected).collect())
                }),
            )
            .collect();
    let width = 0.84 / whole(u64::try_from(series.len()).unwrap_or(1));
    for ((name, colour, values), (shift, row)) in series.iter().zip([(0.0, 14), (1.0, 36), (2.0, 58), (3.0, 80)]) {
        let left = -0.42 + shift * width;
        let bars = places
            .iter()
            .zip(values)
            .map(|(place, value)| Rectangle::new([(place + left, 0.0), (place + left + width * 0.9, *value)], colour.filled()));
        chart.draw_series(bars)?;
        let (right, above) = local(area, chart.backend_coord(&(end, top)));
        let row = above + row;
        area.draw(&Rectangle::new([(right - 110, row - 6), (right - 98, row + 6)], colour.filled()))?;
        let label_colour = if *name == "actual" { GREY } else { *colour };
        area.draw(&Text::new((*name).to_owned(), (right - 90, row), text(15, label_colour).pos(Pos::new(HPos::Left, VPos::Center))))?;
    }
    for (place, cell) in places.iter().zip(cells) {
        let (x, bottom) = local(area, chart.backend_coord(&(*place, 0.0)));
        area.draw(&Text::new(validation::label(cell), (x, bottom + 8), text(14, GREY).pos(Pos::new(HPos::Center, VPos::Top))))?;
    }
    let (middle, bottom) = local(area, chart.backend_coord(&(f64::midpoint(-0.5, end), 0.0)));
    let under = text(14, GREY).pos(Pos::new(HPos::Center, VPos::Top));
    area.draw(&Text::new("repeat purchases in the calibration", (middle, bottom + 28), under))?;
    Ok(())
}

fn map(area: &Area<'_>, best: &Checked, split: &CalibrationHoldout) -> Drawn {
    const STEPS: i32 = 60;
    heading(area, &format!("Expected in the next {:.0} weeks ({})", split.holdout_periods(), best.name))?;
    let age = best.map.iter().map(|cell| cell.recency.1).fold(1.0, f64::max);
    let highest = best.map.iter().map(|cell| cell.frequency).max().unwrap_or(1);
    let most = best.map.iter().map(|cell| cell.purchases).fold(1e-9, f64::max);
    let mut chart = ChartBuilder::on(area)
        .margin_left(24)
        .margin_right(70)
        .margin_top(30)
        .x_label_area_size(40)
        .y_label_area_size(42)
        .build_cartesian_2d(0.0..age, -0.5..f64::from(highest) + 0.5)?;
    // Who has not bought again has no recency: their row is of one colour.
    let cells = best.map.iter().map(|&MapCell { frequency, recency: (from, to), purchases }| {
        let (from, to) = if frequency == 0 { (0.0, age) } else { (from, to) };
        let row = f64::from(frequency);
        Rectangle::new([(from, row - 0.5), (to, row + 0.5)], shade(purchases / most).filled())
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

    // The scale beside it.
    let (right, top) = local(area, chart.backend_coord(&(age, f64::from(highest) + 0.5)));
    let (_, bottom) = local(area, chart.backend_coord(&(age, -0.5)));
    for step in 0..STEPS {
        let (from, to) = (bottom - (bottom - top) * step / STEPS, bottom - (bottom - top) * (step + 1) / STEPS);
        let colour = shade(f64::from(step) / f64::from(STEPS - 1));
        area.draw(&Rectangle::new([(right + 14, to), (right + 26, from)], colour.filled()))?;
    }
    for (part, y) in [(0.0, bottom), (0.5, i32::midpoint(top, bottom)), (1.0, top)] {
        let label = format!("{:.0}", part * most);
        area.draw(&Text::new(label, (right + 31, y), text(14, GREY).pos(Pos::new(HPos::Left, VPos::Center))))?;
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
