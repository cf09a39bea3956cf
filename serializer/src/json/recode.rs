//! Conversion of a JSON text to its canonical form, which is the text that Python's `json.dumps` writes.

use std::cell::RefCell;
use std::cmp::Ordering;

use super::SyntaxError;
use super::member::{FEW, Member, Span, sort_by_key};
use super::scan::Scanner;

/// The depth to which arrays and objects may nest.
///
/// Python stops where its own stack ends: at a depth of 994 in an otherwise empty program, and earlier if more
/// functions are running. So this limit accepts every text that Morango can read.
pub(crate) const MAX_DEPTH: usize = 1000;

/// Appends `json.dumps(json.loads(text))` to `out`, as Python computes it.
///
/// Numbers and strings get their canonical form; an integer keeps all its digits. Of several equal keys the last value
/// is kept, at the position of the first. `NaN`, `Infinity` and `-Infinity` are values.
///
/// The time is linear in the length of the text; objects with more than a few keys also take the time to sort the keys.
/// Each thread keeps its scratch space, so once it has seen its largest text it allocates no more memory.
///
/// ```
/// # use syncline_serializer::json;
/// let mut out = String::new();
/// json::recode(r#"{"é":1.50,"\u00E9":[1e5]}"#, &mut out)?;
/// assert_eq!(out, r#"{"\u00e9": [100000.0]}"#);
/// # Ok::<(), json::SyntaxError>(())
/// ```
///
/// # Errors
///
/// If `json.loads` would reject the text. `out` is then unchanged. Arrays and objects may nest 1000 deep, and integers
/// may have 4300 digits: see [`SyntaxError::is_limit`].
pub fn recode(text: &str, out: &mut String) -> Result<(), SyntaxError> {
    thread_local! {
        static RECODER: RefCell<Recoder> = RefCell::default();
    }
    RECODER.with_borrow_mut(|recoder| recoder.recode(text, out))
}

/// Returns the members of the object in `text`, or `None` if `text` is JSON but not an object. A member is its key,
/// with quotes, and its value, both in the form of [`recode`].
///
/// ```
/// # use syncline_serializer::json;
/// let members = json::members(r#"{"a":1.50,"b":{"c":[]}}"#)?.unwrap_or_default();
/// assert_eq!(members[0], ("\"a\"".to_owned(), "1.5".to_owned()));
/// assert_eq!(members[1], ("\"b\"".to_owned(), r#"{"c": []}"#.to_owned()));
/// assert_eq!(json::members("[]")?, None);
/// # Ok::<(), json::SyntaxError>(())
/// ```
///
/// # Errors
///
/// As for [`recode`].
pub fn members(text: &str) -> Result<Option<Vec<(String, String)>>, SyntaxError> {
    let mut recoder = Recoder::default();
    let mut out = String::new();
    recoder.recode(text, &mut out)?;
    let owned = |member: &Member| (member.key.of(&out).to_owned(), member.value.of(&out).to_owned());
    Ok(out.starts_with('{').then(|| recoder.members.iter().map(owned).collect()))
}

/// The scratch space of [`recode`].
#[derive(Debug, Default)]
pub(super) struct Recoder {
    /// The arrays and objects that are not closed yet, the innermost last.
    open: Vec<Container>,
    /// The members of the open objects, those of the innermost object last.
    members: Vec<Member>,
    order: Vec<usize>,
    rewritten: String,
}

#[derive(Debug, Clone, Copy)]
enum Container {
    Array,
    Object { first_member: usize },
}

impl Recoder {
    pub(super) fn recode(&mut self, text: &str, out: &mut String) -> Result<(), SyntaxError> {
        self.open.clear();
        self.members.clear();
        let start = out.len();
        let result = self.run(Scanner::new(text), out);
        if result.is_err() {
            out.truncate(start);
        }
        result
    }

    /// The members of the object that was read last, as positions in the output. Empty if the text was not an object.
    pub(super) fn members(&mut self) -> &mut Vec<Member> {
        &mut self.members
    }

    fn run(&mut self, mut scanner: Scanner<'_>, out: &mut String) -> Result<(), SyntaxError> {
        loop {
            scanner.skip_whitespace();
            let is_whole = match scanner.peek() {
                Some(b'{') => self.open_object(&mut scanner, out)?,
                Some(b'[') => self.open_array(&mut scanner, out)?,
                Some(b'"') => scanner.string(out).map(|()| true)?,
                _ => scanner.scalar(out).map(|()| true)?,
            };
            if is_whole && self.close(&mut scanner, out)? {
                return Ok(());
            }
        }
    }

    /// Reads `{` and the first key, or `{}`. Returns `true` for `{}`.
    fn open_object(&mut self, scanner: &mut Scanner<'_>, out: &mut String) -> Result<bool, SyntaxError> {
        self.check_depth(scanner)?;
        scanner.eat(b'{');
        scanner.skip_whitespace();
        if scanner.eat(b'}') {
            out.push_str("{}");
            return Ok(true);
        }
        out.push('{');
        self.open.push(Container::Object { first_member: self.members.len() });
        self.key(scanner, out)?;
        Ok(false)
    }

    /// Reads `[`, or `[]`. Returns `true` for `[]`.
    fn open_array(&mut self, scanner: &mut Scanner<'_>, out: &mut String) -> Result<bool, SyntaxError> {
        self.check_depth(scanner)?;
        scanner.eat(b'[');
        scanner.skip_whitespace();
        if scanner.eat(b']') {
            out.push_str("[]");
            return Ok(true);
        }
        out.push('[');
        self.open.push(Container::Array);
        Ok(false)
    }

    fn check_depth(&self, scanner: &Scanner<'_>) -> Result<(), SyntaxError> {
        if self.open.len() < MAX_DEPTH { Ok(()) } else { Err(scanner.limit("nested more than 1000 deep")) }
    }

    /// Reads a key and the colon behind it.
    fn key(&mut self, scanner: &mut Scanner<'_>, out: &mut String) -> Result<(), SyntaxError> {
        scanner.skip_whitespace();
        if scanner.peek() != Some(b'"') {
            return Err(scanner.malformed("expected a key in double quotes"));
        }
        let start = out.len();
        scanner.string(out)?;
        let key = Span { start, end: out.len() };
        scanner.skip_whitespace();
        if !scanner.eat(b':') {
            return Err(scanner.malformed("expected `:`"));
        }
        out.push_str(": ");
        self.members.push(Member { key, value: Span { start: out.len(), end: out.len() } });
        Ok(())
    }

    /// Closes every array and object that ends behind the value just read. Returns `true` at the end of the text,
    /// `false` if another value follows.
    fn close(&mut self, scanner: &mut Scanner<'_>, out: &mut String) -> Result<bool, SyntaxError> {
        loop {
            scanner.skip_whitespace();
            match self.open.last() {
                None if scanner.peek().is_none() => return Ok(true),
                None => return Err(scanner.malformed("text after the value")),
                Some(Container::Array) => {
                    if scanner.eat(b',') {
                        out.push_str(", ");
                        return Ok(false);
                    }
                    if !scanner.eat(b']') {
                        return Err(scanner.malformed("expected `,` or `]`"));
                    }
                    out.push(']');
                }
                Some(&Container::Object { first_member }) => {
                    if let Some(member) = self.members.last_mut() {
                        member.value.end = out.len();
                    }
                    if scanner.eat(b',') {
                        out.push_str(", ");
                        self.key(scanner, out)?;
                        return Ok(false);
                    }
                    if !scanner.eat(b'}') {
                        return Err(scanner.malformed("expected `,` or `}`"));
                    }
                    self.close_object(first_member, out);
                }
            }
            self.open.pop();
        }
    }

    fn close_object(&mut self, first_member: usize, out: &mut String) {
        if self.has_equal_keys(first_member, out) {
            self.merge_equal_keys(first_member, out);
        }
        out.push('}');
        let is_outermost = self.open.len() == 1;
        if !is_outermost {
            self.members.truncate(first_member);
        }
    }

    /// Returns `true` if two members from index `first` on have the same key.
    fn has_equal_keys(&mut self, first: usize, out: &str) -> bool {
        let members = &self.members[first..];
        if members.len() <= FEW {
            return members.iter().enumerate().any(|(index, member)| {
                members[..index].iter().any(|earlier| earlier.key.of(out) == member.key.of(out))
            });
        }
        sort_by_key(members, out, &mut self.order);
        let equal = |pair: &[usize]| members[pair[0]].compare_keys(&members[pair[1]], out) == Ordering::Equal;
        self.order.windows(2).any(equal)
    }

    /// Rewrites the object whose members begin at index `first_member`, with each key once: the last value at the
    /// position of the first.
    fn merge_equal_keys(&mut self, first_member: usize, out: &mut String) {
        let members = &mut self.members[first_member..];
        let start = members[0].key.start;
        sort_by_key(members, out, &mut self.order);
        self.rewritten.clear();

        let same_key = |a: &usize, b: &usize| members[*a].compare_keys(&members[*b], out) == Ordering::Equal;
        let mut kept: Vec<(usize, usize)> =
            self.order.chunk_by(same_key).map(|equal| (equal[0], equal[equal.len() - 1])).collect();
        kept.sort_unstable();

        for (place, &(first, last)) in kept.iter().enumerate() {
            if place > 0 {
                self.rewritten.push_str(", ");
            }
            let mut copy = |span: Span| {
                let from = start + self.rewritten.len();
                self.rewritten.push_str(span.of(out));
                Span { start: from, end: start + self.rewritten.len() }
            };
            let key = copy(members[first].key);
            copy(members[first].separator());
            let value = copy(members[last].value);
            members[place] = Member { key, value };
        }
        self.members.truncate(first_member + kept.len());
        out.truncate(start);
        out.push_str(&self.rewritten);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mut out = String::from("before ");
        recode(text, &mut out).unwrap();
        assert_eq!(out, format!("before {expected}"));
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let mut out = String::from("before");
        let error = recode(text, &mut out).unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert!(!error.is_limit());
        assert_eq!(out, "before", "the output is as it was");
    }

    #[test]
    fn spaces_are_made_regular() {
        check("\n{ \"a\":[1,\t2 ,[ ] ],\"b\" :{ }}\r", r#"{"a": [1, 2, []], "b": {}}"#);
    }

    #[test]
    fn numbers_have_one_form() {
        check(
            "[1.50, 1e5, 1E400, -1e999, -0, -0.0, 1e-5, 12e16]",
            "[1.5, 100000.0, Infinity, -Infinity, 0, -0.0, 1e-05, 1.2e+17]",
        );
        check("123456789012345678901234567890", "123456789012345678901234567890");
        check(
            "[NaN, Infinity, -Infinity, null, true, false]",
            "[NaN, Infinity, -Infinity, null, true, false]",
        );
    }

    #[test]
    fn escapes_have_one_form() {
        check(r#""\/ \u00E9 é \u0041 \u0022 \u000A \u007f""#, r#""/ \u00e9 \u00e9 A \" \n \u007f""#);
        check(r#""\uD83D\uDE00 😀 \ud800 \udc00""#, r#""\ud83d\ude00 \ud83d\ude00 \ud800 \udc00""#);
    }

    #[test]
    fn the_last_value_is_kept_at_the_first_place() {
        check(r#"{"a": 1, "b": 2, "a": 3}"#, r#"{"a": 3, "b": 2}"#);
        check(
            r#"{"a": 1, "\u0061": {"x": 1, "x": [2]}, "b": 0, "a": {"y": 1, "y": 2}}"#,
            r#"{"a": {"y": 2}, "b": 0}"#,
        );
        check(
            r#"[{"a": 1, "a": 2}, {"a": {"b": 1, "b": 2}, "c": 3}]"#,
            r#"[{"a": 2}, {"a": {"b": 2}, "c": 3}]"#,
        );
    }

    #[test]
    fn many_equal_keys_are_not_slow() {
        let text: Vec<String> =
            (0..200_000).map(|index| format!("\"k{}\": {index}", index % 100_000)).collect();
        let expected: Vec<String> =
            (0..100_000).map(|index| format!("\"k{index}\": {}", index + 100_000)).collect();
        check(&format!("{{{}}}", text.join(",")), &format!("{{{}}}", expected.join(", ")));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        check_error("", "expected a value at byte 0");
        check_error("\u{feff}1", "expected a value at byte 0");
        check_error("\u{a0}1", "expected a value at byte 0");
        check_error("[1,]", "expected a value at byte 3");
        check_error("[1 2]", "expected `,` or `]` at byte 3");
        check_error(r#"{"a" 1}"#, "expected `:` at byte 5");
        check_error(r#"{"a":1,}"#, "expected a key in double quotes at byte 7");
        check_error(r#"{"a":1"#, "expected `,` or `}` at byte 6");
        check_error("01", "text after the value at byte 1");
        check_error("1.", "text after the value at byte 1");
        check_error("-", "expected a value at byte 0");
        check_error("nul", "expected a value at byte 0");
        check_error(r#"["abc"#, "string without an end at byte 1");
        check_error("\"a\tb\"", "control character in a string at byte 2");
        check_error(r#""\x""#, "unknown escape at byte 1");
        check_error(r#""\u12g4""#, "escape without four hex digits at byte 1");
    }

    #[test]
    fn depth_and_digits_are_limited() {
        check(&("[".repeat(1000) + &"]".repeat(1000)), &("[".repeat(1000) + &"]".repeat(1000)));
        check(&"9".repeat(4300), &"9".repeat(4300));

        for text in ["[".repeat(1_000_000), "{\"a\":".repeat(1001), "9".repeat(4301)] {
            assert!(recode(&text, &mut String::new()).unwrap_err().is_limit());
        }
    }
}
