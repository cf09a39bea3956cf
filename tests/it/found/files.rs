//! Files: values that change on their way through them, and errors without the right place, size or word.

#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod damage;
mod kinds;
mod places;
mod values;

use std::io::Read;

use serde::Serialize;
use serde::de::DeserializeOwned;
use syncline::io::{CsvFormat, from_csv, from_json_lines, to_csv, to_json_lines};
use syncline::prelude::*;

/// Reads CSV with the default format.
fn csv<T: DeserializeOwned>(text: impl Read) -> Result<Vec<T>, syncline::Error> {
    csv_in(text, &CsvFormat::new())
}

fn csv_in<T: DeserializeOwned>(text: impl Read, format: &CsvFormat) -> Result<Vec<T>, syncline::Error> {
    Ok(Pipeline::new("read", from_csv(text).format(format)).end(Collect::new()).run()?.output)
}

/// Writes CSV with `format`.
fn csv_of<T: Serialize>(items: Vec<T>, format: &CsvFormat) -> Result<String, syncline::Error> {
    let mut file = Vec::new();
    Pipeline::new("write", from_iter(items)).end(to_csv(&mut file).format(format)).run()?;
    Ok(String::from_utf8(file).unwrap())
}

fn json<T: DeserializeOwned>(text: &[u8]) -> Result<Vec<T>, syncline::Error> {
    Ok(Pipeline::new("read", from_json_lines(text)).end(Collect::new()).run()?.output)
}

fn json_of<T: Serialize>(items: Vec<T>) -> Result<String, syncline::Error> {
    let mut file = Vec::new();
    Pipeline::new("write", from_iter(items)).end(to_json_lines(&mut file)).run()?;
    Ok(String::from_utf8(file).unwrap())
}

/// The place and the cause of an error, as in `line 4: invalid UTF-8`.
#[track_caller]
fn error<T: std::fmt::Debug>(result: Result<T, syncline::Error>) -> String {
    let error = result.unwrap_err();
    let place = error.record().unwrap_or("nowhere").to_owned();
    format!("{place}: {}", error.into_source())
}
