//! The command `check`.

use anyhow::{Context as _, bail};
use serde_json::json;

use super::arguments::StatusArguments;
use super::table::printable;
use super::{database, output};
use crate::Profile;
use crate::sqlite::SyncSchema;

pub(super) fn run<P: Profile>(arguments: &StatusArguments) -> anyhow::Result<()> {
    let path = arguments.database.path();
    let differences = database::read(path)
        .and_then(|database| {
            let differences = database.check::<P>()?;
            // Fails with a better message if the database has no sync tables.
            SyncSchema::read(database.connection())?;
            Ok(differences)
        })
        .with_context(|| format!("cannot check {}", path.display()))?;
    let sentences: Vec<_> = differences.iter().map(ToString::to_string).collect();
    if arguments.json {
        output::json(&json!({ "matches": sentences.is_empty(), "differences": sentences }))?;
    } else if sentences.is_empty() {
        output::text("the tables are as the models declare them")?;
    } else {
        output::text(&sentences.iter().map(|sentence| printable(sentence)).collect::<Vec<_>>().join("\n"))?;
    }
    match sentences.len() {
        0 => Ok(()),
        1 => bail!("{} differs from its models in 1 place", path.display()),
        more => bail!("{} differs from its models in {more} places", path.display()),
    }
}
