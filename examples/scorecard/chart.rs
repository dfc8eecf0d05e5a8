//! The complaint-retention curve as a picture.

use std::path::Path;

use customer_metrics::Confidence;
use customer_metrics::complaint::{Outcome, PublishedCurve, RetentionCurve};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, VPos};

use crate::complaints::Staying;
use crate::drawing::{Area, Drawn, FAINT, GREY, INK, placed, save, text};
use crate::input::Fault;

const OURS: RGBColor = RGBColor(0, 105, 120);
const MAJOR: RGBColor = RGBColor(214, 96, 36);
const MINOR: RGBColor = RGBColor(158, 132, 190);

pub fn draw(curve: &RetentionCurve, staying: Staying, path: &Path) -> Result<(), Fault> {
    let subtitle = match staying {
        Staying::Recorded => "Share of customers who stay, by outcome of their problem; bars are 95% intervals",
        Staying::Undisputed => {
            "Share who do not dispute the answer (ours) or stay (published), by outcome of their problem; bars are 95% intervals"
        }
    };
    save(path, (900, 560), "The complaint-retention curve", subtitle, |root| plot(root, curve))
}

fn plot(root: &Area<'_>, curve: &RetentionCurve) -> Drawn {
    let area = root.margin(100, 0, 0, 0);
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
        let style = placed(15, INK, HPos::Center, VPos::Top);
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
        labels.extend(points.last().map(|&point| (point, format!("{name} {:.0}%", point.1 * 100.0), colour)));
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
                // On the side of the point from which the line does not come.
                let rises = ours.iter().find(|next| next.0 > x).is_some_and(|next| next.1 >= estimate.point());
                let (point_x, point_y) = chart.backend_coord(&(x, estimate.point()));
                let (_, bottom) = chart.backend_coord(&(x, 0.0));
                let (side, x) = if rises { (HPos::Left, point_x + 12) } else { (HPos::Right, point_x - 10) };
                let y = if rises { point_y + 6 } else { point_y - 22 }.min(bottom - 34);
                let beside = |size, colour| placed(size, colour, side, VPos::Top);
                root.draw(&Text::new(percent, (x, y), beside(17, OURS)))?;
                root.draw(&Text::new(n, (x, y + 18), beside(12, GREY)))?;
            } else {
                labels.push(((x, estimate.point()), format!("ours {percent}, {n}"), OURS));
            }
        }
    }

    labels.sort_by(|a, b| b.0.1.total_cmp(&a.0.1));
    let mut lowest_free = i32::MIN;
    for (point, name, colour) in labels {
        let (left, middle) = chart.backend_coord(&point);
        // Only labels at the right edge can stand in each other's way.
        let middle = if point.0 >= 3.0 { middle.max(lowest_free) } else { middle };
        root.draw(&Text::new(name, (left + 22, middle), placed(15, colour, HPos::Left, VPos::Center)))?;
        lowest_free = if point.0 >= 3.0 { middle + 20 } else { lowest_free };
    }
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
