//! The command `mend`.

use anyhow::{Context as _, bail};
use serde_json::json;

use super::arguments::MendArguments;
use super::{database, output};
use crate::model::{ModelVisitor, Syncable};
use crate::report::plural;
use crate::{Database, DatabaseError, Profile};

pub(super) fn run<P: Profile>(arguments: &MendArguments) -> anyhow::Result<()> {
    let path = arguments.database.path();
    let mut models = Vec::new();
    for name in &arguments.delete_only_in_store {
        let Some(index) = P::MODELS.iter().position(|model| model.name == name) else {
            let names: Vec<_> = P::MODELS.iter().map(|model| model.name).collect();
            bail!("cannot mend {}: there is no model `{name}`, only {}", path.display(), names.join(", "));
        };
        models.push(index);
    }
    let Mended { marked, deleted, only_in_store } =
        mended::<P>(arguments, &models).with_context(|| format!("cannot mend {}", path.display()))?;
    if arguments.json {
        return output::json(&json!({
            "marked": marked,
            "listed_as_deleted": deleted,
            "only_in_store": only_in_store,
        }));
    }
    let mut sentences = vec![format!("marked {} as changed", plural(marked, "row"))];
    if !models.is_empty() {
        sentences.push(format!("listed {} as deleted", plural(deleted, "record")));
    }
    if only_in_store > 0 {
        let records = plural(only_in_store, "record");
        sentences.push(format!("{records} only in the store: see `check --deep`"));
    }
    output::text(&sentences.join("\n"))
}

/// The numbers of rows and records that were mended.
struct Mended {
    marked: u64,
    deleted: u64,
    /// The number of records that only the store has, and that were not listed as deleted.
    only_in_store: u64,
}

fn mended<P: Profile>(arguments: &MendArguments, models: &[usize]) -> anyhow::Result<Mended> {
    let mut database = database::write_store(arguments.database.path())?;
    database.connection().busy_timeout(arguments.wait.busy_timeout)?;
    let comparison = database.mark_differing::<P>()?;
    let mut deleted = 0;
    for model in models {
        deleted += P::visit(*model, Delete { database: &mut database }).transpose()?.unwrap_or_default();
    }
    database.close()?;
    let only_in_store = comparison.only_in_store().saturating_sub(deleted);
    Ok(Mended { marked: comparison.differing(), deleted, only_in_store })
}

/// Lists the records of a model that only the store has as deleted.
struct Delete<'d> {
    database: &'d mut Database,
}

impl ModelVisitor for Delete<'_> {
    type Output = Result<u64, DatabaseError>;

    fn visit<M: Syncable>(self) -> Self::Output {
        self.database.delete_only_in_store::<M>()
    }
}
