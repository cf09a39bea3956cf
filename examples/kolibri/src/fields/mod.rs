//! How Kolibri stores the values of its fields, and what Morango makes of them (kolibri-format §3).
//!
//! The columns are written by several versions of Kolibri, by hand and by other programs, so there is more in them than
//! the format says; and Python reads more than one would think. These types read what Kolibri's own fields read, make the
//! same text of it, and refuse what they refuse.

mod clock;
mod date_time_tz;
mod time_zone;

pub use clock::Clock;
pub use date_time_tz::DateTimeTz;
pub use time_zone::TimeZone;
