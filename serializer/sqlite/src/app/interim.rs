//! What a row has in place of an id from its insertion to the trigger that works the id out: `new:` and 32 random hex digits.
//!
//! A `DEFAULT` cannot see the other columns of its row, and nothing can change a row before it is there. So what was inserted
//! without an id has this one first, which no id can be, and nobody but a trigger sees it.

/// The `DEFAULT` of an id.
pub(crate) const DEFAULT: &str = "('new:' || lower(hex(randomblob(16))))";

/// That of a row whose id is being worked out.
pub(crate) const BEING_WORKED_OUT: &str = "'new:00000000000000000000000000000000'";

/// The condition that the SQL `id`, an id or one of these, is one of these. A comparison and no function, which would make a
/// deletion three times as expensive.
pub(crate) fn is(id: &str) -> String {
    format!("{id} >= 'new:'")
}

/// The condition that the SQL `id` is text of this form. It is never `NULL`.
pub(crate) fn is_well_formed(id: &str) -> String {
    format!(
        "typeof({id}) = 'text' AND length({id}) = 36 AND substr({id}, 1, 4) = 'new:' AND \
         substr({id}, 5) NOT GLOB '*[^0-9a-f]*'"
    )
}

/// The digits of the SQL `id`, which may be an id by itself.
pub(crate) fn digits(id: &str) -> String {
    format!("CASE WHEN {} THEN substr({id}, 5) ELSE {id} END", is(id))
}
