//! Line charts as SVG.

use std::fmt::Write as _;

/// One line of a chart.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) colour: &'static str,
    /// `true` if its points are marked.
    pub(crate) dots: bool,
    pub(crate) points: Vec<(f64, f64)>,
}

/// A chart: title, axes and lines.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) across: &'static str,
    pub(crate) up: &'static str,
    pub(crate) lines: Vec<Line>,
}

const WIDTH: f64 = 460.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 48.0;

/// Draws charts, two in a row.
pub(crate) fn draw(charts: &[Chart]) -> String {
    let rows = charts.len().div_ceil(2);
    let columns = charts.len().min(2);
    let (width, height) = (WIDTH * count(columns), HEIGHT * count(rows));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
    );
    for (place, chart) in charts.iter().enumerate() {
        let (x, y) = (WIDTH * count(place % 2), HEIGHT * count(place / 2));
        let _ = writeln!(svg, "<g transform=\"translate({x} {y})\">");
        chart.draw(&mut svg);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

#[expect(clippy::cast_precision_loss, reason = "a few charts")]
fn count(number: usize) -> f64 {
    number as f64
}

impl Chart {
    fn draw(&self, svg: &mut String) {
        let points = || self.lines.iter().flat_map(|line| &line.points);
        let right = points().map(|point| point.0).fold(f64::MIN_POSITIVE, f64::max);
        let top = points().map(|point| point.1).fold(f64::MIN_POSITIVE, f64::max) * 1.05;
        let (inner_width, inner_height) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        let x = |value: f64| LEFT + value / right * inner_width;
        let y = |value: f64| TOP + (1.0 - value / top) * inner_height;

        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"18\" font-size=\"14\" text-anchor=\"middle\">{}</text>",
            WIDTH / 2.0,
            self.title
        );
        for value in steps(top) {
            let y = y(value);
            let _ = writeln!(
                svg,
                "<path d=\"M{LEFT} {y:.1}H{:.1}\" stroke=\"#ddd\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#555\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 6.0,
                y + 4.0,
                shown(value)
            );
        }
        for value in steps(right) {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#555\">{}</text>",
                x(value),
                HEIGHT - BOTTOM + 16.0,
                shown(value)
            );
        }
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\
             <text transform=\"translate(14 {}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            LEFT + inner_width / 2.0,
            HEIGHT - 12.0,
            self.across,
            TOP + inner_height / 2.0,
            self.up
        );
        for (number, line) in self.lines.iter().enumerate() {
            let colour = line.colour;
            let path: Vec<String> =
                line.points.iter().map(|point| format!("{:.1} {:.1}", x(point.0), y(point.1))).collect();
            let _ = writeln!(
                svg,
                "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.6\"/>",
                path.join("L")
            );
            for point in line.points.iter().filter(|_| line.dots) {
                let _ = writeln!(
                    svg,
                    "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3\" fill=\"{colour}\"/>",
                    x(point.0),
                    y(point.1)
                );
            }
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{}\" fill=\"{colour}\">{}</text>",
                LEFT + 8.0 + 90.0 * count(number),
                TOP - 6.0,
                line.name
            );
        }
    }
}

/// About five round values up to `end`, for an axis.
fn steps(end: f64) -> Vec<f64> {
    let rough = end / 5.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|part| part * power).find(|step| *step >= rough);
    let step = step.unwrap_or(rough);
    (0..=10).map(|number| step * f64::from(number)).take_while(|value| *value <= end).collect()
}

fn shown(value: f64) -> String {
    if value >= 10_000.0 {
        format!("{}k", value / 1000.0)
    } else {
        format!("{}", (value * 1000.0).round() / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        assert_eq!(steps(23.0), [0.0, 5.0, 10.0, 15.0, 20.0]);
        assert_eq!(shown(275_000.0), "275k");
    }
}
