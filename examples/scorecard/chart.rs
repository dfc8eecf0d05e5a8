//! The complaint-retention curve as a picture.

use std::path::Path;

use customer_metrics::Confidence;
use customer_metrics::complaint::{Outcome, PublishedCurve, RetentionCurve};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::complaints::Staying;
use crate::input::Fault;

const INK: RGBColor = RGBColor(38, 50, 56);
const GREY: RGBColor = RGBColor(120, 132, 140);
const FAINT: RGBColor = RGBColor(226, 230, 233);
const OURS: RGBColor = RGBColor(0, 105, 120);
const MAJOR: RGBColor = RGBColor(214, 96, 36);
const MINOR: RGBColor = RGBColor(158, 132, 190);

pub fn draw(curve: &RetentionCurve, staying: Staying, path: &Path) -> Result<(), Fault> {
    plot(curve, staying, path).map_err(|error| Fault::in_file(path, error))
}

fn plot(curve: &RetentionCurve, staying: Staying, path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::new(path, (900, 560)).into_drawing_area();
    root.fill(&WHITE)?;
    let text = |size: u32, colour: RGBColor| ("sans-serif", size).into_font().color(&colour);
    let stays = match staying {
        Staying::Recorded => "Share of customers who stay, by outcome of their problem; bars are 95% intervals",
        Staying::Undisputed => {
            "Share who do not dispute the answer (ours) or stay (published), by outcome of their problem; bars are 95% intervals"
        }
    };
    root.draw(&Text::new("The complaint-retention curve", (40, 26), ("sans-serif", 26).into_font().style(FontStyle::Bold).color(&INK)))?;
    root.draw(&Text::new(stays, (40, 60), text(15, GREY)))?;

    let area = root.margin(92, 0, 0, 0);
    let mut chart = ChartBuilder::on(&area)
        .margin_left(24)
        .margin_right(170)
        .margin_bottom(16)
        .x_label_area_size(46)
        .y_label_area_size(46)
        .build_cartesian_2d(-0.25_f64..3.3, 0.0_f64..1.0)?;
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

    for (outcome, x) in Outcome::ALL.into_iter().zip([0.0, 1.0, 2.0, 3.0]) {
        let style = text(15, INK).pos(Pos::new(HPos::Center, VPos::Top));
        let (pixel, bottom) = chart.backend_coord(&(x, 0.0));
        root.draw(&Text::new(outcome.to_string(), (pixel, bottom + 12), style))?;
    }

    let mut labels = Vec::new();
    for (published, name, colour) in
        [(PublishedCurve::MinorProblem, "published, minor", MINOR), (PublishedCurve::MajorProblem, "published, major", MAJOR)]
    {
        let points: Vec<(f64, f64)> = points(&published.curve());
        chart.draw_series(DashedLineSeries::new(points.iter().copied(), 7, 5, colour.stroke_width(2)))?;
        chart.draw_series(points.iter().map(|&point| Circle::new(point, 4, colour.filled())))?;
        labels.extend(points.last().map(|&(_, y)| (y, format!("{name} {:.0}%", y * 100.0), colour)));
    }

    let ours = points(curve);
    chart.draw_series(LineSeries::new(ours.iter().copied(), OURS.stroke_width(4)))?;
    for (outcome, x) in Outcome::ALL.into_iter().zip([0.0, 1.0, 2.0, 3.0]) {
        if let Ok(estimate) = curve.estimate(outcome, Confidence::P95) {
            let (low, high) = (estimate.interval().low(), estimate.interval().high());
            chart.draw_series([PathElement::new([(x, low), (x, high)], OURS.stroke_width(2))])?;
            for end in [low, high] {
                chart.draw_series([PathElement::new([(x - 0.035, end), (x + 0.035, end)], OURS.stroke_width(2))])?;
            }
            chart.draw_series([Circle::new((x, estimate.point()), 6, OURS.filled())])?;
            let (percent, n) = (format!("{:.0}%", estimate.point() * 100.0), format!("n = {}", estimate.n()));
            if ours.last().is_some_and(|last| last.0 > x) {
                let (left, middle) = chart.backend_coord(&(x, estimate.point()));
                let beside = |size, colour| text(size, colour).pos(Pos::new(HPos::Right, VPos::Bottom));
                root.draw(&Text::new(percent, (left - 10, middle - 4), beside(17, OURS)))?;
                root.draw(&Text::new(n, (left - 10, middle + 14), beside(12, GREY)))?;
            } else {
                labels.push((estimate.point(), format!("ours {percent}, {n}"), OURS));
            }
        }
    }

    labels.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut lowest_free = i32::MIN;
    for (y, name, colour) in labels {
        let (left, middle) = chart.backend_coord(&(3.0, y));
        let middle = middle.max(lowest_free);
        root.draw(&Text::new(name, (left + 22, middle), text(15, colour).pos(Pos::new(HPos::Left, VPos::Center))))?;
        lowest_free = middle + 20;
    }
    root.present()?;
    Ok(())
}

/// The known steps of a curve at their places, a range at its middle.
fn points(curve: &RetentionCurve) -> Vec<(f64, f64)> {
    let place = |outcome: Outcome| Outcome::ALL.into_iter().zip([0.0, 1.0, 2.0, 3.0]).find(|&(each, _)| each == outcome).map(|(_, x)| x);
    curve
        .steps()
        .filter_map(|(outcome, retention)| {
            let range = retention.range();
            Some((place(outcome)?, f64::midpoint(range.low().to_f64(), range.high().to_f64())))
        })
        .collect()
}
