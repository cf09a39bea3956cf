//! The command `new-instance`.

use anyhow::Context as _;
use serde_json::json;

use super::arguments::StatusArguments;
use super::{database, output};

pub(super) fn run(arguments: &StatusArguments) -> anyhow::Result<()> {
    let path = arguments.database.path();
    let change = || {
        let mut database = database::write_store(path)?;
        let instance = database.restored()?;
        database.close()?;
        Ok::<_, crate::DatabaseError>(instance)
    };
    let instance = change().with_context(|| format!("cannot give {} an id of its own", path.display()))?;
    if arguments.json {
        return output::json(&json!({ "instance": instance.as_str() }));
    }
    output::text(&format!("{} has an id of its own: it is the instance {instance} now", path.display()))
}
