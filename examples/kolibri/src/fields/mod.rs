//! Field types of Kolibri that Rust's own types cannot represent (kolibri-format §3).
//!
//! Several versions of Kolibri, other programs and people write these columns, so they contain texts that the format does not
//! describe, and Python's parsers accept many of them. These types accept what Kolibri's own fields accept, write the same
//! text, and refuse the rest.

mod clock;
mod date_time_tz;
mod date_time_tz_failure;
mod time_zone;

pub use clock::Clock;
pub use date_time_tz::DateTimeTz;
pub use time_zone::TimeZone;
