//! The pictures: lines in an SVG, drawn by plotters.

use std::path::Path;

use hdrhistogram::Histogram;
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::clock::ms;
use crate::report::{Plot, Series};

/// Width and height, pixels.
const SIZE: (u32, u32) = (960, 540);
/// The x axis of percentile curves: 1 is p90, 2 is p99, 3 is p99.9.
pub const NINES: &str = "percentile";
const COLOURS: [RGBColor; 6] = [
    RGBColor(0x1f, 0x77, 0xb4),
    RGBColor(0xd6, 0x27, 0x28),
    RGBColor(0x2c, 0xa0, 0x2c),
    RGBColor(0x94, 0x67, 0xbd),
    RGBColor(0xff, 0x7f, 0x0e),
    RGBColor(0x17, 0xbe, 0xcf),
];

type Drawn = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Latency over percentile, the far end drawn wide: what is rare is what matters.
pub fn percentile_curve(name: &str, histogram: &Histogram<u64>) -> Series {
    let most = (histogram.len().max(10) as f64).log10().min(5.0);
    let points = (0..=100).map(|step| {
        let nines = most * f64::from(step) / 100.0;
        (nines, ms(histogram.value_at_quantile(1.0 - 10f64.powf(-nines))))
    });
    Series { name: name.to_owned(), points: points.collect() }
}

pub fn draw(path: &Path, plot: &Plot) -> Drawn {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    draw_on(&area, plot)?;
    area.present().map_err(|error| error.to_string())?;
    Ok(())
}

fn draw_on(area: &DrawingArea<SVGBackend<'_>, Shift>, plot: &Plot) -> Drawn {
    let points = || plot.series.iter().flat_map(|series| series.points.iter().copied());
    let x_from = points().map(|(x, _)| x).fold(f64::INFINITY, f64::min).min(0.0);
    let x_to = points().map(|(x, _)| x).fold(1.0, f64::max);
    let y_to = points().map(|(_, y)| y).fold(0.0, f64::max).max(1e-3) * 1.1;
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(area)
        .caption(&plot.title, ("sans-serif", 22))
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(72)
        .build_cartesian_2d(x_from..x_to, 0.0..y_to)?;
    let nines = plot.x == NINES;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc(&plot.x)
        .y_desc(&plot.y)
        .x_label_formatter(&|x| if nines { percentile(*x) } else { format!("{x}") })
        .draw()?;
    for (index, series) in plot.series.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        chart
            .draw_series(LineSeries::new(series.points.iter().copied(), colour.stroke_width(2)))?
            .label(&series.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    Ok(())
}

/// 2.0 is "p99".
fn percentile(nines: f64) -> String {
    let percent = 100.0 * (1.0 - 10f64.powf(-nines));
    let digits = (nines - 2.0).ceil().max(0.0) as usize;
    format!("p{percent:.digits$}")
}
