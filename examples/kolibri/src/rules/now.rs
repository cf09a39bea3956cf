//! Columns that take the time of the run.

use chrono::{DateTime, Utc};
use syncline::model::{AppTables, ReceiveContext};
use syncline::received::JsonObject;
use syncline::value::StoredValue;

/// Sets zoned timestamps that the text does not name.
pub(super) fn fill_zoned(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>, keys: &[&str]) {
    let now = || time(context.app).format("%Y-%m-%d %H:%M:%S%.6f(UTC)").to_string();
    fill(object, context, keys, now);
}

/// Sets times that the text does not name.
pub(super) fn fill_times(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>, keys: &[&str]) {
    let now = || time(context.app).format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    fill(object, context, keys, now);
}

fn fill(object: &mut JsonObject<'_>, context: &ReceiveContext<'_>, keys: &[&str], now: impl Fn() -> String) {
    if context.not_an_object.is_some() {
        return;
    }
    for key in keys {
        if object.get(key).is_none() {
            object.set(key, now());
        }
    }
}

/// The time of the run as Django stores it: a fraction of zero is left out.
pub(super) fn stored(app: &dyn AppTables) -> StoredValue<'static> {
    let time = time(app);
    let format =
        if time.timestamp_subsec_micros() == 0 { "%Y-%m-%d %H:%M:%S" } else { "%Y-%m-%d %H:%M:%S%.6f" };
    StoredValue::Text(time.format(format).to_string().into())
}

fn time(app: &dyn AppTables) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(app.now()).unwrap_or_default()
}
