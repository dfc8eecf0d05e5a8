//! What the pictures of the examples share: colours, letters, and a file that is written whole or not at all.

#![allow(dead_code, reason = "each example takes what it needs")]

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::input::Fault;

pub const INK: RGBColor = RGBColor(38, 50, 56);
pub const GREY: RGBColor = RGBColor(120, 132, 140);
pub const FAINT: RGBColor = RGBColor(226, 230, 233);
pub const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 105, 120),
    RGBColor(214, 96, 36),
    RGBColor(126, 96, 170),
    RGBColor(90, 140, 60),
    RGBColor(180, 60, 90),
    RGBColor(150, 120, 30),
    RGBColor(70, 110, 190),
    RGBColor(110, 90, 80),
];

pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub type Drawn = Result<(), Box<dyn std::error::Error>>;

pub fn text(size: u32, colour: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&colour)
}

/// Letters that stand from their point on this side and at this height.
pub fn placed(size: u32, colour: RGBColor, horizontal: HPos, vertical: VPos) -> TextStyle<'static> {
    text(size, colour).pos(Pos::new(horizontal, vertical))
}

pub fn bold(size: u32) -> TextStyle<'static> {
    ("sans-serif", size).into_font().style(FontStyle::Bold).color(&INK)
}

/// Draws a picture under its title and writes it to a file.
pub fn save(path: &Path, size: (u32, u32), title: &str, subtitle: &str, plot: impl FnOnce(&Area<'_>) -> Drawn) -> Result<(), Fault> {
    let mut svg = String::new();
    let drawn = draw(&mut svg, size, title, subtitle, plot);
    drawn.and_then(|()| Ok(std::fs::write(path, svg)?)).map_err(|error| Fault::in_file(path, error))
}

fn draw(svg: &mut String, size: (u32, u32), title: &str, subtitle: &str, plot: impl FnOnce(&Area<'_>) -> Drawn) -> Drawn {
    let root = SVGBackend::with_string(svg, size).into_drawing_area();
    root.fill(&WHITE)?;
    root.draw(&Text::new(title.to_owned(), (40, 26), bold(26)))?;
    root.draw(&Text::new(subtitle.to_owned(), (40, 60), text(15, GREY)))?;
    plot(&root)?;
    root.present()?;
    Ok(())
}

/// How far apart names stand that would hide each other, in pixels.
pub const LINE: i32 = 20;

/// Heights for names, from the highest to the lowest: each as near to where it belongs as the others let it, and none below `bottom`.
pub fn apart(mut heights: Vec<i32>, bottom: i32) -> Vec<i32> {
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
    heights
}
