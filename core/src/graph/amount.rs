//! Amounts: a number, or the expression that declares it.

use std::fmt::{self, Debug};

/// A number of items or bytes, if it is known, or else the declared expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    number: Option<u64>,
    text: String,
}

impl Amount {
    /// An amount that is known only at run time. `text` is the declared expression.
    pub fn unknown(text: impl Into<String>) -> Self {
        Self { number: None, text: text.into() }
    }

    /// The amount with the expression `text` and the value `value`, of any type.
    #[doc(hidden)]
    #[must_use]
    pub fn declared(text: &str, value: &dyn Debug) -> Self {
        let value = format!("{value:?}");
        Self { number: value.parse().ok(), text: if value.len() < 40 { value } else { text.to_owned() } }
    }

    /// The number, if it is known.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.number
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        match (self.number, other.number) {
            (Some(1), _) => other.clone(),
            (_, Some(1)) => self.clone(),
            (Some(one), Some(other)) => one.saturating_mul(other).into(),
            _ => Self::unknown(format!("{self} x {other}")),
        }
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        match (self.number, other.number) {
            (Some(0), _) => other.clone(),
            (_, Some(0)) => self.clone(),
            (Some(one), Some(other)) => one.saturating_add(other).into(),
            _ => Self::unknown(format!("{self} + {other}")),
        }
    }

    pub(crate) fn less_one(&self) -> Self {
        match self.number {
            Some(number) => number.saturating_sub(1).into(),
            None => Self::unknown(format!("{self} - 1")),
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.number == Some(0)
    }

    /// The amount in bytes: `2 MiB`.
    pub(crate) fn bytes(&self) -> String {
        const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
        let Some(bytes) = self.number else { return format!("{self} bytes") };
        let unit = UNITS.iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
        match unit {
            Some((unit, name)) => format!("{} {name}", Self::from(bytes / unit)),
            None if bytes == 1 => "1 byte".to_owned(),
            None => format!("{self} bytes"),
        }
    }

    /// The amount in items: `1 item`, `1,000 items`.
    pub(crate) fn items(&self) -> String {
        if self.number == Some(1) { "1 item".to_owned() } else { format!("{self} items") }
    }
}

/// Prints the number with commas between thousands.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(number) = self.number else { return f.write_str(&self.text) };
        let digits = number.to_string();
        for (at, digit) in digits.char_indices() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

impl From<u64> for Amount {
    fn from(number: u64) -> Self {
        Self { number: Some(number), text: String::new() }
    }
}

impl From<usize> for Amount {
    fn from(number: usize) -> Self {
        Self::from(number as u64)
    }
}

impl From<std::num::NonZeroUsize> for Amount {
    fn from(number: std::num::NonZeroUsize) -> Self {
        Self::from(number.get())
    }
}

#[cfg(test)]
mod tests {
    use super::Amount;

    #[test]
    fn numbers_are_written_for_people() {
        let texts = [0, 999, 1000, 1_234_567].map(|number: u64| Amount::from(number).to_string());
        assert_eq!(texts, ["0", "999", "1,000", "1,234,567"]);
        let bytes = [1, 1024, 1025, 2 << 20, 3000 << 30].map(|number: u64| Amount::from(number).bytes());
        assert_eq!(bytes, ["1 byte", "1 KiB", "1,025 bytes", "2 MiB", "3,000 GiB"]);
    }

    #[test]
    fn what_is_not_known_stays_as_it_was_declared() {
        let size = Amount::unknown("size");
        assert_eq!(size.times(&Amount::from(1_u64)).to_string(), "size");
        assert_eq!(size.times(&Amount::from(2_u64)).plus(&Amount::from(3_u64)).to_string(), "size x 2 + 3");
        assert_eq!(Amount::declared("CHUNK", &crate::size(500)).number(), Some(500));
        let backoff = std::time::Duration::from_millis(20);
        assert_eq!(Amount::declared("BACKOFF", &backoff).to_string(), "20ms");
    }
}
