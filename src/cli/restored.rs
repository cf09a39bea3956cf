//! The command `restored`.

use anyhow::Context as _;
use serde_json::json;

use super::arguments::StatusArguments;
use super::{database, output};

pub(super) fn run(arguments: &StatusArguments) -> anyhow::Result<()> {
    let path = arguments.database.path();
    let restored = || {
        let mut database = database::write_store(path)?;
        let instance = database.restored()?;
        database.close()?;
        Ok::<_, crate::DatabaseError>(instance)
    };
    let instance = restored().with_context(|| format!("cannot make {} another instance", path.display()))?;
    if arguments.json {
        return output::json(&json!({ "instance": instance.as_str() }));
    }
    output::text(&format!("{} is the instance {instance} now", path.display()))
}
