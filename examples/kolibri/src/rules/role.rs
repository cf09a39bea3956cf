//! Roles of users in facilities and classes.

use syncline::RecordId;
use syncline::model::{AppTables, Effects, ReceiveContext, ReceivedRow, StoreState};
use syncline::received::{ExceptionClass, Failure, JsonObject};
use syncline::value::StoredValue;

use super::dataset::{COLLECTIONS, USERS, does_not_exist};
use super::user_and_collection::{self, Pair};

const TABLE: &str = "kolibriauth_role";
const ASSIGNABLE: &str = "classroom assignable coach";
const INVALID: ExceptionClass = ExceptionClass::new("kolibri.core.auth.errors.InvalidRoleKind");
const PAIR: Pair = Pair {
    class: "Role",
    no_user: does_not_exist,
    text: "['The collection and user for a Role object must be in the same dataset.']",
};

/// Infers the dataset from the user and the collection.
///
/// # Errors
///
/// If it cannot be inferred.
pub(crate) fn received(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>) -> Result<(), Failure> {
    user_and_collection::infer(object, context, PAIR)
}

/// Checks at save that the collection can have the role. A coach of a class becomes assignable in its facility, and a user with
/// a role does not sign in with pictures.
///
/// # Errors
///
/// If the collection is a group, or a class has another role than a coach.
pub(crate) fn save(row: &mut ReceivedRow, app: &dyn AppTables, effects: &mut Effects) -> Result<(), Failure> {
    user_and_collection::check(row, app, PAIR)?;
    let collection = row.text("collection_id").unwrap_or_default();
    let Some(StoredValue::Text(kind)) = app.get(COLLECTIONS, collection, "kind") else {
        return Err(does_not_exist("Collection"));
    };
    if kind == "learnergroup" || kind == "adhoclearnersgroup" {
        return Err(Failure::new(INVALID, "['Cannot assign roles to Learner Groups or AdHoc Groups']"));
    }
    if kind == "classroom" {
        if row.text("kind") != Some("coach") {
            return Err(Failure::new(INVALID, "['Can only assign Coach roles to Classrooms']"));
        }
        make_assignable(row, app, collection, effects);
    }
    take_picture_password(row, app, effects);
    Ok(())
}

/// Gives the coach of a class a role in its facility, unless he has one, or the store knows of that role.
fn make_assignable(row: &ReceivedRow, app: &dyn AppTables, class: &str, effects: &mut Effects) {
    let Some(StoredValue::Text(facility)) = app.get(COLLECTIONS, class, "parent_id") else { return };
    let (Some(user), Some(dataset)) = (row.text("user_id"), row.text("dataset_id")) else { return };
    let conditions =
        [("user_id", StoredValue::Text(user.into())), ("collection_id", StoredValue::Text(facility.clone()))];
    if app.exists(TABLE, &conditions) {
        return;
    }
    let partition = format!("{dataset}:user-ro:{user}");
    let source_id = format!("{facility}:{ASSIGNABLE}");
    let id = RecordId::derive(&partition, &source_id, "role");
    if app.store_state(id.as_str()) != StoreState::Missing {
        return;
    }
    let text = |text: &str| StoredValue::Text(text.to_owned().into());
    let values = vec![
        ("dataset_id", text(dataset)),
        ("user_id", text(user)),
        ("collection_id", text(&facility)),
        ("kind", text(ASSIGNABLE)),
    ];
    effects.write("role", id, source_id, partition, values);
}

/// Clears the picture password of the user, if there is one.
fn take_picture_password(row: &ReceivedRow, app: &dyn AppTables, effects: &mut Effects) {
    let user = row.text("user_id").unwrap_or_default();
    let password = app.get(USERS, user, "picture_password");
    if password.is_some_and(|password| password != StoredValue::Null) {
        let of = ("id", StoredValue::Text(user.to_owned().into()));
        effects.set(USERS, of, "picture_password", StoredValue::Null);
    }
}
