//! Expansions under the user's lints, conditions and macros. The inputs are whole crates, in the folder `macros`. The packages
//! `tests/quiet` and `tests/quiet_2021` compile them, and a cross-section of all declarations, with other lint levels than
//! those of the workspace.

use std::env;
use std::path::Path;
use std::process::{Command, Output};

/// The groups of rustc's lints, and the lints that are in no group and allowed by default.
const RUSTC: &[&str] = &[
    "warnings",
    "unused",
    "nonstandard-style",
    "future-incompatible",
    "rust-2018-idioms",
    "rust-2021-compatibility",
    "rust-2024-compatibility",
    "let-underscore",
    "keyword-idents",
    "refining-impl-trait",
    "deprecated",
    "missing-docs",
    "missing-debug-implementations",
    "missing-copy-implementations",
    "redundant-lifetimes",
    "single-use-lifetimes",
    "trivial-casts",
    "trivial-numeric-casts",
    "unit-bindings",
    "unnameable-types",
    "unreachable-pub",
    "unsafe-code",
    "unused-import-braces",
    "unused-lifetimes",
    "unused-qualifications",
    "unused-results",
    "variant-size-differences",
];

const CLIPPY: &[&str] = &["clippy::all", "clippy::pedantic", "clippy::nursery", "clippy::shadow_unrelated"];

/// Runs `cargo subcommand` for a target of a package, with these lints forbidden.
fn compile(subcommand: &[&str], package: &str, target: &[&str], forbidden: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args(subcommand)
        .args(["--offline", "--quiet", "--color", "never", "--package", package])
        .arg("--target-dir")
        .arg(root.join("target/tests/quiet"))
        .args(target);
    if !forbidden.is_empty() {
        cargo.arg("--").args(forbidden.iter().flat_map(|lint| ["-F", lint]));
    }
    cargo.output().expect("cargo runs")
}

#[track_caller]
fn is_quiet(output: &Output) {
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && printed.is_empty(), "{printed}");
}

/// Checks a target with the lints of rustc.
#[track_caller]
fn check(package: &str, target: &[&str], forbidden: &[&str]) {
    is_quiet(&compile(&["rustc", "--profile", "check"], package, target, forbidden));
}

/// Reported for other macros as taiki-e/pin-project-lite#33 and rust-lang/rust#81218.
#[test]
fn every_lint_of_rustc_can_be_forbidden() {
    for features in ["", "tags"] {
        check("syncline-quiet", &["--lib", "--features", features], RUSTC);
    }
}

#[test]
fn every_lint_of_rustc_can_be_forbidden_in_edition_2021() {
    check("syncline-quiet-2021", &["--lib", "--features", "tags"], RUSTC);
}

/// Reported for clippy as rust-lang/rust-clippy#12197. The check needs `cargo clippy`; the test says so if it is missing.
#[test]
fn every_group_of_clippy_can_be_forbidden() {
    let has_clippy =
        Command::new("cargo").args(["clippy", "--version"]).output().is_ok_and(|run| run.status.success());
    if !has_clippy {
        assert!(env::var_os("CI").is_none(), "CI must have cargo clippy");
        println!("SKIPPED: cargo clippy is not installed");
        return;
    }
    for features in ["", "tags"] {
        is_quiet(&compile(
            &["clippy", "--no-deps"],
            "syncline-quiet",
            &["--lib", "--features", features],
            CLIPPY,
        ));
    }
}

/// The inputs, as they were reported, with and without the feature `tags`: taiki-e/pin-project-lite#33,
/// rust-lang/rust#81218, Peternator7/strum#481, rkyv/rkyv#632, rust-lang/rust-clippy#12197, colin-kiegel/rust-derive-builder#222,
/// `brain0/atomic_enum#10`, `jonasbb/serde_with#538` and `prometheus/client_rust#266`.
#[test]
fn reported_programs_compile_without_a_warning() {
    is_quiet(&compile(&["check"], "syncline-quiet", &["--bins"], &[]));
    let output = compile(&["check"], "syncline-quiet", &["--bins", "--features", "tags"], &[]);
    let printed = String::from_utf8_lossy(&output.stderr);
    // One of the programs has a parameter that it does not use. The compiler says so at the parameter, as for any function.
    let about_the_parameter = "unused variable: `k`";
    let headlines: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix("warning: ")).collect();
    assert!(output.status.success() && headlines == [about_the_parameter], "{printed}");
}

/// As rust-lang/rust-clippy#12197.
#[test]
fn no_lint_is_about_a_binding_that_the_user_did_not_write() {
    let target = ["--bin", "shadow_unrelated"];
    let has_clippy =
        Command::new("cargo").args(["clippy", "--version"]).output().is_ok_and(|run| run.status.success());
    if has_clippy {
        is_quiet(&compile(&["clippy", "--no-deps"], "syncline-quiet", &target, &[]));
    }
}
