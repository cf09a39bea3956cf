//! Time zones by the names of pytz.

mod table;

use std::cell::Cell;
use std::fmt;

use self::table::ZONES;
use super::Clock;

/// A time zone with its name in pytz, such as `Africa/Nairobi`.
///
/// Kolibri stores moments in UTC with a zone, and the zone is for display only. So the zone's transitions are not needed, only
/// its offsets in the years 1 and 9999, where a moment may have no local time.
///
/// The list is that of pytz, because Morango refuses every other name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeZone {
    name: &'static str,
    first_offset_minutes: i16,
    last_offset_minutes: i16,
}

impl TimeZone {
    const fn new(name: &'static str, first_offset_minutes: i16, last_offset_minutes: i16) -> Self {
        Self { name, first_offset_minutes, last_offset_minutes }
    }

    /// Coordinated universal time.
    pub const UTC: Self = Self::new("UTC", 0, 0);

    /// Finds a zone by name, ignoring case. Aliases are zones of their own: `US/Pacific` keeps its name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        thread_local! {
            static RECENT: Cell<[TimeZone; 4]> = const { Cell::new([TimeZone::UTC; 4]) };
        }
        // The records of a school use few zones, so the last ones are cached.
        let [first, second, third, fourth] = RECENT.get();
        if let Some(zone) = [first, second, third, fourth].into_iter().find(|zone| zone.name == name) {
            return Some(zone);
        }
        let found = Self::look_up(name)?;
        RECENT.set([found, first, second, third]);
        Some(found)
    }

    fn look_up(name: &str) -> Option<Self> {
        let lower = |name: &'static str| name.bytes().map(|byte| byte.to_ascii_lowercase());
        let wanted = name.bytes().map(|byte| byte.to_ascii_lowercase());
        let found = ZONES.binary_search_by(|zone| lower(zone.name).cmp(wanted.clone()));
        found.ok().map(|index| ZONES[index])
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// `true` if the moment `utc` is in the years 1 to 9999 in this zone.
    #[must_use]
    pub fn has(self, utc: Clock) -> bool {
        match utc.year {
            1 => utc.shifted(self.first_offset_minutes).is_some(),
            9999 => utc.shifted(self.last_offset_minutes).is_some(),
            _ => true,
        }
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TimeZone({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_is_found_by_its_name() {
        for zone in ZONES {
            assert_eq!(TimeZone::find(zone.name), Some(*zone));
            assert_eq!(TimeZone::find(&zone.name.to_uppercase()), Some(*zone));
        }
        assert_eq!(TimeZone::find("utc"), Some(TimeZone::UTC));
        assert_eq!(TimeZone::find("Mars/Base"), None);
        assert_eq!(TimeZone::find(""), None);
    }
}
