//! `values`: the JSON values of a text that holds several, such as the conflicting texts of a record.

/// Returns the JSON values in `text`, which follow each other with white space between them. Empty lines are skipped.
///
/// Morango puts each conflicting text before the earlier ones, with a line break between them (morango.md §6.3, §11). A text may
/// contain line breaks itself: a peer decides how it writes its JSON. Text that is no JSON is returned line by line, so nothing
/// of it is lost.
///
/// ```
/// # use syncline_serializer::json;
/// let values: Vec<_> = json::values("{\"a\": 1}\n{\n \"a\": 2\n}\n\nnonsense {\n").collect();
/// assert_eq!(values, ["{\"a\": 1}", "{\n \"a\": 2\n}", "nonsense {"]);
/// ```
pub fn values(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    let mut by_lines = false;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(is_white_space);
        if rest.is_empty() {
            return None;
        }
        let line = rest.find('\n').unwrap_or(rest.len());
        let end = if by_lines { Err(0) } else { end_of_value(rest) };
        let (value, after) = rest.split_at(end.unwrap_or(line));
        // Otherwise a text of open brackets would be read once for each of its lines.
        by_lines |= end.is_err_and(|read| read > line);
        rest = after;
        Some(value.trim_end_matches(is_white_space))
    })
}

fn is_white_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// The length of the array or object at the start of `text`. Fails if it is not closed, or something else follows on its last
/// line; the error is the number of bytes that were read.
fn end_of_value(text: &str) -> Result<usize, usize> {
    let mut open = Vec::new();
    let mut is_in_string = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((index, byte)) = bytes.next() {
        match byte {
            // JSON escapes line breaks in strings.
            b'\n' if is_in_string => return Err(index),
            b'\\' if is_in_string => _ = bytes.next(),
            b'"' => is_in_string = !is_in_string,
            _ if is_in_string => {}
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                if open.pop() != Some(byte) {
                    return Err(index);
                }
                if open.is_empty() {
                    let line = text[index + 1..].split('\n').next().unwrap_or_default();
                    let is_last = line.trim_matches(is_white_space).is_empty();
                    return if is_last { Ok(index + 1) } else { Err(index) };
                }
            }
            _ if open.is_empty() => return Err(index),
            _ => {}
        }
    }
    Err(text.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::recode;
    use super::values;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(values(text).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn one_text_on_each_line() {
        check("", &[]);
        check("\n\n", &[]);
        check("{\"a\": 1}\n", &["{\"a\": 1}"]);
        check("{\"n\": 2}\n{\"n\": 1}\n", &["{\"n\": 2}", "{\"n\": 1}"]);
        // Another program may leave out the last line break.
        check("{\"n\": 2}\r\n\n{\"n\": 1}", &["{\"n\": 2}", "{\"n\": 1}"]);
    }

    #[test]
    fn line_breaks_within_a_text() {
        check("{\n  \"a\": [\n    1\n  ]\n}\n{}\n", &["{\n  \"a\": [\n    1\n  ]\n}", "{}"]);
        check("{\"a\": \"}\\n\\\"{\"}\n[]", &["{\"a\": \"}\\n\\\"{\"}", "[]"]);
    }

    #[test]
    fn what_is_no_json_is_a_line() {
        check("nonsense\n{}\n", &["nonsense", "{}"]);
        check("12 13\n\"a\"\nnull", &["12 13", "\"a\"", "null"]);
        check("{\"a\": \"x\n{\"b\": 1}", &["{\"a\": \"x", "{\"b\": 1}"]);
        check("{]\n{}", &["{]", "{}"]);
        check("{} {}\n{}", &["{} {}", "{}"]);
        check("{\"a\\", &["{\"a\\"]);
        check("é{\n{}", &["é{", "{}"]);
    }

    /// An open bracket in one text takes nothing of the texts behind it.
    #[test]
    fn an_open_object_is_a_line() {
        check("{\"a\": {\n{\"b\": 1}", &["{\"a\": {", "{\"b\": 1}"]);
    }

    #[test]
    fn many_open_brackets_are_read_once() {
        let text = "{\n".repeat(300_000);
        assert_eq!(values(&text).count(), 300_000);
        let text = format!("{text}]");
        assert_eq!(values(&text).count(), 300_001);
    }

    proptest! {
        /// Objects in any spacing are read as they were written, and every text of anything keeps its characters.
        #[test]
        fn as_written(bodies in prop::collection::vec("[a-z{}\\[\\]\"\\\\ ]{0,12}", 0..5), pretty in any::<bool>()) {
            let objects: Vec<serde_json::Value> =
                bodies.iter().map(|body| serde_json::json!({ "key": body, "list": [body, {}] })).collect();
            let texts: Vec<String> = objects
                .iter()
                .map(|object| if pretty { serde_json::to_string_pretty(object) } else { serde_json::to_string(object) }.unwrap())
                .collect();
            let column = texts.join("\n") + "\n";
            prop_assert_eq!(values(&column).collect::<Vec<_>>(), texts.iter().map(String::as_str).collect::<Vec<_>>());
            for text in values(&column) {
                prop_assert!(recode(text, &mut String::new()).is_ok());
            }
        }

        #[test]
        fn nothing_is_lost(text in "[{}\\[\\]\"\\\\a \n]{0,40}") {
            let all: String = values(&text).collect::<Vec<_>>().concat();
            let without = |text: &str| text.replace([' ', '\n'], "");
            prop_assert_eq!(without(&all), without(&text));
        }
    }
}
