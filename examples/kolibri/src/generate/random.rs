//! A deterministic random number generator.

/// A generator (`SplitMix64`). One seed gives the same numbers on every machine and in every version.
#[derive(Debug, Clone)]
pub(super) struct Random {
    state: u64,
}

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ bits >> 31
    }

    /// A number from 0 up to `end`, exclusive.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let product = u128::from(self.bits()) * end as u128;
        usize::try_from(product >> 64).expect("it is less than `end`")
    }

    /// A number from `first` to `last`, inclusive.
    pub(super) fn between(&mut self, first: usize, last: usize) -> usize {
        first + self.below(last - first + 1)
    }

    /// A number from 0 up to 1, exclusive.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
    pub(super) fn fraction(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// `true` with the probability `share`.
    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.fraction() < share
    }

    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    /// `count` different elements in random order.
    pub(super) fn sample<'a, T>(&mut self, count: usize, of: &'a [T]) -> Vec<&'a T> {
        let mut rest: Vec<&T> = of.iter().collect();
        for place in 0..count.min(of.len()) {
            let other = self.between(place, rest.len() - 1);
            rest.swap(place, other);
        }
        rest.truncate(count);
        rest
    }

    /// A random id: 32 hexadecimal digits.
    pub(super) fn id(&mut self) -> String {
        format!("{:016x}{:016x}", self.bits(), self.bits())
    }

    /// `count` random characters of the Base64 alphabet.
    pub(super) fn letters(&mut self, count: usize) -> String {
        const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789ab";
        (0..count).map(|_| char::from(*self.pick(LETTERS))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_always_gives_the_same() {
        let mut random = Random::new(7);
        assert_eq!(random.id(), Random::new(7).id());
        assert_ne!(random.id(), Random::new(7).id());
    }

    #[test]
    fn numbers_stay_in_their_range() {
        let mut random = Random::new(1);
        let mut seen = [0; 5];
        (0..1000).for_each(|_| seen[random.between(1, 5) - 1] += 1);
        assert!(seen.iter().all(|count| (150..250).contains(count)), "{seen:?}");
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.fraction())));
    }

    #[test]
    fn a_sample_repeats_nothing() {
        let mut random = Random::new(1);
        let mut sample = random.sample(8, &[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        sample.sort_unstable();
        sample.dedup();
        assert_eq!(sample.len(), 8);
    }
}
