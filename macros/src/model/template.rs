//! Parser for partition and source id templates such as `{notebook_id}:notes`.

/// One piece of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Literal text.
    Text(&'a str),
    /// `{field}` or `{field|text}`. `when_null` is the text that replaces a `NULL`.
    Field { name: &'a str, when_null: Option<&'a str> },
}

/// Splits `template` into its pieces.
///
/// # Errors
///
/// Returns a message if braces are not balanced or a pair of braces is empty.
pub(super) fn parse(template: &str) -> Result<Vec<Piece<'_>>, &'static str> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some(brace) = rest.find(['{', '}']) {
        if brace > 0 {
            pieces.push(Piece::Text(&rest[..brace]));
        }
        if rest[brace..].starts_with('}') {
            return Err("a `}` has no `{`");
        }
        let inside = &rest[brace + 1..];
        let end = match inside.find(['{', '}']) {
            Some(end) if inside[end..].starts_with('}') => end,
            _ => return Err("a `{` is never closed"),
        };
        let (name, when_null) = match inside[..end].split_once('|') {
            Some((name, text)) => (name, Some(text)),
            None => (&inside[..end], None),
        };
        if name.is_empty() {
            return Err("`{}` names no field");
        }
        pieces.push(Piece::Field { name, when_null });
        rest = &inside[end + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::{Piece, parse};

    #[test]
    fn text_and_fields_alternate() {
        let pieces = parse("{dataset_id}:user-rw:{user_id|anonymous}").unwrap();
        assert_eq!(
            pieces,
            [
                Piece::Field { name: "dataset_id", when_null: None },
                Piece::Text(":user-rw:"),
                Piece::Field { name: "user_id", when_null: Some("anonymous") },
            ]
        );
    }

    #[test]
    fn unbalanced_braces_are_refused() {
        assert_eq!(parse("{id").unwrap_err(), "a `{` is never closed");
        assert_eq!(parse("{a{b}").unwrap_err(), "a `{` is never closed");
        assert_eq!(parse("id}").unwrap_err(), "a `}` has no `{`");
        assert_eq!(parse("{}").unwrap_err(), "`{}` names no field");
    }
}
