//! [`Check`]s as SQL conditions.

use syncline_serializer::value::Check;

use crate::store::names::Literal;

/// The condition that the SQL expression `value`, which is not `NULL`, passes `check`. It is never `NULL`.
///
/// A function that an older SQLite may lack would make every insert fail there. So a condition accepts some values that
/// a field cannot hold: texts that are not UTF-8, dates that are not in the calendar, numbers with more digits than an
/// `f32` has. Serialising names these.
pub(crate) fn passes(check: Check, value: &str) -> String {
    match check {
        Check::Integer { min: i64::MIN, max: i64::MAX } => is_a("integer", value),
        Check::Integer { min, max: i64::MAX } => format!("{} AND {value} >= {min}", is_a("integer", value)),
        Check::Integer { min, max } => {
            format!("{} AND {value} BETWEEN {min} AND {max}", is_a("integer", value))
        }
        Check::IntegerOf(numbers) => {
            let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
            format!("{} AND {value} IN ({})", is_a("integer", value), numbers.join(", "))
        }
        Check::Boolean => format!("{} AND {value} IN (0, 1)", is_a("integer", value)),
        Check::Number | Check::SingleNumber => format!("typeof({value}) IN ('integer', 'real')"),
        Check::Text => is_a("text", value),
        // The column may compare texts without case.
        Check::TextOf(texts) => {
            let texts: Vec<_> = texts.iter().map(|text| Literal(text).to_string()).collect();
            format!("{} AND {value} COLLATE BINARY IN ({})", is_a("text", value), texts.join(", "))
        }
        // SQLite counts the characters before a NUL.
        Check::Longest(longest) => format!("length({value}) <= {longest}"),
        Check::NotEmpty => format!("{value} <> ''"),
        Check::Least(limit) => format!("{value} >= {}", limit.as_str()),
        Check::Most(limit) => format!("{value} <= {}", limit.as_str()),
        Check::NoNul => has_no_nul(value),
        Check::Blob => is_a("blob", value),
        Check::Bytes(length) => format!("length({value}) = {length}"),
        Check::Id => is_id(value),
        Check::Uuid => {
            let digits = format!("replace({value}, '-', '')");
            format!(
                "{} AND length({digits}) = 32 AND {digits} NOT GLOB '*[^0-9a-fA-F]*' AND {}",
                is_a("text", value),
                has_no_nul(value)
            )
        }
        Check::Date | Check::DateTime => {
            format!("{} AND {value} GLOB '[0-9]*-[0-9]*-[0-9]*'", is_a("text", value))
        }
        Check::Time => format!("{} AND {value} GLOB '[0-9]*:[0-9]*'", is_a("text", value)),
        // A check of a newer version of the crate is left to serialising.
        _ => format!("typeof({value}) <> 'blob'"),
    }
}

fn is_a(kind: &str, value: &str) -> String {
    format!("typeof({value}) = '{kind}'")
}

/// The condition that the SQL expression `value` is a record id. It is never `NULL`.
pub(crate) fn is_id(value: &str) -> String {
    format!(
        "{} AND length({value}) = 32 AND {value} NOT GLOB '*[^0-9a-f]*' AND {}",
        is_a("text", value),
        has_no_nul(value)
    )
}

/// The condition that the SQL expression `value` has no NUL. `length`, `substr` and `GLOB` read a text up to its first NUL.
/// The number of its bytes depends on the encoding of the database.
pub(crate) fn has_no_nul(value: &str) -> String {
    format!("instr({value}, char(0)) = 0")
}
