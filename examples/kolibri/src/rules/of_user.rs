//! Records of a user, whose dataset is the user's.

use syncline::model::{AppTables, Effects, ReceiveContext, ReceivedRow};
use syncline::received::{Failure, JsonObject};

use super::dataset::{self, USER};
use super::now;

/// Infers the dataset of a record of `class`, if the text has none.
pub(super) fn infer(
    object: &mut JsonObject<'_>,
    context: &ReceiveContext<'_>,
    class: &str,
) -> Result<(), Failure> {
    dataset::infer(object, context, class, USER)
}

/// Compares the dataset with the user's.
///
/// # Errors
///
/// If it is another one.
pub(crate) fn save(
    row: &mut ReceivedRow,
    app: &dyn AppTables,
    _effects: &mut Effects,
) -> Result<(), Failure> {
    dataset::check(row, app, USER)
}

/// The hooks of models that differ in the name of their class only.
macro_rules! received {
    ($($name:ident: $class:literal $(, now = $fill:ident($($key:literal),+))?;)+) => {$(
        #[doc = concat!("Infers the dataset of a `", $class, "` from its user.")]
        ///
        /// # Errors
        ///
        /// If it cannot be inferred.
        pub(crate) fn $name(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>) -> Result<(), Failure> {
            $(now::$fill(object, context, &[$($key),+]);)?
            infer(object, context, $class)
        }
    )+};
}

received! {
    individual_lesson: "IndividualSyncableLesson";
    individual_exam: "IndividualSyncableExam";
    mastery_log: "MasteryLog";
    bookmark: "Bookmark", now = fill_times("created");
}
