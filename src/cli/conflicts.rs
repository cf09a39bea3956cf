//! The command `conflicts`.

use std::path::Path;

use anstyle::Style;
use anyhow::{Context as _, bail};
use serde_json::json;

use super::arguments::{
    ClearArguments, ConflictsCommand, InspectArguments, ResolveArguments, StatusArguments,
};
use super::table::{HEADING, Table, printable, width_of_stdout};
use super::{database, inspect, output};
use crate::report::plural;
use crate::sqlite::InConflict;
use crate::{DatabaseError, Profile};

pub(super) fn run<P: Profile>(command: &ConflictsCommand) -> anyhow::Result<()> {
    match command {
        ConflictsCommand::List(arguments) => list::<P>(arguments),
        ConflictsCommand::Show(arguments) => show::<P>(arguments),
        ConflictsCommand::Resolve(arguments) => resolve::<P>(arguments),
        ConflictsCommand::Clear(arguments) => clear::<P>(arguments),
    }
}

/// The counts of one record. The texts themselves are not kept: a list of all may be large.
struct Line {
    id: String,
    model: String,
    texts: usize,
    bytes: u64,
}

fn list<P: Profile>(arguments: &StatusArguments) -> anyhow::Result<()> {
    let path = arguments.database.path();
    let records =
        lines::<P>(path).with_context(|| format!("cannot read the conflicts of {}", path.display()))?;
    if arguments.json {
        let records: Vec<_> = records
            .iter()
            .map(|Line { id, model, texts, bytes }| {
                json!({ "id": id, "model": model, "conflicts": texts, "bytes": bytes })
            })
            .collect();
        return output::json(&records);
    }
    if records.is_empty() {
        return output::text("no record is in conflict");
    }
    let mut table = Table::new(&["model", "id", "conflicts", "bytes"]);
    for Line { id, model, texts, bytes } in &records {
        table.row(Style::new(), [model.as_str(), id, &format!("{texts:>9}"), &format!("{bytes:>5}")]);
    }
    output::text(&table.text(width_of_stdout()))
}

fn lines<P: Profile>(path: &Path) -> Result<Vec<Line>, DatabaseError> {
    let database = database::read(path)?;
    let line = |found: InConflict| Line {
        texts: found.conflicting.len(),
        bytes: found.bytes,
        id: found.id,
        model: found.model,
    };
    database.conflicts::<P>()?.map(|found| found.map(line)).collect()
}

fn show<P: Profile>(arguments: &InspectArguments) -> anyhow::Result<()> {
    let (path, id) = (arguments.record.path(), arguments.record.id());
    let inspection = database::read(path)
        .and_then(|database| database.inspect::<P>(id))
        .with_context(|| format!("cannot read the conflicts of {}", path.display()))?;
    let Some(stored) = inspection.and_then(|inspection| inspection.stored) else {
        bail!("there is no record {id} in the store of {}", path.display());
    };
    if arguments.json {
        return output::json(&json!({
            "id": id.as_str(),
            "model": stored.model,
            "serialized": stored.serialized,
            "conflicts": stored.conflicts,
        }));
    }
    let heading = format!("{HEADING}{} {id}{HEADING:#}", printable(&stored.model));
    if stored.conflicts.is_empty() {
        return output::text(&format!("{heading} is not in conflict"));
    }
    let mut parts = vec![heading];
    parts.extend(inspect::conflicts(&stored, width_of_stdout()));
    output::text(&parts.join("\n\n"))
}

fn resolve<P: Profile>(arguments: &ResolveArguments) -> anyhow::Result<()> {
    let (path, id) = (arguments.record.path(), arguments.record.id());
    resolved::<P>(arguments).with_context(|| format!("cannot resolve a conflict of {}", path.display()))?;
    if arguments.json {
        return output::json(&json!({ "resolved": id.as_str() }));
    }
    output::text(&format!("resolved the conflict of {id}"))
}

fn resolved<P: Profile>(arguments: &ResolveArguments) -> anyhow::Result<()> {
    let mut database = database::write_store(arguments.record.path())?;
    database.connection().busy_timeout(arguments.wait.busy_timeout)?;
    database.resolve::<P>(arguments.record.id(), &arguments.answer.answer())?;
    database.close()?;
    Ok(())
}

fn clear<P: Profile>(arguments: &ClearArguments) -> anyhow::Result<()> {
    let path = arguments.path();
    let context = || format!("cannot clear the conflicts of {}", path.display());
    let cleared = cleared::<P>(arguments).with_context(context)?;
    if arguments.json {
        return output::json(&json!({ "cleared": cleared }));
    }
    output::text(&match cleared {
        0 => "no record is in conflict".to_owned(),
        some => format!("cleared the conflicts of {}", plural(some, "record")),
    })
}

fn cleared<P: Profile>(arguments: &ClearArguments) -> anyhow::Result<u64> {
    let mut database = database::write_store(arguments.path())?;
    database.connection().busy_timeout(arguments.wait.busy_timeout)?;
    let cleared = if arguments.all {
        database.clear_conflicts::<P>()?
    } else {
        database.clear_conflicts_of::<P>(arguments.ids())?
    };
    database.close()?;
    Ok(cleared)
}
