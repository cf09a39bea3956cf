//! The command `conflicts`.

use anstyle::Style;
use anyhow::{Context as _, bail};
use serde_json::json;

use super::arguments::{ClearArguments, ConflictsCommand, InspectArguments, StatusArguments};
use super::table::{HEADING, Table, printable, width_of_stdout};
use super::{database, inspect, output};
use crate::Profile;
use crate::report::plural;
use crate::sqlite::InConflict;

pub(super) fn run<P: Profile>(command: &ConflictsCommand) -> anyhow::Result<()> {
    match command {
        ConflictsCommand::List(arguments) => list::<P>(arguments),
        ConflictsCommand::Show(arguments) => show::<P>(arguments),
        ConflictsCommand::Clear(arguments) => clear::<P>(arguments),
    }
}

fn list<P: Profile>(arguments: &StatusArguments) -> anyhow::Result<()> {
    let path = arguments.database.path();
    let records = database::read(path)
        .and_then(|database| database.conflicts::<P>())
        .with_context(|| format!("cannot read the conflicts of {}", path.display()))?;
    if arguments.json {
        let records: Vec<_> = records
            .iter()
            .map(|InConflict { id, model, texts, bytes, .. }| {
                json!({ "id": id, "model": model, "conflicts": texts, "bytes": bytes })
            })
            .collect();
        return output::json(&records);
    }
    if records.is_empty() {
        return output::text("no record is in conflict");
    }
    let mut table = Table::new(&["model", "id", "conflicts", "bytes"]);
    for InConflict { id, model, texts, bytes, .. } in &records {
        table.row(Style::new(), [model.as_str(), id, &format!("{texts:>9}"), &format!("{bytes:>5}")]);
    }
    output::text(&table.text(width_of_stdout()))
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
