//! A date with a time of day.

const MINUTES_PER_DAY: i64 = 24 * 60;

/// A date with a time of day, in microseconds, in the years 1 to 9999: the range of Python's `datetime`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names say it")]
#[non_exhaustive]
pub struct Clock {
    pub year: u16,
    pub month: u8,
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    pub microsecond: u32,
}

impl Clock {
    /// Makes a clock from a date (year, month, day), a time (hour, minute, second) and a fraction. `None` if a number is out of
    /// range. There are no leap seconds.
    #[must_use]
    pub fn new(date: [u32; 3], time: [u32; 3], microsecond: u32) -> Option<Self> {
        let [year, month, day] = date;
        let [hour, minute, second] = time;
        let is_date =
            matches!(year, 1..=9999) && matches!(month, 1..=12) && (1..=days_in(year, month)).contains(&day);
        let is_time = hour < 24 && minute < 60 && second < 60 && microsecond < 1_000_000;
        if !is_date || !is_time {
            return None;
        }
        Some(Self {
            year: year.try_into().ok()?,
            month: month.try_into().ok()?,
            day: day.try_into().ok()?,
            hour: hour.try_into().ok()?,
            minute: minute.try_into().ok()?,
            second: second.try_into().ok()?,
            microsecond,
        })
    }

    /// The clock `minutes` later, or earlier if negative. `None` outside of the years 1 to 9999.
    #[must_use]
    pub fn shifted(self, minutes: i16) -> Option<Self> {
        let time = i64::from(self.hour) * 60 + i64::from(self.minute) + i64::from(minutes);
        let (days, time) = (time.div_euclid(MINUTES_PER_DAY), time.rem_euclid(MINUTES_PER_DAY));
        let time = u32::try_from(time).ok()?;
        let date = self.date_after(days)?;
        Self::new(date, [time / 60, time % 60, self.second.into()], self.microsecond)
    }

    /// The date `days` later. At most a month.
    fn date_after(self, days: i64) -> Option<[u32; 3]> {
        let [mut year, mut month] = [self.year.into(), self.month.into()];
        let mut day = i64::from(self.day) + days;
        while day < 1 {
            (year, month) = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
            day += i64::from(days_in(year, month));
        }
        while day > i64::from(days_in(year, month)) {
            day -= i64::from(days_in(year, month));
            (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        }
        Some([year, month, u32::try_from(day).ok()?])
    }
}

/// The number of days of a month, 1 to 12.
fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(date: [u32; 3], time: [u32; 3], minutes: i16, expected: Option<([u32; 3], [u32; 3])>) {
        let clock = Clock::new(date, time, 7).unwrap();
        let expected = expected.map(|(date, time)| Clock::new(date, time, 7).unwrap());
        assert_eq!(clock.shifted(minutes), expected);
    }

    #[test]
    fn shifting_turns_the_calendar() {
        check([2025, 1, 2], [3, 4, 5], 0, Some(([2025, 1, 2], [3, 4, 5])));
        check([2025, 1, 1], [3, 4, 5], -330, Some(([2024, 12, 31], [21, 34, 5])));
        check([2024, 12, 31], [23, 59, 5], 1, Some(([2025, 1, 1], [0, 0, 5])));
        check([2024, 3, 1], [0, 0, 0], -1, Some(([2024, 2, 29], [23, 59, 0])));
        check([1900, 2, 28], [23, 0, 0], 60, Some(([1900, 3, 1], [0, 0, 0])));
    }

    #[test]
    fn the_calendar_has_two_ends() {
        check([1, 1, 1], [0, 0, 0], -1, None);
        check([1, 1, 1], [0, 1, 0], -1, Some(([1, 1, 1], [0, 0, 0])));
        check([9999, 12, 31], [23, 59, 59], 1, None);
    }

    #[test]
    fn there_are_no_leap_seconds() {
        assert_eq!(Clock::new([2016, 12, 31], [23, 59, 60], 0), None);
        assert_eq!(Clock::new([2025, 2, 29], [0, 0, 0], 0), None);
    }
}
