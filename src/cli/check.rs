//! The command `check`.

use anyhow::{Context as _, bail};
use serde_json::json;

use super::arguments::CheckArguments;
use super::table::printable;
use super::{database, output};
use crate::Profile;
use crate::sqlite::{Difference, SyncSchema};

pub(super) fn run<P: Profile>(arguments: &CheckArguments) -> anyhow::Result<()> {
    let path = arguments.database.path();
    let differences = database::read(path)
        .and_then(|database| {
            let mut differences =
                if arguments.deep { database.check_deep::<P>()? } else { database.check::<P>()? };
            // Fails with a better message if the database has no sync tables.
            SyncSchema::read(database.connection())?;
            let is_damaged =
                differences.iter().any(|difference| matches!(difference, Difference::Damaged { .. }));
            if arguments.deep && !is_damaged {
                differences.extend(database.check_store::<P>()?);
            }
            Ok(differences)
        })
        .with_context(|| format!("cannot check {}", path.display()))?;
    let sentences: Vec<_> = differences.iter().map(ToString::to_string).collect();
    if arguments.json {
        output::json(&json!({ "matches": sentences.is_empty(), "differences": sentences }))?;
    } else if !sentences.is_empty() {
        output::text(&sentences.iter().map(|sentence| printable(sentence)).collect::<Vec<_>>().join("\n"))?;
    } else if arguments.deep {
        output::text("the tables are as the models declare them, and the store has their records")?;
    } else {
        output::text("the tables are as the models declare them")?;
    }
    match sentences.len() {
        0 => Ok(()),
        1 => bail!("{} differs from its models in 1 place", path.display()),
        more => bail!("{} differs from its models in {more} places", path.display()),
    }
}
