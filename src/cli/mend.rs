//! The command `mend`.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::json;

use super::arguments::MendArguments;
use super::{database, output};
use crate::model::{ModelVisitor, Syncable};
use crate::report::plural;
use crate::{Database, DatabaseError, Profile};

pub(super) fn run<P: Profile>(arguments: &MendArguments) -> anyhow::Result<()> {
    let path = arguments.database.path();
    let deleted = indices::<P>(path, &arguments.delete_only_in_store)?;
    let restored = indices::<P>(path, &arguments.restore_only_in_store)?;
    if let Some(both) = deleted.iter().find(|index| restored.contains(index)) {
        let model = P::MODELS.get(*both).map_or("", |model| model.name);
        bail!("cannot mend {}: the records of `{model}` are to be deleted and restored", path.display());
    }
    let models = (&*deleted, &*restored);
    let Mended { marked, deleted, restored, only_in_store, counters, is_raised } =
        mended::<P>(arguments, models).with_context(|| format!("cannot mend {}", path.display()))?;
    if arguments.json {
        return output::json(&json!({
            "marked": marked,
            "listed_as_deleted": deleted,
            "restored": restored,
            "only_in_store": only_in_store,
            "counters": counters,
            "raised_counter": is_raised,
        }));
    }
    let mut sentences = vec![format!("marked {} as changed", plural(marked, "row"))];
    if !models.0.is_empty() {
        sentences.push(format!("listed {} as deleted", plural(deleted, "record")));
    }
    if !models.1.is_empty() {
        let records = plural(restored, "record");
        sentences.push(format!("{records} wait in the store for the app"));
    }
    if arguments.counters {
        sentences.push(format!("wrote {}", plural(counters, "counter")));
    }
    if is_raised {
        sentences.push("raised the counter of this instance".to_owned());
    }
    if only_in_store > 0 {
        let records = plural(only_in_store, "record");
        sentences.push(format!("{records} only in the store: see `check --deep`"));
    }
    output::text(&sentences.join("\n"))
}

/// The indices of the models with these names.
fn indices<P: Profile>(path: &Path, names: &[String]) -> anyhow::Result<Vec<usize>> {
    let index = |name: &String| {
        let index = P::MODELS.iter().position(|model| model.name == name);
        index.with_context(|| {
            let names: Vec<_> = P::MODELS.iter().map(|model| model.name).collect();
            format!("cannot mend {}: there is no model `{name}`, only {}", path.display(), names.join(", "))
        })
    };
    names.iter().map(index).collect()
}

/// The numbers of rows and records that were mended.
struct Mended {
    marked: u64,
    deleted: u64,
    restored: u64,
    /// The number of records that only the store has, and that were neither listed as deleted nor restored.
    only_in_store: u64,
    counters: u64,
    is_raised: bool,
}

fn mended<P: Profile>(
    arguments: &MendArguments,
    (to_delete, to_restore): (&[usize], &[usize]),
) -> anyhow::Result<Mended> {
    let mut database = database::write_store(arguments.database.path())?;
    database.connection().busy_timeout(arguments.wait.busy_timeout)?;
    let comparison = database.mark_differing::<P>()?;
    let (mut deleted, mut restored) = (0, 0);
    for model in to_delete {
        deleted += P::visit(*model, Delete { database: &mut database }).transpose()?.unwrap_or_default();
    }
    for model in to_restore {
        restored += P::visit(*model, Restore { database: &mut database }).transpose()?.unwrap_or_default();
    }
    let (counters, is_raised) =
        if arguments.counters { database.mend_counters::<P>()? } else { Default::default() };
    database.close()?;
    let only_in_store = comparison.only_in_store().saturating_sub(deleted + restored);
    Ok(Mended { marked: comparison.differing(), deleted, restored, only_in_store, counters, is_raised })
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

/// Lets the records of a model that only the store has wait for the app.
struct Restore<'d> {
    database: &'d mut Database,
}

impl ModelVisitor for Restore<'_> {
    type Output = Result<u64, DatabaseError>;

    fn visit<M: Syncable>(self) -> Self::Output {
        self.database.restore_only_in_store::<M>()
    }
}
