//! The pending id: `new:` and 32 random hex digits, in the place of an id until a trigger computes the id.
//!
//! A `DEFAULT` cannot refer to other columns of its row, and a trigger cannot change a row before it is inserted. So a
//! row without an id gets this default first. It is not a valid id, and only triggers see it.

use crate::app::check_sql::has_no_nul;

/// The `DEFAULT` of an id column: a pending id.
pub(crate) const DEFAULT: &str = "('new:' || lower(hex(randomblob(16))))";

/// The pending id of a row whose id is being computed.
pub(crate) const BEING_WORKED_OUT: &str = "'new:00000000000000000000000000000000'";

/// The condition that the SQL expression `id`, an id or a pending id, is a pending id. It is a comparison: a function
/// call would make a deletion three times as expensive.
pub(crate) fn is(id: &str) -> String {
    format!("{id} >= 'new:'")
}

/// The condition that the SQL expression `id` is text in the form of a pending id. It is never `NULL`.
pub(crate) fn is_well_formed(id: &str) -> String {
    format!(
        "typeof({id}) = 'text' AND length({id}) = 36 AND substr({id}, 1, 4) = 'new:' AND \
         substr({id}, 5) NOT GLOB '*[^0-9a-f]*' AND {}",
        has_no_nul(id)
    )
}

/// The hex digits of the SQL expression `id`, an id or a pending id.
pub(crate) fn digits(id: &str) -> String {
    format!("CASE WHEN {} THEN substr({id}, 5) ELSE {id} END", is(id))
}
