//! The retention curves as a picture: steps, bands, and the number at risk below.

use customer_metrics::survival::{LifeTable, LimitMethod, SurvivalCurve};
use customer_metrics::{Confidence, Tally as _};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use crate::Request;
use crate::customers::Customers;
use crate::drawing::{Area, COLOURS, Drawn, FAINT, GREY, apart, placed, save, text};
use crate::input::Fault;

/// How wide a letter is, mostly, in pixels.
const LETTER: u32 = 8;

/// More bands than these hide each other.
const MOST_BANDS: usize = 4;

/// One curve of the picture, with the name that stands beside it.
struct Line<'a> {
    name: String,
    table: &'a LifeTable,
    curve: SurvivalCurve,
}

impl<'a> Line<'a> {
    fn of(name: &str, table: &'a LifeTable) -> Result<Self, Fault> {
        Ok(Self { name: shortened(name), table, curve: table.finish()? })
    }
}

pub fn draw(customers: &Customers, request: &Request) -> Result<(), Fault> {
    let lines: Vec<Line<'_>> = if customers.groups.is_empty() {
        vec![Line::of("all customers", &customers.all)?]
    } else {
        customers.groups.iter().map(|(name, table)| Line::of(name, table)).collect::<Result<_, _>>()?
    };
    let bands = if lines.len() <= MOST_BANDS { "; bands are 95% intervals" } else { "" };
    let subtitle = format!("Share of customers who stay beyond each period (Kaplan-Meier){bands}");
    // The names stand in front of the numbers at risk, and behind the curves with a percentage.
    let (letters, names) = lines.iter().fold((0, 0), |(letters, names), line| (line.name.chars().count().max(letters), names + 1));
    let letters = u32::try_from(letters).unwrap_or(0);
    let margins = Margins { left: (LETTER * letters).max(60), right: (LETTER * (letters + 5) + 16).max(140), below: 44 + 18 * names };
    let size = (670 + margins.left + margins.right, 536 + margins.below);
    save(&request.svg, size, "How long customers stay", &subtitle, |root| plot(root, &lines, &margins, request.renewal))
}

/// The room around the curves, in pixels.
struct Margins {
    left: u32,
    right: u32,
    below: u32,
}

fn plot(root: &Area<'_>, lines: &[Line<'_>], margins: &Margins, renewal: u16) -> Drawn {
    let end = lines.iter().map(|line| line.curve.last_time()).fold(1.0, f64::max);
    let area = root.margin(100, margins.below, 0, 0);
    let mut chart = ChartBuilder::on(&area)
        .margin_left(margins.left)
        .margin_right(margins.right)
        .x_label_area_size(50)
        .y_label_area_size(46)
        .build_cartesian_2d(0.0_f64..end, 0.0_f64..1.0)?;
    let ticks = ticks(f64::from(renewal), end);
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
        root.draw(&Text::new(tick.to_string(), (x, bottom + 10), placed(14, GREY, HPos::Center, VPos::Top)))?;
    }

    let (middle, bottom) = chart.backend_coord(&(end / 2.0, 0.0));
    let title = "Periods since the customer began";
    root.draw(&Text::new(title, (middle, bottom + 29), placed(14, GREY, HPos::Center, VPos::Top)))?;

    let mut labels = Vec::new();
    for (Line { name, curve, .. }, colour) in lines.iter().zip(COLOURS) {
        if lines.len() <= MOST_BANDS {
            chart.draw_series([Polygon::new(band(curve), colour.mix(0.14).filled())])?;
        }
        chart.draw_series(LineSeries::new(steps(curve), colour.stroke_width(3)))?;
        let last = curve.survival_at(curve.last_time())?;
        labels.push((last, format!("{name} {:.0}%", last * 100.0), colour));
    }
    labels.sort_by(|a, b| b.0.total_cmp(&a.0));
    let heights = apart(labels.iter().map(|(last, ..)| chart.backend_coord(&(end, *last)).1).collect(), bottom);
    let (edge, _) = chart.backend_coord(&(end, 0.0));
    for ((_, label, colour), height) in labels.into_iter().zip(heights) {
        root.draw(&Text::new(label, (edge + 10, height), placed(15, colour, HPos::Left, VPos::Center)))?;
    }

    // In the margin, where the drawing area would cut them off.
    let top = i32::try_from(root.dim_in_pixel().1 - margins.below)? + 12;
    root.draw(&Text::new("at risk", (20, top), text(14, GREY)))?;
    for (row, (Line { name, table, .. }, colour)) in lines.iter().zip(COLOURS).enumerate() {
        let y = top + 20 + 18 * i32::try_from(row)?;
        root.draw(&Text::new(name.as_str(), (20, y), placed(14, colour, HPos::Left, VPos::Top)))?;
        for (&tick, at_risk) in ticks.iter().zip(table.risk_table().numbers_at_risk(&ticks)?) {
            let (x, _) = chart.backend_coord(&(tick, 0.0));
            root.draw(&Text::new(at_risk.to_string(), (x, y), placed(14, colour, HPos::Center, VPos::Top)))?;
        }
    }
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
