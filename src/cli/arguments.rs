//! The arguments of the program, as `clap` parses them.

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};

use super::{App, Extra};
use crate::model::Answer;
use crate::{Profile, RecordId};

/// Parses `arguments`, the first of which is the name of the program.
pub(super) fn parse<P: Profile>(
    app: &App,
    name: &str,
    arguments: Vec<OsString>,
) -> Result<Command, clap::Error> {
    let mut command = command::<P>(app, name);
    let matches = command.try_get_matches_from_mut(arguments)?;
    if let Some((name, matches)) = matches.subcommand()
        && let Some(extra) = app.extra.iter().find(|extra| (extra.command)().get_name() == name)
    {
        return Ok(Command::Extra(*extra, Box::new(matches.clone())));
    }
    let mut parsed = Arguments::from_arg_matches(&matches)?.command;
    complete(&mut parsed, app, &mut command)?;
    Ok(parsed)
}

fn command<P: Profile>(app: &App, name: &str) -> clap::Command {
    let about = app.about.clone();
    let about =
        about.unwrap_or_else(|| format!("Writes the changed records of `{}` to its sync store", P::NAME));
    let mut command = Arguments::command()
        .display_name(name)
        .bin_name(name)
        .about(about)
        .after_help(examples(app, name))
        .subcommands(app.extra.iter().map(|extra| (extra.command)()));
    if let Some(version) = app.version {
        command = command.version(version);
    }
    with_databases(command, app.database.as_deref())
}

/// Adapts every argument `DB`: with a `default`, its help names that file; without one, it is required.
fn with_databases(mut command: clap::Command, default: Option<&Path>) -> clap::Command {
    let names: Vec<_> = command.get_arguments().map(|argument| argument.get_id().clone()).collect();
    for name in names {
        command = command.mut_arg(&name, |argument| match (name.as_str(), default) {
            ("database", Some(path)) => {
                argument.help(format!("The database; left out, it is {}", path.display()))
            }
            ("database" | "id" | "peer", None) => argument.required(true),
            ("ids", None) => argument.required_unless_present("all"),
            _ => argument,
        });
    }
    command.mut_subcommands(|command| with_databases(command, default))
}

fn examples(app: &App, name: &str) -> String {
    let db = if app.database.is_some() { "" } else { " db.sqlite3" };
    let examples = [
        (format!("status{db}"), "records per model, and how many are not in the store"),
        (format!("serialize{db}"), "write every changed record to the store"),
        (format!("serialize{db} --filter PREFIX"), "only records whose partition begins with PREFIX"),
        (format!("serialize{db} --json"), "the same, printing JSON"),
        (format!("serialize{db} --commit every:20"), "commit in between: less disk space, others can write"),
        (format!("deserialize{db}"), "write what arrived in the store to the app's tables"),
        (format!("inspect{db} ID"), "one record, in the app and in the store"),
        (format!("conflicts list{db}"), "records that two machines changed at once"),
        (format!("sync{db} PEER"), "exchange records with the database of another device"),
    ];
    let width = examples.iter().map(|(example, _)| example.len()).max().unwrap_or(0);
    let examples: Vec<_> =
        examples.iter().map(|(example, what)| format!("  {name} {example:width$}   {what}\n")).collect();
    format!(
        "Examples:\n{}\n\
         Exit status: 0 for success, 2 for wrong arguments, 130 after Ctrl-C, 1 for any other failure.\n\
         If it is not 0, the database is unchanged, or as the last commit left it.",
        examples.concat()
    )
}

/// Fills in the application's default database. Fails if a required argument is still missing.
fn complete(parsed: &mut Command, app: &App, command: &mut clap::Command) -> Result<(), clap::Error> {
    let path: &[&str] = match parsed {
        Command::Serialize(_) => &["serialize"],
        Command::Deserialize(_) => &["deserialize"],
        Command::Status(_) => &["status"],
        Command::Inspect(_) => &["inspect"],
        Command::Check(_) => &["check"],
        Command::Mend(_) => &["mend"],
        Command::Cleanup(_) => &["cleanup"],
        Command::Restored(_) => &["restored"],
        Command::NewInstance(_) => &["new-instance"],
        Command::Sync(_) => &["sync"],
        Command::Graph(_) | Command::Extra(..) => return Ok(()),
        Command::Conflicts(arguments) => match arguments.command {
            ConflictsCommand::List(_) => &["conflicts", "list"],
            ConflictsCommand::Show(_) => &["conflicts", "show"],
            ConflictsCommand::Resolve(_) => &["conflicts", "resolve"],
            ConflictsCommand::Clear(_) => &["conflicts", "clear"],
        },
    };
    let missing = match parsed {
        Command::Serialize(arguments) => arguments.database.complete(app),
        Command::Deserialize(arguments) => arguments.database.complete(app),
        Command::Status(arguments) | Command::Restored(arguments) | Command::NewInstance(arguments) => {
            arguments.database.complete(app)
        }
        Command::Sync(arguments) => arguments.complete(app),
        Command::Check(arguments) => arguments.database.complete(app),
        Command::Mend(arguments) => arguments.database.complete(app),
        Command::Cleanup(arguments) => arguments.database.complete(app),
        Command::Inspect(arguments) => arguments.record.complete(app),
        Command::Conflicts(arguments) => match &mut arguments.command {
            ConflictsCommand::List(arguments) => arguments.database.complete(app),
            ConflictsCommand::Show(arguments) => arguments.record.complete(app),
            ConflictsCommand::Resolve(arguments) => arguments.record.complete(app),
            ConflictsCommand::Clear(arguments) => arguments.complete(app),
        },
        Command::Graph(_) | Command::Extra(..) => Ok(()),
    };
    missing.map_err(|wrong| {
        let mut command = command;
        for name in path {
            command = command.find_subcommand_mut(name).expect("the subcommand was parsed");
        }
        match wrong {
            Wrong::Missing(what) => command.error(
                ErrorKind::MissingRequiredArgument,
                format!("the following required arguments were not provided:\n  {what}"),
            ),
            Wrong::Value(message) => command.error(ErrorKind::ValueValidation, message),
        }
    })
}

/// A mistake in the arguments that `clap` does not find.
enum Wrong {
    /// Required arguments that are missing, as the usage spells them.
    Missing(&'static str),
    /// A message about a wrong value.
    Value(String),
}

#[derive(Debug, Parser)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write every changed record to the sync store
    ///
    /// Writes every record whose dirty bit is set to the sync store as JSON, marks deleted records there, and raises the counter of
    /// this instance by one. All of it is one transaction, unless `--commit` says otherwise.
    Serialize(SerializeArguments),
    /// Write the received records of the store to the app's tables
    ///
    /// Checks each record that waits in the store, and writes it to its table, or deletes it there. All of it is one transaction.
    /// A record that fails stays in the store with the reason: the report counts it, `status` lists it, every later run tries it
    /// again, and the exit status is 0. Records that the app has changed since the last `serialize` wait: run `serialize` first.
    Deserialize(DeserializeArguments),
    /// Show per model how many records there are, and how many are not in the store yet
    ///
    /// Only reads the database. No file is changed or created.
    Status(StatusArguments),
    /// Show one record: in the app, in the store, its counters and its conflicts
    ///
    /// Prints each field as the app has it beside the field as the store has it, and marks those that differ. Only reads the
    /// database. No file is changed or created.
    Inspect(InspectArguments),
    /// Show, resolve or clear the conflicts of records
    ///
    /// If two machines change a record before they sync, one version wins, and the store keeps the text of the other. No program
    /// reads that text or removes it. These commands do.
    Conflicts(ConflictsArguments),
    /// Compare the tables with what the models declare
    ///
    /// Prints every difference, and exits with status 1 if there is one. Only reads the database.
    Check(CheckArguments),
    /// Mark the records that differ from the store as changed
    ///
    /// Finds what `check --deep` finds. Rows that differ from the store without being marked as changed are marked, and the next
    /// `serialize` writes them. Records that only the store has are counted, and listed as deleted only with
    /// `--delete-only-in-store`.
    Mend(MendArguments),
    /// Remove what broken transfers left in the buffers
    ///
    /// A transfer that breaks off leaves its records in the buffers, and a database may grow by gigabytes. Without --yes this only
    /// shows what would be removed. A session that is recent, whose process runs or that can be resumed stays, unless --session
    /// names it.
    Cleanup(CleanupArguments),
    /// Say that the file was put back from a backup, and make it another instance
    ///
    /// A backup has an older counter of its instance than other machines have seen, so they would not ask for the next changes.
    /// Run this after a backup was copied over the file, or a virtual machine was set back.
    Restored(StatusArguments),
    /// Give a copied database an id of its own, so that it can sync with the original
    ///
    /// Two files with one id count as one instance, and the changes of one would be taken for changes of the other. `sync` refuses
    /// them. The records stay as they are. In the database of another application it is refused: that application makes the ids.
    NewInstance(StatusArguments),
    /// Exchange records with another database
    ///
    /// Pulls, then pushes: serialises the changes on the side that sends, hands over what the other side lacks, merges it into that
    /// side's store, and writes it to the application's tables. Records that both changed are in conflict (`conflicts`). Ctrl-C or a
    /// failure leaves both databases usable; run it again, and it goes on where it was.
    Sync(SyncArguments),
    /// Show the stages of `serialize`, and how much each holds at most
    ///
    /// Needs no database. GitHub renders Mermaid in Markdown files; DOT is for Graphviz:
    /// `graph --format dot | dot -Tsvg > flow.svg`.
    Graph(GraphArguments),
    /// A command that the application added.
    #[command(skip)]
    Extra(Extra, Box<ArgMatches>),
}

/// The argument `DB` of a command without other positional arguments.
#[derive(Debug, Args)]
pub(super) struct DatabaseArgument {
    /// The database: a SQLite file that the application has made
    #[arg(value_name = "DB")]
    database: Option<PathBuf>,
}

impl DatabaseArgument {
    fn complete(&mut self, app: &App) -> Result<(), Wrong> {
        self.database = self.database.take().or_else(|| app.database.clone());
        if self.database.is_some() { Ok(()) } else { Err(Wrong::Missing("<DB>")) }
    }

    pub(super) fn path(&self) -> &Path {
        self.database.as_deref().expect("`complete` was called after parsing")
    }
}

/// The arguments `DB` and `ID`.
#[derive(Debug, Args)]
pub(super) struct RecordArguments {
    /// The database: a SQLite file that the application has made
    #[arg(value_name = "DB")]
    database: Option<PathBuf>,

    /// The id of the record: 32 hex digits, with hyphens between them or without
    #[arg(value_name = "ID")]
    id: Option<String>,

    #[arg(skip)]
    parsed: Option<RecordId>,
}

impl RecordArguments {
    /// Fills in the default database. A single argument is then the id.
    fn complete(&mut self, app: &App) -> Result<(), Wrong> {
        if self.id.is_none()
            && let Some(default) = &app.database
        {
            let id = self.database.replace(default.clone());
            self.id = id.map(|id| id.to_string_lossy().into_owned());
        }
        match (&self.database, &self.id) {
            (None, _) if app.database.is_none() => return Err(Wrong::Missing("<DB>\n  <ID>")),
            (Some(_), Some(id)) => self.parsed = Some(parse_id(id)?),
            _ => return Err(Wrong::Missing("<ID>")),
        }
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        self.database.as_deref().expect("`complete` was called after parsing")
    }

    pub(super) fn id(&self) -> RecordId {
        self.parsed.expect("`complete` was called after parsing")
    }
}

fn parse_id(text: &str) -> Result<RecordId, Wrong> {
    text.parse().map_err(|_| Wrong::Value(format!("invalid value '{text}' for '<ID>': give 32 hex digits")))
}

#[derive(Debug, Args)]
pub(super) struct SerializeArguments {
    #[command(flatten)]
    pub(super) database: DatabaseArgument,

    /// Only records whose partition begins with PREFIX; may be given more than once
    ///
    /// Case matters, and no character is a wildcard. An empty prefix selects every record. Deletions are written whatever the
    /// filter.
    #[arg(long = "filter", value_name = "PREFIX")]
    pub(super) filters: Vec<String>,

    /// Commit once at the end, or after every N chunks of up to 500 records
    ///
    /// With `every:N` each commit is a complete small run with a counter of its own. It needs less disk space at a time, and other
    /// programs can write in between. If it ends early, committed records stay, and the next run continues.
    #[arg(long, value_name = "once|every:N", default_value = "once", value_parser = commit)]
    pub(super) commit: Commit,

    /// Leave out up to N records that cannot be serialised, instead of failing
    ///
    /// Each is named on stderr. It stays dirty, and its row in the store is not changed. One more than N fails the run.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) skip: u64,

    /// Serialise although the application has a later migration or a further column than the models know
    ///
    /// By default nothing is written then. With it, values of unknown columns are left out, and their rows become clean: these
    /// changes do not sync. Use it if you know that the later version changed nothing that syncs.
    #[arg(long)]
    pub(super) accept_later_schema: bool,

    #[command(flatten)]
    pub(super) wait: WaitArguments,

    /// Print one JSON object instead of tables
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct DeserializeArguments {
    #[command(flatten)]
    pub(super) database: DatabaseArgument,

    /// Only records whose partition begins with PREFIX; may be given more than once
    ///
    /// Case matters, and no character is a wildcard. An empty prefix selects every record. The filter selects deletions, too.
    #[arg(long = "filter", value_name = "PREFIX")]
    pub(super) filters: Vec<String>,

    /// Leave out records that failed in an earlier run
    ///
    /// By default they are tried again: the record that they need may have arrived.
    #[arg(long)]
    pub(super) skip_erroring: bool,

    /// Deserialise although the application has a later migration or a further column than the models know
    ///
    /// By default nothing is written then. With it, unknown columns keep their values, and have their defaults in new rows. Use it
    /// if you know that the later version changed nothing that syncs.
    #[arg(long)]
    pub(super) accept_later_schema: bool,

    #[command(flatten)]
    pub(super) wait: WaitArguments,

    /// Print one JSON object instead of sentences
    #[arg(long)]
    pub(super) json: bool,
}

/// When to commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commit {
    Once,
    Every(NonZeroUsize),
}

fn commit(text: &str) -> Result<Commit, String> {
    let every = || text.strip_prefix("every:")?.parse().ok().map(Commit::Every);
    let commit = if text == "once" { Some(Commit::Once) } else { every() };
    commit.ok_or_else(|| "give `once`, or `every:N` with a number of chunks from 1".to_owned())
}

/// Options of commands that write to the database.
#[derive(Debug, Args)]
pub(super) struct WaitArguments {
    /// How long to wait for another program that has the database locked
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub(super) busy_timeout: Duration,
}

#[derive(Debug, Args)]
pub(super) struct StatusArguments {
    #[command(flatten)]
    pub(super) database: DatabaseArgument,

    /// Print JSON instead of a table
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct SyncArguments {
    /// The database: a SQLite file that the application has made
    #[arg(value_name = "DB")]
    database: Option<PathBuf>,

    /// The peer: another such file, with another instance
    #[arg(value_name = "PEER")]
    peer: Option<PathBuf>,

    /// Only records whose partition begins with PREFIX; may be given more than once
    ///
    /// Case matters, and no character is a wildcard. An empty prefix selects every record.
    #[arg(long = "filter", value_name = "PREFIX")]
    pub(super) filters: Vec<String>,

    #[command(flatten)]
    pub(super) one_way: OneWayArguments,

    /// Sync although an application has a later migration or a further column than the models know
    ///
    /// By default nothing is written then. With it, values of unknown columns are left out.
    #[arg(long)]
    pub(super) accept_later_schema: bool,

    #[command(flatten)]
    pub(super) wait: WaitArguments,

    /// Print one JSON object instead of sentences
    #[arg(long)]
    pub(super) json: bool,
}

/// The options for one direction only.
#[derive(Debug, Args)]
pub(super) struct OneWayArguments {
    /// Only receive: send nothing to the peer
    #[arg(long, conflicts_with = "push_only")]
    pub(super) pull_only: bool,

    /// Only send: receive nothing from the peer
    #[arg(long)]
    pub(super) push_only: bool,
}

impl SyncArguments {
    /// Fills in the default database. A single argument is then the peer.
    fn complete(&mut self, app: &App) -> Result<(), Wrong> {
        if self.peer.is_none()
            && let Some(default) = &app.database
        {
            self.peer = self.database.replace(default.clone());
        }
        match (&self.database, &self.peer) {
            (Some(_), Some(_)) => Ok(()),
            (None, _) => Err(Wrong::Missing("<DB>\n  <PEER>")),
            (_, None) => Err(Wrong::Missing("<PEER>")),
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.database.as_deref().expect("`complete` was called after parsing")
    }

    pub(super) fn peer(&self) -> &Path {
        self.peer.as_deref().expect("`complete` was called after parsing")
    }
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    pub(super) database: DatabaseArgument,

    /// Compare every record with the store as well
    ///
    /// Finds changes that were not tracked: rows that differ from the store without being marked as changed, and records that only
    /// the store has. Finds faults of the store as well: counters that are missing or behind, received records that failed more
    /// than a year ago, and what dead transfers left in the buffers. Takes one pass over the tables. `mend` and `cleanup` end
    /// these differences.
    #[arg(long)]
    pub(super) deep: bool,

    /// Print JSON instead of sentences
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct MendArguments {
    #[command(flatten)]
    pub(super) database: DatabaseArgument,

    /// List the records of MODEL that only the store has as deleted; may be given more than once
    ///
    /// The next `serialize` marks them as deleted in the store, and every peer that syncs deletes them. If they were lost and not
    /// deleted, as by a table that was dropped, restore them instead.
    #[arg(long, value_name = "MODEL")]
    pub(super) delete_only_in_store: Vec<String>,

    /// Let the records of MODEL that only the store has wait for the app; may be given more than once
    ///
    /// The next `deserialize` writes them to the app's table. For records that were lost and not deleted.
    #[arg(long, value_name = "MODEL")]
    pub(super) restore_only_in_store: Vec<String>,

    /// Write the counters that are missing, and raise the counter of this instance if the store knows a higher one
    #[arg(long)]
    pub(super) counters: bool,

    #[command(flatten)]
    pub(super) wait: WaitArguments,

    /// Print one JSON object instead of sentences
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct CleanupArguments {
    #[command(flatten)]
    pub(super) database: DatabaseArgument,

    /// Remove the buffers, instead of showing what would be removed
    #[arg(long)]
    pub(super) yes: bool,

    /// Only sessions that were inactive for so long: 90m, 12h, 7d
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = span)]
    pub(super) older_than: Duration,

    /// Also this transfer session, although it may be resumed; may be given more than once
    #[arg(long = "session", value_name = "ID", value_parser = session)]
    pub(super) sessions: Vec<RecordId>,

    /// Then give the space back to the file system
    ///
    /// The file is written anew, which takes free space of its own size and time.
    #[arg(long, requires = "yes")]
    pub(super) vacuum: bool,

    #[command(flatten)]
    pub(super) wait: WaitArguments,

    /// Print one JSON object instead of a table
    #[arg(long)]
    pub(super) json: bool,
}

fn session(text: &str) -> Result<RecordId, String> {
    text.parse().map_err(|_| "give 32 hex digits".to_owned())
}

/// Parses a time with its unit.
fn span(text: &str) -> Result<Duration, String> {
    let units = [("s", 1), ("m", 60), ("h", 60 * 60), ("d", 24 * 60 * 60), ("w", 7 * 24 * 60 * 60)];
    let parsed = units.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
        // Longer than any session is old, and still a number of days.
        (number <= 1_000_000).then(|| Duration::from_secs(number * seconds))
    });
    parsed.ok_or_else(|| "give a number with a unit of s, m, h, d or w, such as 12h or 7d".to_owned())
}

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    #[command(flatten)]
    pub(super) record: RecordArguments,

    /// Print one JSON object instead of tables
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(super) struct ConflictsArguments {
    #[command(subcommand)]
    pub(super) command: ConflictsCommand,
}

#[derive(Debug, Subcommand)]
pub(super) enum ConflictsCommand {
    /// List the records that are in conflict
    List(StatusArguments),
    /// Show the conflicts of one record, newest first
    Show(InspectArguments),
    /// Decide the conflict of one record, on every machine
    ///
    /// Writes the answer to the store as a new version of the record, and removes the texts that lost. Peers take both at their next
    /// sync. Another text than the store's waits in the store for the app, as a received record does.
    Resolve(ResolveArguments),
    /// Remove the conflicts of records, on this machine
    ///
    /// Only those texts go: the records stay as they are, and no counter and no dirty bit changes.
    Clear(ClearArguments),
}

#[derive(Debug, Args)]
pub(super) struct ResolveArguments {
    #[command(flatten)]
    pub(super) record: RecordArguments,

    #[command(flatten)]
    pub(super) answer: AnswerArguments,

    #[command(flatten)]
    pub(super) wait: WaitArguments,

    /// Print one JSON object instead of a sentence
    #[arg(long)]
    pub(super) json: bool,
}

/// The answer to a conflict: exactly one of the options.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(super) struct AnswerArguments {
    /// The text that the store has now
    #[arg(long)]
    mine: bool,

    /// The newest text that lost
    #[arg(long)]
    theirs: bool,

    /// This text: a JSON object with all keys of the record
    #[arg(long, value_name = "JSON")]
    text: Option<String>,
}

impl AnswerArguments {
    pub(super) fn answer(&self) -> Answer {
        match &self.text {
            Some(text) => Answer::Text(text.clone()),
            None if self.theirs => Answer::Theirs,
            None => Answer::Mine,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ClearArguments {
    /// The database: a SQLite file that the application has made
    #[arg(value_name = "DB")]
    database: Option<PathBuf>,

    /// The ids of records: 32 hex digits each
    #[arg(value_name = "ID", conflicts_with = "all")]
    ids: Vec<String>,

    /// Of every record that is in conflict
    #[arg(long)]
    pub(super) all: bool,

    #[command(flatten)]
    pub(super) wait: WaitArguments,

    /// Print one JSON object instead of a sentence
    #[arg(long)]
    pub(super) json: bool,

    #[arg(skip)]
    parsed: Vec<RecordId>,
}

impl ClearArguments {
    /// Fills in the default database. The first argument is then an id, if it has the form of one.
    fn complete(&mut self, app: &App) -> Result<(), Wrong> {
        if let Some(default) = &app.database {
            let first = self.database.as_ref().and_then(|first| first.to_str().map(str::to_owned));
            let is_id = first.as_ref().is_some_and(|first| first.parse::<RecordId>().is_ok());
            if is_id && self.all {
                return Err(Wrong::Value("give ids or --all, and not both".to_owned()));
            }
            if self.database.is_none() {
                self.database = Some(default.clone());
            } else if !self.all && (is_id || self.ids.is_empty()) {
                self.ids.insert(0, first.unwrap_or_default());
                self.database = Some(default.clone());
            }
        }
        if self.database.is_none() {
            return Err(Wrong::Missing("<DB>\n  <ID>... or --all"));
        }
        if self.ids.is_empty() && !self.all {
            return Err(Wrong::Missing("<ID>... or --all"));
        }
        self.parsed = self.ids.iter().map(|id| parse_id(id)).collect::<Result<_, _>>()?;
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        self.database.as_deref().expect("`complete` was called after parsing")
    }

    pub(super) fn ids(&self) -> &[RecordId] {
        &self.parsed
    }
}

#[derive(Debug, Args)]
pub(super) struct GraphArguments {
    /// The language of the graph
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// The languages of a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For a terminal
    Text,
    /// For Mermaid
    Mermaid,
    /// For Graphviz
    Dot,
}

/// SQLite counts the milliseconds of a busy timeout in 32 bits.
const LONGEST_TIMEOUT: Duration = Duration::from_millis(i32::MAX as u64);

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|timeout| *timeout <= LONGEST_TIMEOUT)
        .ok_or_else(|| format!("give seconds, from 0 to {}", LONGEST_TIMEOUT.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    /// Parses `arguments`, which follow the name of the program.
    fn parsed(app: &App, arguments: &[&str]) -> Result<Command, clap::Error> {
        let arguments = ["notes"].iter().chain(arguments).map(OsString::from).collect();
        parse::<crate::__private::AnyProfile>(app, "notes", arguments)
    }

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_database_is_needed_where_the_application_has_none() {
        for arguments in [
            &["serialize"][..],
            &["deserialize"],
            &["status"],
            &["check"],
            &["mend"],
            &["restored"],
            &["new-instance"],
            &["sync"],
            &["sync", "notes.sqlite3"],
            &["inspect"],
            &["inspect", "notes.sqlite3"],
            &["conflicts", "list"],
            &["conflicts", "show", "notes.sqlite3"],
            &["conflicts", "clear"],
            &["conflicts", "clear", "notes.sqlite3"],
            &["conflicts", "clear", "--all"],
        ] {
            let error = parsed(&App::new(), arguments).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::MissingRequiredArgument, "{arguments:?}");
            let message = error.to_string();
            assert!(message.contains("Usage: notes ") && message.contains("--help"), "{message}");
        }
    }

    #[test]
    fn what_is_no_id_is_wrong_usage() {
        for arguments in [
            &["inspect", "notes.sqlite3", "x"][..],
            &["conflicts", "show", "notes.sqlite3", "x"],
            &["conflicts", "clear", "notes.sqlite3", ID, "x"],
        ] {
            let error = parsed(&App::new(), arguments).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ValueValidation, "{arguments:?}");
            assert!(
                error.to_string().contains("invalid value 'x' for '<ID>': give 32 hex digits"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_database_of_the_application_is_taken_where_none_is_given() {
        let app = App::new().database("default.sqlite3");
        let path_and_id = |arguments: &[&str]| match parsed(&app, arguments).unwrap() {
            Command::Status(arguments) => (arguments.database.path().to_owned(), vec![]),
            Command::Inspect(arguments) => (arguments.record.path().to_owned(), vec![arguments.record.id()]),
            Command::Sync(arguments) => {
                assert_eq!(arguments.peer(), Path::new("peer.sqlite3"));
                (arguments.path().to_owned(), vec![])
            }
            Command::Conflicts(ConflictsArguments { command: ConflictsCommand::Clear(arguments) }) => {
                (arguments.path().to_owned(), arguments.ids().to_vec())
            }
            other => panic!("{other:?}"),
        };
        let id: RecordId = ID.parse().unwrap();
        let default = PathBuf::from("default.sqlite3");
        let other = PathBuf::from("other.sqlite3");
        assert_eq!(path_and_id(&["status"]), (default.clone(), vec![]));
        assert_eq!(path_and_id(&["status", "other.sqlite3"]), (other.clone(), vec![]));
        assert_eq!(path_and_id(&["sync", "peer.sqlite3"]), (default.clone(), vec![]));
        assert_eq!(path_and_id(&["sync", "other.sqlite3", "peer.sqlite3"]), (other.clone(), vec![]));
        assert_eq!(path_and_id(&["inspect", ID]), (default.clone(), vec![id]));
        assert_eq!(path_and_id(&["inspect", "other.sqlite3", ID]), (other.clone(), vec![id]));
        assert_eq!(path_and_id(&["conflicts", "clear", ID, ID]), (default.clone(), vec![id, id]));
        assert_eq!(path_and_id(&["conflicts", "clear", "other.sqlite3", ID]), (other.clone(), vec![id]));
        assert_eq!(path_and_id(&["conflicts", "clear", "--all"]), (default, vec![]));
        assert_eq!(path_and_id(&["conflicts", "clear", "other.sqlite3", "--all"]), (other, vec![]));
        let error = parsed(&app, &["inspect", "other.sqlite3"]).unwrap_err();
        assert!(error.to_string().contains("invalid value 'other.sqlite3' for '<ID>'"), "{error}");
        let help = parsed(&app, &["inspect", "--help"]).unwrap_err().to_string();
        assert!(help.contains("left out, it is default.sqlite3"), "{help}");
    }

    #[test]
    fn a_timeout_is_seconds_that_sqlite_can_count() {
        assert_eq!(seconds("0"), Ok(Duration::ZERO));
        assert_eq!(seconds("0.25"), Ok(Duration::from_millis(250)));
        assert_eq!(seconds("2147483"), Ok(Duration::from_secs(2_147_483)));
        for wrong in ["", "soon", "-1", "NaN", "inf", "2147484", "1e300"] {
            assert_eq!(seconds(wrong), Err("give seconds, from 0 to 2147483".to_owned()), "{wrong}");
        }
    }
}
