//! An app whose models change four times, on one database.
//!
//! ```text
//! cargo run --example evolution
//! ```
//!
//! Each module is a version of the app, a program of its own. docs/evolution.md describes every change of a model. The example
//! ends with the first version, which is older than the database by then.

use std::io::{self, Write};

use syncline::prelude::*;

/// The first version: tasks with a title.
mod v1 {
    use syncline::prelude::*;

    #[derive(Debug, Default, Syncable)]
    #[syncable(profile = Tasks, model = "task", partition = "tasks")]
    pub(super) struct Task {
        pub(super) id: RecordId,
        pub(super) title: String,
    }

    profile! { pub(super) Tasks = "tasks" { Task } }
}

/// A task has a priority. The default is for the tasks that exist.
mod v2 {
    use syncline::prelude::*;

    #[derive(Debug, Default, Syncable)]
    #[syncable(profile = Tasks, model = "task", partition = "tasks")]
    pub(super) struct Task {
        pub(super) id: RecordId,
        pub(super) title: String,
        #[syncable(default = "low")]
        pub(super) priority: String,
    }

    profile! { pub(super) Tasks = "tasks" { Task } }
}

/// The priority has another name in the app. Other machines still know it as `priority`. A task may be due on a day.
mod v3 {
    use syncline::prelude::*;

    #[derive(Debug, Default, Syncable)]
    #[syncable(profile = Tasks, model = "task", partition = "tasks")]
    pub(super) struct Task {
        pub(super) id: RecordId,
        pub(super) title: String,
        #[syncable(renamed_from = "priority", key = "priority", default = "low")]
        pub(super) urgency: String,
        pub(super) due: Option<i64>,
    }

    profile! { pub(super) Tasks = "tasks" { Task } }
}

/// Every task is due on some day, so the field is no `Option` any more.
mod v4 {
    use syncline::prelude::*;

    #[derive(Debug, Default, Syncable)]
    #[syncable(profile = Tasks, model = "task", partition = "tasks")]
    pub(super) struct Task {
        pub(super) id: RecordId,
        pub(super) title: String,
        #[syncable(renamed_from = "priority", key = "priority", default = "low")]
        pub(super) urgency: String,
        #[syncable(default = 0)]
        pub(super) due: i64,
    }

    profile! { pub(super) Tasks = "tasks" { Task } }
}

/// The urgency is removed, and the table has another name.
mod v5 {
    use syncline::prelude::*;

    #[derive(Debug, Default, Syncable)]
    #[syncable(profile = Tasks, model = "task", table = "tasks", renamed_from = "task", partition = "tasks", retired("urgency"))]
    pub(super) struct Task {
        pub(super) id: RecordId,
        pub(super) title: String,
        #[syncable(default = 0)]
        pub(super) due: i64,
    }

    profile! { pub(super) Tasks = "tasks" { Task } }
}

fn main() -> anyhow::Result<()> {
    run(&mut io::stdout().lock())
}

/// Runs the example and prints to `out`.
pub(crate) fn run(out: &mut impl Write) -> anyhow::Result<()> {
    let mut db = Database::open(":memory:")?;
    db.create::<v1::Tasks>()?;
    db.insert(&mut v1::Task { title: "Buy milk".into(), ..Default::default() })?;
    writeln!(out, "version 1: {}", db.serialize::<v1::Tasks>().run()?.created)?;

    db.create::<v2::Tasks>()?;
    db.connection().execute("UPDATE task SET priority = 'high'", [])?;
    // Version 1 runs once more. It does not know the priority, so it leaves the task to version 2.
    let done = db.serialize::<v1::Tasks>().run()?;
    writeln!(
        out,
        "version 1 leaves {} row, because of {:?}",
        done.held_back[0].rows, done.held_back[0].columns
    )?;
    writeln!(out, "version 2: {}", db.serialize::<v2::Tasks>().run()?.updated)?;

    db.create::<v3::Tasks>()?;
    let urgency: String = db.connection().query_row("SELECT urgency FROM task", [], |row| row.get(0))?;
    writeln!(out, "version 3 reads {urgency}")?;

    // Only a new table can lose the NULLs.
    if let Err(error) = db.create::<v4::Tasks>() {
        writeln!(out, "version 4: {error}")?;
    }
    writeln!(out, "rebuilt: {:?}", db.rebuild::<v4::Tasks>()?)?;
    writeln!(out, "version 4: {}", db.serialize::<v4::Tasks>().run()?.updated)?;

    db.create::<v5::Tasks>()?;
    writeln!(out, "dropped: {:?}", db.drop_retired::<v5::Tasks>()?)?;
    db.connection().execute("UPDATE tasks SET title = 'Buy bread'", [])?;
    writeln!(out, "version 5: {}", db.serialize::<v5::Tasks>().run()?.updated)?;
    let stored: String =
        db.connection().query_row("SELECT serialized FROM morango_store", [], |row| row.get(0))?;
    writeln!(out, "the store has {stored}")?;

    // Version 1 would make an empty table `task`.
    match db.create::<v1::Tasks>() {
        Ok(_) => anyhow::bail!("version 1 hides the tasks"),
        Err(error) => writeln!(out, "version 1: {error}")?,
    }
    Ok(())
}
