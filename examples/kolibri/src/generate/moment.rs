//! Points in time in the three text forms that Kolibri writes.

use super::random::Random;

const DAY: i64 = 86_400_000_000;

/// The time zones of the school's devices, with their offsets in minutes.
const ZONES: [(&str, i64); 6] = [
    ("Etc/UTC", 0),
    ("Africa/Nairobi", 180),
    ("America/New_York", -300),
    ("Asia/Kolkata", 330),
    ("Africa/Nairobi", 180),
    ("Africa/Nairobi", 180),
];

/// A point in time with the zone of the device that recorded it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// Microseconds since 1970, UTC.
    microseconds: i64,
    zone: usize,
}

impl Moment {
    /// 2026-02-13 09:30:00.123456 UTC: the generated school's present.
    const NOW: i64 = 1_770_975_000_123_456;

    /// A random moment of the last `days` days, in a random zone.
    pub(super) fn within(days: i64, random: &mut Random) -> Self {
        let back = scaled(days * DAY, random.fraction());
        Self { microseconds: Self::NOW - back, zone: random.below(ZONES.len()) }
    }

    /// The moment `microseconds` later, or earlier if negative.
    pub(super) fn plus(self, microseconds: i64) -> Self {
        Self { microseconds: self.microseconds + microseconds, ..self }
    }

    pub(super) fn microseconds_since(self, earlier: Self) -> i64 {
        self.microseconds - earlier.microseconds
    }

    /// The text of Kolibri's own field: UTC with the zone in parentheses.
    pub(super) fn with_zone(self) -> String {
        let clock = Clock::of(self.microseconds);
        format!("{} {}.{:06}({})", clock.date(), clock.time(), clock.microsecond, ZONES[self.zone].0)
    }

    /// The text of Django's field: UTC.
    pub(super) fn utc(self) -> String {
        let clock = Clock::of(self.microseconds);
        format!("{} {}{}", clock.date(), clock.time(), clock.fraction())
    }

    /// The text in JSON: local time with the offset from UTC.
    pub(super) fn iso(self) -> String {
        // New York changed its clocks on 2025-11-02 at 6:00 UTC.
        const SUMMER_ENDS: i64 = 1_762_063_200_000_000;

        let (name, mut ahead) = ZONES[self.zone];
        if name == "America/New_York" && self.microseconds < SUMMER_ENDS {
            ahead += 60;
        }
        let clock = Clock::of(self.microseconds + ahead * 60_000_000);
        let offset = match ahead {
            0 => "Z".to_owned(),
            _ => format!(
                "{}{:02}:{:02}",
                if ahead < 0 { '-' } else { '+' },
                ahead.abs() / 60,
                ahead.abs() % 60
            ),
        };
        format!("{}T{}{}{offset}", clock.date(), clock.time(), clock.fraction())
    }
}

/// The part `part`, from 0 to 1, of a duration.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "lengths of at most some years"
)]
pub(super) fn scaled(length: i64, part: f64) -> i64 {
    (length as f64 * part) as i64
}

/// Converts a duration to seconds.
#[expect(clippy::cast_precision_loss, reason = "lengths of at most some years")]
pub(super) fn seconds(microseconds: i64) -> f64 {
    microseconds as f64 / 1e6
}

struct Clock {
    days: i64,
    second: i64,
    microsecond: i64,
}

impl Clock {
    fn of(microseconds: i64) -> Self {
        let of_day = microseconds.rem_euclid(DAY);
        Self {
            days: microseconds.div_euclid(DAY),
            second: of_day / 1_000_000,
            microsecond: of_day % 1_000_000,
        }
    }

    /// The civil date as `YYYY-MM-DD`.
    fn date(&self) -> String {
        let days = self.days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        format!("{year:04}-{month:02}-{day:02}")
    }

    fn time(&self) -> String {
        format!("{:02}:{:02}:{:02}", self.second / 3600, self.second / 60 % 60, self.second % 60)
    }

    fn fraction(&self) -> String {
        if self.microsecond == 0 { String::new() } else { format!(".{:06}", self.microsecond) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_ways() {
        let moment = Moment { microseconds: Moment::NOW, zone: 3 };
        assert_eq!(moment.with_zone(), "2026-02-13 09:30:00.123456(Asia/Kolkata)");
        assert_eq!(moment.utc(), "2026-02-13 09:30:00.123456");
        assert_eq!(moment.iso(), "2026-02-13T15:00:00.123456+05:30");
    }

    #[test]
    fn summer_and_winter_in_new_york() {
        let winter = Moment { microseconds: Moment::NOW, zone: 2 };
        assert_eq!(winter.iso(), "2026-02-13T04:30:00.123456-05:00");
        let summer = winter.plus(-190 * DAY - 123_456);
        assert_eq!(summer.iso(), "2025-08-07T05:30:00-04:00");
        assert_eq!(summer.utc(), "2025-08-07 09:30:00");
    }
}
