//! The command `cleanup`.

use anstyle::Style;
use indicatif::HumanBytes;
use serde_json::{Value, json};

use super::arguments::CleanupArguments;
use super::interrupt::{self, Interrupted};
use super::table::{DIFFERENT, Table, width_of_stdout};
use super::{database, output};
use crate::report::plural;
use crate::sqlite::{BufferedSession, Cleaned, Vacuumed};
use crate::{CancelToken, DatabaseError};

pub(super) fn run(arguments: &CleanupArguments) -> anyhow::Result<()> {
    let token = interrupt::heed()?;
    let path = arguments.database.path().display();
    let (cleaned, vacuumed) = match cleaned(arguments, &token) {
        Ok(cleaned) => cleaned,
        Err(error) if error.downcast_ref().is_some_and(DatabaseError::is_cancelled) => {
            return Err(Interrupted::between_sessions(&path).into());
        }
        Err(error) => return Err(error.context(format!("cannot clean up {path}"))),
    };
    if arguments.json {
        return output::json(&object(arguments, &cleaned, vacuumed));
    }
    output::text(&page(arguments, &cleaned, vacuumed))
}

fn cleaned(arguments: &CleanupArguments, token: &CancelToken) -> anyhow::Result<(Cleaned, Option<Vacuumed>)> {
    let path = arguments.database.path();
    let mut database = if arguments.yes { database::write_store(path)? } else { database::read(path)? };
    database.connection().busy_timeout(arguments.wait.busy_timeout)?;
    let mut cleanup = database.cleanup().older_than(arguments.older_than).cancelled_by(token);
    for session in &arguments.sessions {
        cleanup = cleanup.session(*session);
    }
    let cleaned = if arguments.yes { cleanup.run()? } else { cleanup.find()? };
    let vacuumed = if arguments.vacuum { Some(database.vacuum()?) } else { None };
    database.close()?;
    Ok((cleaned, vacuumed))
}

fn object(arguments: &CleanupArguments, cleaned: &Cleaned, vacuumed: Option<Vacuumed>) -> Value {
    let sessions = |sessions: &[BufferedSession]| sessions.iter().map(session).collect::<Vec<_>>();
    json!({
        "done": arguments.yes,
        "removed": sessions(&cleaned.removed),
        "kept": sessions(&cleaned.kept),
        "records": cleaned.records(),
        "bytes": cleaned.bytes(),
        "vacuumed": vacuumed.map(|vacuumed| json!({ "before": vacuumed.before, "after": vacuumed.after })),
    })
}

/// One session, as `--json` prints it.
pub(super) fn session(session: &BufferedSession) -> Value {
    json!({
        "id": session.id,
        "state": session.state.to_string(),
        "dead": session.state.is_dead(),
        "receiver": session.is_receiver,
        "stage": session.stage,
        "last_activity": session.last_activity,
        "records": session.records,
        "counters": session.counters,
        "bytes": session.bytes,
    })
}

fn page(arguments: &CleanupArguments, cleaned: &Cleaned, vacuumed: Option<Vacuumed>) -> String {
    let Cleaned { removed, kept, .. } = cleaned;
    let mut parts = Vec::new();
    if !removed.is_empty() {
        parts.push(table(removed, DIFFERENT).text(width_of_stdout()));
    }
    let (records, size) = (plural(cleaned.records(), "record"), HumanBytes(cleaned.bytes()));
    let sessions = plural(removed.len() as u64, "session");
    parts.push(match (removed.is_empty(), arguments.yes) {
        (true, _) => "no transfer that is long dead left anything".to_owned(),
        (false, true) => format!("removed {records} ({size}) of {sessions}"),
        (false, false) => format!("would remove {records} ({size}) of {sessions}: give --yes to do it"),
    });
    if let Some(vacuumed) = vacuumed {
        let (freed, after) = (HumanBytes(vacuumed.freed()), HumanBytes(vacuumed.after));
        parts.push(format!("gave {freed} back: the database has {after} now"));
    } else if arguments.yes && !removed.is_empty() {
        parts.push("the database uses the space for other rows; --vacuum gives it back".to_owned());
    }
    if !kept.is_empty() {
        parts.push(format!(
            "kept, unless --session ID names it:\n{}",
            table(kept, Style::new()).text(width_of_stdout())
        ));
    }
    parts.join("\n\n")
}

/// A line for each session.
pub(super) fn table(sessions: &[BufferedSession], style: Style) -> Table {
    let mut table = Table::new(&["session", "state", "stage", "last activity", "records", "size"]);
    for session in sessions {
        let records = session.records.to_string();
        let (reason, size) = (session.state.to_string(), HumanBytes(session.bytes).to_string());
        let stage = session.stage.as_deref().unwrap_or("-");
        let time = session.last_activity.as_deref().unwrap_or("-");
        table.row(style, [session.id.as_str(), &reason, stage, time, &records, &size]);
    }
    table
}
