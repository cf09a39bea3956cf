//! `Quotes`: finds the quoted fields of a record. The crate `csv-core` removes quotes and does not report them.

use super::CsvFormat;

/// The quotes of one record.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Quotes {
    /// The first field that has text behind its closing quote, such as `"5" disk`.
    pub(super) misplaced: Option<usize>,
    /// The field whose quote is not closed, and the position of that quote.
    pub(super) open: Option<(usize, usize)>,
}

impl Quotes {
    /// Finds the quotes of `record`, which has no line end. Sets `is_quoted` for each of its fields.
    pub(super) fn of(record: &[u8], format: &CsvFormat, is_quoted: &mut Vec<bool>) -> Self {
        let mut quotes = Self::default();
        is_quoted.clear();
        let mut at = 0;
        loop {
            let field = is_quoted.len();
            let begins_quoted = record.get(at) == Some(&format.quote);
            is_quoted.push(begins_quoted);
            if begins_quoted {
                let Some(end) = closing(record, at + 1, format) else {
                    quotes.open = Some((field, at));
                    return quotes;
                };
                at = end;
                if record.get(at).is_some_and(|&byte| byte != format.delimiter) {
                    quotes.misplaced.get_or_insert(field);
                }
            }
            match record[at..].iter().position(|&byte| byte == format.delimiter) {
                Some(length) => at += length + 1,
                None => return quotes,
            }
        }
    }
}

/// The position behind the quote that closes a field, whose text begins at `at`.
fn closing(record: &[u8], mut at: usize, format: &CsvFormat) -> Option<usize> {
    loop {
        let is_special = |&byte: &u8| byte == format.quote || Some(byte) == format.escape;
        at += record.get(at..)?.iter().position(is_special)? + 1;
        if record[at - 1] != format.quote {
            // Behind an escape.
            at += 1;
        } else if format.escape.is_none() && record.get(at) == Some(&format.quote) {
            // Two quotes stand for one.
            at += 1;
        } else {
            return Some(at);
        }
    }
}

/// The number of line ends `\r` without a `\n` behind them.
pub(super) fn lone_returns(text: &[u8]) -> u64 {
    if !text.contains(&b'\r') {
        return 0;
    }
    let is_lone = |&(at, &byte): &(usize, &u8)| byte == b'\r' && text.get(at + 1) != Some(&b'\n');
    text.iter().enumerate().filter(is_lone).count() as u64
}

#[cfg(test)]
mod tests {
    use super::Quotes;
    use crate::io::CsvFormat;

    /// The fields that are quoted, as in `q--`, and the quotes.
    fn quotes(record: &str, format: &CsvFormat) -> (String, Quotes) {
        let mut is_quoted = Vec::new();
        let quotes = Quotes::of(record.as_bytes(), format, &mut is_quoted);
        (is_quoted.iter().map(|&is_quoted| if is_quoted { 'q' } else { '-' }).collect(), quotes)
    }

    #[test]
    fn fields_and_their_quotes_are_found() {
        let well = Quotes::default;
        let misplaced = |field| Quotes { misplaced: Some(field), ..well() };
        let open = |field, at| Quotes { open: Some((field, at)), ..well() };
        for (record, fields, expected) in [
            ("", "-", well()),
            (",", "--", well()),
            ("a,\"b\",c\"d\"", "-q-", well()),
            ("\"\",\"\"\"\",", "qq-", well()),
            ("\"a,\"\",b\",c", "q-", well()),
            ("\"5\" disk,\"b\"", "qq", misplaced(0)),
            ("a,\"b\"c\"", "-q", misplaced(1)),
            ("a,\"b", "-q", open(1, 2)),
            ("\"", "q", open(0, 0)),
            ("\"a\"\"", "q", open(0, 0)),
        ] {
            assert_eq!(quotes(record, &CsvFormat::new()), (fields.to_owned(), expected), "{record}");
        }
        let escape = CsvFormat::new().escape(b'\\');
        for (record, fields, expected) in [
            (r#""a\"b",c"#, "q-", well()),
            (r#""a\\",c"#, "q-", well()),
            (r#""a\"#, "q", open(0, 0)),
            (r#"a\"b,c"#, "--", well()),
        ] {
            assert_eq!(quotes(record, &escape), (fields.to_owned(), expected), "{record}");
        }
    }
}
