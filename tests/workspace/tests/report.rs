//! Prints which tests were skipped. It has no test harness, so that its output is shown.

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::process::ExitCode;

fn main() -> ExitCode {
    match skipped::all() {
        Ok(skipped) if skipped.is_empty() => println!("No test was skipped."),
        Ok(skipped) => {
            println!("Skipped, because something that the test needs is missing:");
            for (test, reason) in skipped {
                println!("  {test}: {reason}");
            }
        }
        Err(error) => {
            eprintln!("cannot list the skipped tests: {error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
