//! `syncline-kolibri`: serialises a Kolibri database to its sync store, like Morango.

use std::process::ExitCode;

use syncline::cli::App;
use syncline_kolibri::generate;
use syncline_kolibri::known_failures::KNOWN_FAILURES;
use syncline_kolibri::models::FacilityData;

fn main() -> ExitCode {
    App::new()
        .name(env!("CARGO_BIN_NAME"))
        .version(env!("CARGO_PKG_VERSION"))
        .about("Serialises a Kolibri database into its sync store, as Morango does")
        .known_failures(KNOWN_FAILURES)
        .command(generate::command, generate::run)
        .main::<FacilityData>()
}
