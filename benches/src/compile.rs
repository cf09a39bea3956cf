//! The command `compile`: the compile times of crates that use the macros and streams.
//!
//! Generates crates in a temporary folder, and checks and builds them there, offline, with the dependency versions of this
//! workspace. Dependencies are built first. Only the compilation of the crate itself is timed.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::ensure;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The number of times that each is compiled; medians are printed
    #[arg(long, default_value_t = 5)]
    rounds: usize,
}

/// A generated crate: its name and its only source file.
struct Sample {
    name: String,
    about: String,
    source: String,
}

const MODELS: usize = 50;
const PIPELINES: usize = 20;

/// The command `compile`.
#[expect(clippy::print_stdout, reason = "that is what it is for")]
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let mut samples = vec![
        sample("theirs", format!("{MODELS} structs, serde"), serde_models()),
        sample("derives", "the same, `Syncable`, and their `profile!`".to_owned(), models()),
        sample("both", format!("and {PIPELINES} pipelines of 12 stages"), models() + &pipelines()),
    ];
    for stages in [40, 80, 160] {
        samples.push(sample(
            &format!("stages_{stages}"),
            format!("a pipeline of {stages} stages, two of ten a buffer and its unbuffer"),
            long_pipeline(stages, &WITH_BUFFERS),
        ));
    }
    for stages in [12, 24, 48] {
        samples.push(sample(
            &format!("in_one_piece_{stages}"),
            format!("a pipeline of {stages} stages in one piece"),
            long_pipeline(stages, &IN_ONE_PIECE),
        ));
    }
    let folder = tempfile::tempdir()?;
    write(folder.path(), &samples)?;
    println!("| | cargo check | cargo build |\n|---|---|---|");
    let mut times = vec![[Vec::new(), Vec::new()]; samples.len()];
    for round in 0..=arguments.rounds {
        for (sample, times) in samples.iter().zip(&mut times) {
            for (command, times) in ["check", "build"].into_iter().zip(times) {
                let seconds = make(folder.path(), command, &sample.name)?;
                // The first round also builds the dependencies.
                if round > 0 {
                    times.push(seconds);
                }
            }
        }
    }
    for (sample, times) in samples.iter().zip(times) {
        let [check, build] = times.map(median);
        println!("| {} | {check:.2} s | {build:.2} s |", sample.about);
    }
    Ok(())
}

fn sample(name: &str, about: String, source: String) -> Sample {
    Sample { name: name.to_owned(), about, source }
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds.get(seconds.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Lets cargo compile the crate again, and returns the seconds.
fn make(folder: &Path, command: &str, name: &str) -> anyhow::Result<f64> {
    let source = folder.join(name).join("src/lib.rs");
    let text = fs::read(&source)?;
    fs::write(&source, text)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let start = Instant::now();
    let made = Command::new(cargo)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .args([command, "--offline", "--quiet", "-p", name])
        .status()?;
    ensure!(made.success(), "{name} does not compile");
    Ok(start.elapsed().as_secs_f64())
}

fn write(folder: &Path, samples: &[Sample]) -> anyhow::Result<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    // Pins the dependencies to the versions of this workspace.
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let members: Vec<_> = samples.iter().map(|sample| &sample.name).collect();
    fs::write(folder.join("Cargo.toml"), format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n"))?;
    for Sample { name, source, .. } in samples {
        let own = folder.join(name);
        fs::create_dir_all(own.join("src"))?;
        fs::write(own.join("src/lib.rs"), source)?;
        let dependency = if name == "theirs" {
            "serde = { version = \"1\", features = [\"derive\"] }".to_owned()
        } else {
            format!("syncline = {{ path = '{}' }}", workspace.canonicalize()?.display())
        };
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependency}\n"
        );
        fs::write(own.join("Cargo.toml"), manifest)?;
    }
    Ok(())
}

/// The fields of each struct but its first, of type `$id`.
const FIELDS: &str = "
    pub title: String,
    pub body: Option<String>,
    pub kind: String,
    pub position: i64,
    pub weight: Option<f64>,
    pub hidden: bool,
    pub note: Option<String>,
";

fn serde_models() -> String {
    (0..MODELS).fold(String::new(), |mut source, n| {
        let _ = write!(
            source,
            "#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]\npub struct M{n} {{\n    pub id: String,{FIELDS}}}\n"
        );
        source
    })
}

fn models() -> String {
    let mut source = "use syncline::prelude::*;\n".to_owned();
    for n in 0..MODELS {
        let _ = write!(
            source,
            "#[derive(Debug, Clone, Syncable)]\n#[syncable(profile = All, model = \"m{n}\", partition = \"{{id}}:m\")]\n\
             pub struct M{n} {{\n    pub id: RecordId,{FIELDS}}}\n"
        );
    }
    let names: Vec<_> = (0..MODELS).map(|n| format!("M{n}")).collect();
    let _ = writeln!(source, "profile! {{ pub All = \"all\" {{ {} }} }}", names.join(", "));
    source
}

fn pipelines() -> String {
    (0..PIPELINES).fold(String::new(), |mut source, n| {
        let _ = write!(
            source,
            "pipeline! {{\n    pub P{n}(items: Vec<M{n}>) -> Vec<Vec<i64>> {{\n        from_iter(items)\n\
             \x20           => filter(|item| !item.hidden)\n            => map(|item| (item.title, item.position))\n\
             \x20           => inspect(|(title, _)| assert!(!title.is_empty()))\n            => skip(1)\n\
             \x20           => buffer(100)\n            => unbuffer\n            => dedup(|item| item.1)\n\
             \x20           => filter_map(|(title, n)| n.checked_add(title.len() as i64))\n            => map(|n| n + {n})\n\
             \x20           => flat_map(|n| [n, n])\n            => scan(0, |sum, n| {{ *sum += n; *sum }})\n\
             \x20           => buffer(500)\n            => Collect::new()\n    }}\n}}\n"
        );
        source
    })
}

const WITH_BUFFERS: [&str; 10] = [
    "map(|n| n + 1)",
    "filter(|n| n % 7 != 0)",
    "inspect(|n| assert!(n % 7 != 0))",
    "filter_map(|n| n.checked_add(1))",
    "map(|n| n + 1)",
    "flat_map(|n| [n, n + 3])",
    "take(1_000_000)",
    "map(|n| n + 1)",
    "buffer(50)",
    "unbuffer",
];

/// Stages that pass chunks on in bulk.
const IN_ONE_PIECE: [&str; 6] = [
    "map(|n| n + 1)",
    "filter(|n| n % 7 != 0)",
    "inspect(|n| assert!(n % 7 != 0))",
    "filter_map(|n| n.checked_add(1))",
    "scan(0, |sum, n| { *sum += n; *sum })",
    "dedup(|n| *n)",
];

/// A pipeline of `stages` stages, which repeats those of `cycle`.
fn long_pipeline(stages: usize, cycle: &[&str]) -> String {
    let stages: Vec<_> = cycle.iter().cycle().take(stages).copied().collect();
    let stages = stages.join(
        "
        => ",
    );
    format!(
        "use syncline::prelude::*;\npipeline! {{\n    pub Long(items: Vec<u64>) -> Vec<u64> {{\n        from_iter(items)\n\
                => {stages}\n        => Collect::new()\n    }}\n}}\n\
         pub fn run(items: Vec<u64>) -> usize {{ Long::run(items).map_or(0, |outcome| outcome.output.len()) }}\n"
    )
}
