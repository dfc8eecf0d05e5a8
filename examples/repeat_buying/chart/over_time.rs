//! The purchases of all customers over the weeks.

use customer_metrics::repeat_buying::{TrackedPart, TrackingPoint};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use super::{ACTUAL, heading, local, round_up, whole};
use crate::drawing::{Area, COLOURS, Drawn, FAINT, GREY, apart, placed, text};
use crate::models::Models;
use crate::orders::WEEK;

/// A line with the name that stands at its end.
struct Line {
    name: String,
    points: Vec<(f64, f64)>,
    colour: RGBColor,
    width: u32,
}

/// All purchases until the end of a week.
pub fn cumulative(area: &Area<'_>, models: &Models) -> Drawn {
    heading(area, "All repeat purchases until the end of a week")?;
    let actual = |point: &TrackingPoint| whole(point.cumulative_actual());
    let mut lines = lines(models, actual, TrackingPoint::cumulative_expected);
    for line in &mut lines {
        line.name = format!("{} {:.0}", line.name, line.points.last().map_or(0.0, |point| point.1));
        line.points.insert(0, (0.0, 0.0));
    }
    plot(area, models, &lines)
}

/// Those in a week. A stretch that is shorter than a week counts for a whole one.
pub fn weekly(area: &Area<'_>, models: &Models) -> Drawn {
    heading(area, "Repeat purchases in each week")?;
    let in_a_week = |point: &TrackingPoint| f64::from(WEEK) / f64::from(point.steps().max(1));
    let actual = |point: &TrackingPoint| whole(point.actual()) * in_a_week(point);
    plot(area, models, &lines(models, actual, |point| point.expected() * in_a_week(point)))
}

fn lines(models: &Models, actual: impl Fn(&TrackingPoint) -> f64, expected: impl Fn(&TrackingPoint) -> f64) -> Vec<Line> {
    let points = models.checked.first().map_or(&[][..], |checked| checked.tracking.points());
    let points = points.iter().map(|point| (point.time(), actual(point))).collect();
    let mut lines = vec![Line { name: "actual".to_owned(), points, colour: ACTUAL, width: 6 }];
    for (checked, colour) in models.checked.iter().zip(COLOURS) {
        let points = checked.tracking.points().iter().map(|point| (point.time(), expected(point))).collect();
        lines.push(Line { name: checked.kind.to_string(), points, colour, width: 2 });
    }
    lines
}

fn plot(area: &Area<'_>, models: &Models, lines: &[Line]) -> Drawn {
    let Some(first) = models.checked.first() else { return Ok(()) };
    let times = || first.tracking.points().iter();
    let end = times().last().map_or(1.0, TrackingPoint::time);
    // With room for the names of the two parts above the lines.
    let top = round_up(1.15 * lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(1.0, f64::max));
    let mut chart = ChartBuilder::on(area)
        .margin_left(24)
        .margin_right(150)
        .margin_top(30)
        .x_label_area_size(44)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..end, 0.0..top)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .disable_x_axis()
        .light_line_style(TRANSPARENT)
        .bold_line_style(FAINT)
        .axis_style(TRANSPARENT)
        .y_labels(6)
        .y_label_formatter(&|purchases| format!("{purchases:.0}"))
        .y_label_style(text(14, GREY))
        .draw()?;
    let (_, bottom) = local(area, chart.backend_coord(&(0.0, 0.0)));
    for tick in quarters(end) {
        let (x, _) = local(area, chart.backend_coord(&(tick, 0.0)));
        area.draw(&Text::new(format!("{tick:.0}"), (x, bottom + 8), placed(14, GREY, HPos::Center, VPos::Top)))?;
    }
    let (middle, _) = local(area, chart.backend_coord(&(end / 2.0, 0.0)));
    area.draw(&Text::new("weeks since the first customer came", (middle, bottom + 28), placed(14, GREY, HPos::Center, VPos::Top)))?;

    let calibration = times().filter(|point| point.part() == TrackedPart::Calibration).map(TrackingPoint::time).fold(0.0, f64::max);
    if calibration < end {
        chart.draw_series(DashedLineSeries::new([(calibration, 0.0), (calibration, top)], 4, 4, GREY.stroke_width(1)))?;
        let (x, y) = local(area, chart.backend_coord(&(calibration, top)));
        area.draw(&Text::new("calibration", (x - 8, y + 2), placed(14, GREY, HPos::Right, VPos::Top)))?;
        area.draw(&Text::new("holdout", (x + 8, y + 2), placed(14, GREY, HPos::Left, VPos::Top)))?;
    }
    for line in lines {
        chart.draw_series(LineSeries::new(line.points.iter().copied(), line.colour.stroke_width(line.width)))?;
    }

    let mut ends: Vec<(i32, &Line)> = Vec::new();
    for line in lines {
        ends.extend(line.points.last().map(|last| (local(area, chart.backend_coord(last)).1, line)));
    }
    ends.sort_by_key(|(height, _)| *height);
    let heights = apart(ends.iter().map(|(height, _)| *height).collect(), bottom);
    let (edge, _) = local(area, chart.backend_coord(&(end, 0.0)));
    for ((_, line), height) in ends.into_iter().zip(heights) {
        let colour = if line.colour == ACTUAL { GREY } else { line.colour };
        area.draw(&Text::new(line.name.clone(), (edge + 10, height), placed(15, colour, HPos::Left, VPos::Center)))?;
    }
    Ok(())
}

/// Quarters of a year, or as many of them as can be read.
fn quarters(end: f64) -> Vec<f64> {
    const QUARTER: f64 = 13.0;
    const MOST: f64 = 12.0;
    let every = QUARTER * (end / QUARTER / MOST).ceil().max(1.0);
    std::iter::successors(Some(0.0), |tick| Some(tick + every)).take_while(|tick| *tick <= end).collect()
}
