//! Numbers with a noun in singular or plural.

/// `number` with `noun`, in the plural unless it is one: `1 record`, `2 records`.
#[doc(hidden)]
#[must_use]
pub fn plural(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::plural;

    #[test]
    fn one_is_one() {
        assert_eq!([0, 1, 2].map(|n| plural(n, "record")), ["0 records", "1 record", "2 records"]);
    }
}
