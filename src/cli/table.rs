//! Text tables: columns as wide as their cells, cut to the width of the terminal.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use anstyle::{AnsiColor, Style};

/// The style of headings.
pub(super) const HEADING: Style = Style::new().bold();
/// The style of differences.
pub(super) const DIFFERENT: Style = AnsiColor::Yellow.on_default();

/// The widest padding of a column in a pipe.
const WIDEST: usize = 60;

/// The greatest width of a line: the terminal's, or `None` in a pipe.
pub(super) fn width_of_stdout() -> Option<usize> {
    if !std::io::stdout().is_terminal() {
        return None;
    }
    terminal_size::terminal_size().map(|(width, _)| width.0.into())
}

/// A table of text.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<(Style, Vec<String>)>,
}

impl Table {
    /// Makes a table with headings.
    pub(super) fn new(headings: &[&str]) -> Self {
        let mut table = Self::default();
        table.row(HEADING, headings.iter().copied());
        table
    }

    /// Adds a row.
    pub(super) fn row(&mut self, style: Style, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push((style, cells.into_iter().map(|cell| printable(&cell.into())).collect()));
    }

    /// Formats the table in lines of at most `width` characters. The widest columns are cut until it fits.
    pub(super) fn text(&self, width: Option<usize>) -> String {
        let columns = self.rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0);
        let mut widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|(_, cells)| cells.get(column));
                cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
            })
            .collect();
        // In a pipe a cell may be longer than its padding. The next column then begins where the cell ends.
        let mut padding = widths.iter().map(|width| (*width).min(WIDEST)).collect::<Vec<_>>();
        if let Some(width) = width {
            fit(&mut widths, width.saturating_sub(2 * columns.saturating_sub(1)));
            padding.clone_from(&widths);
        }
        let mut text = String::new();
        for (style, cells) in &self.rows {
            if !text.is_empty() {
                text.push('\n');
            }
            let mut line = String::new();
            for ((cell, width), padding) in cells.iter().zip(&widths).zip(&padding) {
                write!(line, "{:padding$}  ", cut(cell, *width)).expect("writing to a string succeeds");
            }
            write!(text, "{style}{}{style:#}", line.trim_end()).expect("writing to a string succeeds");
        }
        text
    }
}

/// Narrows the widest columns until all fit into `available`, but none below a minimum.
fn fit(widths: &mut [usize], available: usize) {
    const LEAST: usize = 8;

    while widths.iter().sum::<usize>() > available {
        match widths.iter_mut().max() {
            Some(widest) if *widest > LEAST => *widest -= 1,
            _ => return,
        }
    }
}

/// Cuts `text` to at most `width` characters.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Escapes control characters, so that text from a database neither breaks a line nor controls the terminal.
pub(super) fn printable(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use anstyle::Style;

    use super::{Table, printable};

    fn table() -> Table {
        let mut table = Table::default();
        table.row(Style::new(), ["field", "value"]);
        table.row(Style::new(), ["body", "Rye, half a loaf, and butter"]);
        table
    }

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        assert_eq!(table().text(None), "field  value\nbody   Rye, half a loaf, and butter");
        assert_eq!(table().text(Some(200)), table().text(None));
    }

    #[test]
    fn in_a_pipe_nothing_is_cut_and_little_padded() {
        let mut table = table();
        table.row(Style::new(), [&"long".repeat(20), "end"]);
        let text = table.text(None);
        assert_eq!(text.lines().next().unwrap().len(), 60 + 2 + "value".len());
        assert!(text.ends_with("longlong  end"));
    }

    #[test]
    fn the_widest_column_is_cut_to_the_terminal() {
        let text = table().text(Some(20));
        assert_eq!(text, "field  value\nbody   Rye, half a …");
        assert!(text.lines().all(|line| line.chars().count() <= 20));
        assert_eq!(table().text(Some(1)), "field  value\nbody   Rye, ha…");
    }

    #[test]
    fn a_cell_is_one_line_without_commands() {
        assert_eq!(printable("`a\nb\u{1b}[2J\0é`"), r"`a\nb\u{1b}[2J\u{0}é`");
    }
}
