//! `syncline` without the feature `sqlite`: what compiles, and what the compiler says of the rest.
//!
//! Features are those of a whole build, so the package `tests/without_sqlite` is built by a Cargo of its own.

use std::env;
use std::path::Path;
use std::process::{Command, Output};

const MISSING: &str =
    "error[E0277]: a database needs the feature `sqlite` of the crate `syncline`, and it is off";

/// Checks the package with `arguments`.
fn check(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args(["check", "--offline", "--quiet", "--package", "syncline-without-sqlite", "--color", "never"])
        .arg("--target-dir")
        .arg(root.join("target/tests/without-sqlite"))
        .args(arguments)
        .output()
        .expect("cargo runs")
}

/// The first line of each error of the program `name`, of which there must be some.
#[track_caller]
fn errors(name: &str) -> Vec<String> {
    let output = check(&["--features", "mistakes", "--bin", name]);
    assert!(!output.status.success(), "{name} compiles");
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!printed.contains("error: could not compile `syncline` "), "{printed}");
    let errors = printed.lines().filter(|line| line.starts_with("error[")).map(str::to_owned).collect();
    assert!(printed.contains("`sqlite`"), "{printed}");
    errors
}

#[test]
fn models_profiles_and_pipelines_compile() {
    let output = check(&["--lib"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_stream_of_records_names_the_feature() {
    // One for each of `stream`, `dirty` and `store`.
    assert_eq!(errors("stream"), [MISSING; 3]);
}

#[test]
fn opening_a_database_names_the_feature() {
    assert_eq!(errors("database"), [MISSING]);
    // The compiler itself names the feature of an item that it finds switched off.
    assert_eq!(errors("import"), ["error[E0432]: unresolved import `syncline::Database`"]);
}

#[test]
fn an_operator_that_awaits_names_the_feature() {
    let output = check(&["--features", "mistakes", "--bin", "futures"]);
    let printed = String::from_utf8_lossy(&output.stderr).into_owned();
    let errors: Vec<_> = printed.lines().filter(|line| line.starts_with("error")).take(2).collect();
    let needs = |name: &str| {
        format!(
            "error: `{name}` needs the feature `futures` of the crate `syncline`, and it is off: `cargo add syncline \
             --features futures`"
        )
    };
    assert_eq!(errors, [needs("map_async"), needs("try_map_async_unordered")], "{printed}");
    // The last line is Cargo's.
    assert_eq!(printed.lines().filter(|line| line.starts_with("error")).count(), 3, "{printed}");
}
