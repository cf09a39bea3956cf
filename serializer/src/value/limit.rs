//! A bound of a field's numbers, as it is declared.

/// The number of a `min` or `max`, with its text in the declaration, which messages show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    text: &'static str,
    number: Number,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Integer(i64),
    /// The bits of an `f64`, which have equality.
    Real(u64),
}

#[expect(clippy::cast_precision_loss, reason = "an integer is compared with a real number, as Python does")]
impl Limit {
    /// An integer. Called by derived code.
    #[must_use]
    pub const fn integer(text: &'static str, number: i64) -> Self {
        Self { text, number: Number::Integer(number) }
    }

    /// A real number. Called by derived code.
    #[must_use]
    pub const fn real(text: &'static str, number: f64) -> Self {
        Self { text, number: Number::Real(number.to_bits()) }
    }

    /// The number as it is declared.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.text
    }

    /// Returns `true` if `number` is less than the limit.
    pub(super) const fn is_above(self, number: i64) -> bool {
        match self.number {
            Number::Integer(limit) => number < limit,
            Number::Real(limit) => (number as f64) < f64::from_bits(limit),
        }
    }

    /// Returns `true` if `number` is greater than the limit.
    pub(super) const fn is_below(self, number: i64) -> bool {
        match self.number {
            Number::Integer(limit) => number > limit,
            Number::Real(limit) => number as f64 > f64::from_bits(limit),
        }
    }

    /// Returns `true` if `number` is less than the limit. `NaN` is not.
    pub(super) const fn is_above_real(self, number: f64) -> bool {
        number < self.as_f64()
    }

    /// Returns `true` if `number` is greater than the limit. `NaN` is not.
    pub(super) const fn is_below_real(self, number: f64) -> bool {
        number > self.as_f64()
    }

    const fn as_f64(self) -> f64 {
        match self.number {
            Number::Integer(limit) => limit as f64,
            Number::Real(limit) => f64::from_bits(limit),
        }
    }
}
