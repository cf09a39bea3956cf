//! What a row has in place of an id from its insertion to the trigger that works the id out: `new:` and 32 random hex digits.
//!
//! A `DEFAULT` cannot see the other columns of its row, and nothing can change a row before it is there. So what was inserted
//! without an id has this one first, which no id can be, and nobody but a trigger sees it.

/// The `DEFAULT` of an id.
pub(crate) const DEFAULT: &str = "('new:' || lower(hex(randomblob(16))))";

/// That of a row whose id is being worked out.
pub(crate) const BEING_WORKED_OUT: &str = "'new:00000000000000000000000000000000'";

/// The condition that the SQL `id` is one of these, and no id. Nothing else of this length gets past the check of the column.
pub(crate) fn is(id: &str) -> String {
    format!("length({id}) = 36")
}

/// The check of the column: the condition that the SQL `id` is text of this form.
pub(crate) fn is_well_formed(id: &str) -> String {
    format!(
        "typeof({id}) = 'text' AND length({id}) = 36 AND substr({id}, 1, 4) = 'new:' AND substr({id}, 5) NOT GLOB '*[^0-9a-f]*'"
    )
}

/// The 32 digits in the SQL `id`; an id is these by itself.
pub(crate) fn digits(id: &str) -> String {
    format!("substr({id}, -32)")
}
