//! The retention curves as a picture: steps, bands, and the number at risk below.

use std::path::Path;

use customer_metrics::survival::{LifeTable, LimitMethod, SurvivalCurve};
use customer_metrics::{Confidence, Tally as _};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::Request;
use crate::customers::Customers;
use crate::input::Fault;

const INK: RGBColor = RGBColor(38, 50, 56);
const GREY: RGBColor = RGBColor(120, 132, 140);
const FAINT: RGBColor = RGBColor(226, 230, 233);
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 105, 120),
    RGBColor(214, 96, 36),
    RGBColor(126, 96, 170),
    RGBColor(90, 140, 60),
    RGBColor(180, 60, 90),
    RGBColor(150, 120, 30),
    RGBColor(70, 110, 190),
    RGBColor(110, 90, 80),
];

/// How wide a letter is, mostly, and how far apart the names are, in pixels.
const LETTER: u32 = 8;
const LINE: i32 = 20;

/// More bands than these hide each other.
const MOST_BANDS: usize = 4;

pub fn draw(customers: &Customers, request: &Request) -> Result<(), Fault> {
    let lines: Vec<(&str, &LifeTable)> = if customers.groups.is_empty() {
        vec![("all customers", &customers.all)]
    } else {
        customers.groups.iter().map(|(name, table)| (name.as_str(), table)).collect()
    };
    plot(&lines, f64::from(request.renewal), &request.svg).map_err(|error| Fault::in_file(&request.svg, error))
}

fn plot(lines: &[(&str, &LifeTable)], renewal: f64, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let curves = lines.iter().map(|(name, table)| Ok((*name, table.finish()?, *table))).collect::<customer_metrics::Result<Vec<_>>>()?;
    let end = curves.iter().map(|(_, curve, _)| curve.last_time()).fold(1.0, f64::max);
    let below = 44 + 18 * i32::try_from(curves.len())?;
    let names: Vec<String> = curves.iter().map(|(name, ..)| shortened(name)).collect();
    let longest = u32::try_from(names.iter().map(|name| name.chars().count()).max().unwrap_or(0))?;
    // The names stand in front of the numbers at risk, and behind the curves with a percentage.
    let (left, right) = ((LETTER * longest).max(60), (LETTER * (longest + 5) + 16).max(140));
    let (width, height) = (670 + left + right, 536 + below);
    let root = SVGBackend::new(path, (width, u32::try_from(height)?)).into_drawing_area();
    root.fill(&WHITE)?;
    let text = |size: u32, colour: RGBColor| ("sans-serif", size).into_font().color(&colour);
    root.draw(&Text::new("How long customers stay", (40, 26), ("sans-serif", 26).into_font().style(FontStyle::Bold).color(&INK)))?;
    let has_bands = curves.len() <= MOST_BANDS;
    let bands = if has_bands { "; bands are 95% intervals" } else { "" };
    let subtitle = format!("Share of customers who stay beyond each period (Kaplan-Meier){bands}");
    root.draw(&Text::new(subtitle, (40, 60), text(15, GREY)))?;

    let area = root.margin(100, below, 0, 0);
    let mut chart = ChartBuilder::on(&area)
        .margin_left(left)
        .margin_right(right)
        .x_label_area_size(50)
        .y_label_area_size(46)
        .build_cartesian_2d(0.0_f64..end, 0.0_f64..1.0)?;
    let ticks = ticks(renewal, end);
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(FAINT)
        .axis_style(TRANSPARENT)
        .disable_x_axis()
        .y_labels(6)
        .y_label_formatter(&|share| format!("{:.0}%", share * 100.0))
        .y_label_style(text(14, GREY))
        .draw()?;
    for &tick in &ticks {
        chart.draw_series([PathElement::new([(tick, 0.0), (tick, 1.0)], FAINT.stroke_width(1))])?;
        let (x, bottom) = chart.backend_coord(&(tick, 0.0));
        root.draw(&Text::new(tick.to_string(), (x, bottom + 10), text(14, GREY).pos(Pos::new(HPos::Center, VPos::Top))))?;
    }

    let (middle, bottom) = chart.backend_coord(&(end / 2.0, 0.0));
    let title = "Periods since the customer began";
    root.draw(&Text::new(title, (middle, bottom + 29), text(14, GREY).pos(Pos::new(HPos::Center, VPos::Top))))?;

    let mut labels = Vec::new();
    for (((_, curve, _), name), colour) in curves.iter().zip(&names).zip(COLOURS) {
        if has_bands {
            chart.draw_series([Polygon::new(band(curve), colour.mix(0.14).filled())])?;
        }
        chart.draw_series(LineSeries::new(steps(curve), colour.stroke_width(3)))?;
        let last = curve.survival_at(curve.last_time())?;
        labels.push((last, format!("{name} {:.0}%", last * 100.0), colour));
    }
    labels.sort_by(|a, b| b.0.total_cmp(&a.0));
    // Each as near to its curve as those above let it, and none below the axis.
    let mut heights: Vec<i32> = labels.iter().map(|(last, ..)| chart.backend_coord(&(end, *last)).1).collect();
    let mut highest_free = i32::MIN;
    for height in &mut heights {
        *height = (*height).max(highest_free);
        highest_free = *height + LINE;
    }
    let mut lowest_free = bottom;
    for height in heights.iter_mut().rev() {
        *height = (*height).min(lowest_free);
        lowest_free = *height - LINE;
    }
    let (edge, _) = chart.backend_coord(&(end, 0.0));
    for ((_, label, colour), height) in labels.into_iter().zip(heights) {
        root.draw(&Text::new(label, (edge + 10, height), text(15, colour).pos(Pos::new(HPos::Left, VPos::Center))))?;
    }

    // In the margin, where the drawing area would cut them off.
    let top = height - below + 12;
    root.draw(&Text::new("at risk", (20, top), text(14, GREY)))?;
    for (row, (((_, _, table), name), colour)) in curves.iter().zip(&names).zip(COLOURS).enumerate() {
        let y = top + 20 + 18 * i32::try_from(row)?;
        root.draw(&Text::new(name.as_str(), (20, y), text(14, colour).pos(Pos::new(HPos::Left, VPos::Top))))?;
        for (&tick, at_risk) in ticks.iter().zip(table.risk_table().numbers_at_risk(&ticks)?) {
            let (x, _) = chart.backend_coord(&(tick, 0.0));
            root.draw(&Text::new(at_risk.to_string(), (x, y), text(14, colour).pos(Pos::new(HPos::Center, VPos::Top))))?;
        }
    }
    root.present()?;
    Ok(())
}

/// A name as far as it fits beside the picture.
fn shortened(name: &str) -> String {
    const MOST: usize = 24;
    if name.chars().count() <= MOST {
        return name.to_owned();
    }
    let begin: String = name.chars().take(MOST - 1).collect();
    format!("{}…", begin.trim_end())
}

/// The renewals, or as many of them as can be read.
fn ticks(renewal: f64, end: f64) -> Vec<f64> {
    const MOST: f64 = 12.0;
    let every = renewal * (end / renewal / MOST).ceil().max(1.0);
    std::iter::successors(Some(0.0), |tick| Some(tick + every)).take_while(|tick| *tick <= end).collect()
}

fn steps(curve: &SurvivalCurve) -> Vec<(f64, f64)> {
    outline(curve, curve.steps().iter().map(|step| (step.time(), step.survival())))
}

/// Along the high limits and back along the low ones. Where everyone has left there are none: the band ends there.
fn band(curve: &SurvivalCurve) -> Vec<(f64, f64)> {
    let intervals = curve.intervals(Confidence::P95, LimitMethod::LogLog);
    let known = || curve.steps().iter().zip(&intervals).filter_map(|(step, interval)| Some((step.time(), (*interval)?)));
    let mut around = outline(curve, known().map(|(time, interval)| (time, interval.high())));
    let mut low = outline(curve, known().map(|(time, interval)| (time, interval.low())));
    low.reverse();
    around.extend(low);
    around
}

/// A step function from 1 at time 0 to the last time of the curve.
fn outline(curve: &SurvivalCurve, steps: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let (mut points, mut level) = (vec![(0.0, 1.0)], 1.0);
    for (time, next) in steps {
        points.extend([(time, level), (time, next)]);
        level = next;
    }
    points.push((curve.last_time(), level));
    points
}
