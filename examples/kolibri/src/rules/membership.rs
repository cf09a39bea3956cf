//! Memberships of classes and groups.

use syncline::RecordId;
use syncline::model::{AppTables, Effects, ReceiveContext, ReceivedRow};
use syncline::received::{ExceptionClass, Failure, JsonObject};
use syncline::value::StoredValue;

use super::dataset::{COLLECTIONS, does_not_exist, no_owner};
use super::user_and_collection::{self, Pair};

const TABLE: &str = "kolibriauth_membership";
const INVALID: ExceptionClass = ExceptionClass::new("kolibri.core.auth.errors.InvalidMembershipError");
const PAIR: Pair = Pair {
    class: "Membership",
    no_user: no_owner,
    text: "['Collection and user for a Membership object must be in same dataset.']",
};

/// Infers the dataset from the user and the collection.
///
/// # Errors
///
/// If it cannot be inferred.
pub(crate) fn received(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>) -> Result<(), Failure> {
    user_and_collection::infer(object, context, PAIR)
}

/// Checks at save that the collection is a class, or a group of a class that the user is a member of.
///
/// # Errors
///
/// If it is not, or belongs to another dataset.
pub(crate) fn save(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    user_and_collection::check(row, app, PAIR)?;
    let collection = row.text("collection_id").unwrap_or_default();
    let Some(StoredValue::Text(kind)) = app.get(COLLECTIONS, collection, "kind") else {
        return Err(does_not_exist("Collection"));
    };
    if kind == "facility" {
        return Err(Failure::new(
            INVALID,
            "['Cannot create membership objects for facilities, as should already be a member by facility attribute']",
        ));
    }
    if kind == "classroom" {
        return Ok(());
    }
    let class = app.get(COLLECTIONS, collection, "parent_id").unwrap_or(StoredValue::Null);
    let is_member = app.exists(TABLE, &[("user_id", row.get("user_id").clone()), ("collection_id", class)]);
    if is_member {
        return Ok(());
    }
    Err(Failure::new(
        INVALID,
        "['Cannot create membership for a user in a LearnerGroup or AdHocGroup when they are not a member of the \
         parent Classrooom']",
    ))
}

/// Deletes the user's memberships of the groups of a class along with that of the class.
///
/// # Errors
///
/// Never.
#[expect(clippy::unnecessary_wraps, reason = "a function of the derive, which may fail in others")]
pub(crate) fn deleted(id: &RecordId, app: &dyn AppTables, effects: &mut Effects) -> Result<(), Failure> {
    let column = |column: &str| app.get(TABLE, id.as_str(), column).unwrap_or(StoredValue::Null);
    let (user, collection) = (column("user_id"), column("collection_id"));
    if user == StoredValue::Null || collection == StoredValue::Null {
        return Ok(());
    }
    for child in app.query(COLLECTIONS, &[("parent_id", collection)], "id") {
        for membership in app.query(TABLE, &[("user_id", user.clone()), ("collection_id", child)], "id") {
            if let StoredValue::Text(membership) = membership
                && let Ok(membership) = membership.parse()
            {
                effects.delete("membership", membership);
            }
        }
    }
    Ok(())
}
