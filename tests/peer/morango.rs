//! The interface to the script that runs Morango.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::program::text;

/// The environment variables by which the scripts identify the machine for Morango.
pub(crate) const MACHINE: [(&str, &str); 2] =
    [("MORANGO_SYSTEM_ID", "peer-bench-system"), ("MORANGO_NODE_ID", "peer-bench-node")];

/// A script after its setup.
pub(crate) struct Morango {
    script: PathBuf,
    /// `true` if it can make and change databases.
    pub(crate) makes_databases: bool,
    /// `true` if it can make cases of the legs, and run them.
    pub(crate) makes_legs: bool,
    /// Its usage text.
    usage: String,
}

impl Morango {
    /// Finds and sets up the script that `SYNCLINE_PEER` names. Panics if it cannot be set up. `None` without the variable.
    pub(crate) fn find() -> Option<Self> {
        let script = PathBuf::from(env::var_os("SYNCLINE_PEER").filter(|name| !name.is_empty())?);
        let script = if script.is_absolute() {
            script
        } else {
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(script)
        };
        let usage = Command::new(&script).arg("help").output();
        let usage = usage.unwrap_or_else(|error| panic!("{}: {error}", script.display()));
        let usage = text(&usage.stdout) + &text(&usage.stderr);
        let morango = Self {
            script,
            makes_databases: usage.contains("new DB") && usage.contains("change HOW"),
            makes_legs: usage.contains("legs base|small") && usage.contains("case FOLDER OUT"),
            usage,
        };
        morango.run(["setup"]);
        Some(morango)
    }

    /// Lets Morango serialise `database`. Returns the seconds without its start.
    pub(crate) fn serialize(&self, database: &Path, filters: &[&str]) -> f64 {
        let output =
            self.run([OsStr::new("serialize"), database.as_os_str(), OsStr::new(&filters.join(","))]);
        let outcome: Value = serde_json::from_str(text(&output.stdout).lines().last().unwrap()).unwrap();
        outcome["wall_s"].as_f64().unwrap()
    }

    /// Lets Morango recompute the id of each record and compare it with the record's.
    pub(crate) fn identities(&self, database: &Path) -> Result<(), String> {
        let outcome = self.ask("identities", [database.as_os_str()]);
        let records: u64 =
            outcome["records"].as_object().unwrap().values().map(|count| count.as_u64().unwrap()).sum();
        println!("Morango worked out who {records} records are: {}", outcome["records"]);
        match outcome["wrong"].as_array().unwrap().as_slice() {
            [] if records > 1000 => Ok(()),
            [] => Err(format!("there are only {records} records")),
            wrong => Err(format!("{} of {records} are others, such as {}", wrong.len(), wrong[0])),
        }
    }

    /// Lets Kolibri's model hard-delete a record. Returns the number of listed ids.
    pub(crate) fn hard_delete(&self, database: &Path, model: &str, id: &str) -> u64 {
        let outcome = self.ask("hard-delete", [database.as_os_str(), OsStr::new(model), OsStr::new(id)]);
        outcome["listed"].as_u64().unwrap()
    }

    /// Lets Morango serialise each database in `folder`. Returns the error of each by its file name, or `None`.
    pub(crate) fn serialize_each(&self, folder: &Path) -> BTreeMap<String, Option<String>> {
        serde_json::from_value(self.ask("serialize-each", [folder.as_os_str()])).unwrap()
    }

    /// Returns the JSON answer to a command. If the script does not know the command, `tests/peer/morango` runs it in the same
    /// environment.
    fn ask<'a>(&self, verb: &'a str, arguments: impl IntoIterator<Item = &'a OsStr>) -> Value {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peer/morango");
        let script = if self.usage.contains(&format!("{verb} DB")) { &self.script } else { &own };
        let output = run(script, iter::once(OsStr::new(verb)).chain(arguments));
        serde_json::from_str(text(&output.stdout).lines().last().unwrap()).unwrap()
    }

    /// Lets Kolibri make a database of `users` users in which everything is dirty.
    pub(crate) fn new_database(&self, database: &Path, users: u32, seed: u32) {
        self.run([
            OsStr::new("new"),
            database.as_os_str(),
            OsStr::new(&users.to_string()),
            OsStr::new(&seed.to_string()),
        ]);
    }

    /// Lets Kolibri change a database through its models.
    pub(crate) fn change(&self, how: &str, database: &Path) {
        self.run([OsStr::new("change"), OsStr::new(how), database.as_os_str()]);
    }

    /// Runs a generator or checker of cases of the legs. Returns the lines that it prints. A checker fails where cases differ.
    pub(crate) fn legs(&self, kind: &str, base: &Path, arguments: &[&str]) -> Vec<String> {
        let arguments = arguments.iter().map(OsStr::new);
        let output = Command::new(&self.script)
            .args([OsStr::new("legs"), OsStr::new(kind), base.as_os_str()])
            .args(arguments)
            .output()
            .unwrap();
        let printed = text(&output.stdout);
        assert!(output.status.success() || printed.contains("differ"), "{}", text(&output.stderr));
        printed.lines().map(str::to_owned).collect()
    }

    /// Lets Morango run the leg of the case in `folder`, into the database `out`.
    pub(crate) fn case(&self, folder: &Path, out: &Path) {
        self.run([OsStr::new("case"), folder.as_os_str(), out.as_os_str()]);
    }

    fn run<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Output {
        run(&self.script, arguments)
    }
}

fn run<A: AsRef<OsStr>>(script: &Path, arguments: impl IntoIterator<Item = A>) -> Output {
    let output = Command::new(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}: {}", script.display(), text(&output.stderr));
    output
}
