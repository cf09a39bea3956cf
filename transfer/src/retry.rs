//! `Retry`: when to send a request again that did not get through (morango.md §10.7).

use std::time::Duration;

/// The pauses between the attempts of one request: Morango's back-off, with a cap, a limit and jitter.
///
/// It has no clock and no source of random numbers: the shell waits, and gives the jitter.
#[derive(Debug, Clone, Copy, Default)]
pub struct Retry {
    attempts: u32,
}

impl Retry {
    /// The number of times that a request is sent again.
    pub const LIMIT: u32 = 7;

    /// The longest pause, without jitter.
    pub const LONGEST: Duration = Duration::from_secs(10);

    /// The pause before the next attempt: 0.3 s, doubled each time. `None` if it is enough.
    ///
    /// `jitter` is a random number from 0 to 1. A pause is at least half of its length, so that many clients that failed together
    /// do not come back together.
    pub fn pause(&mut self, jitter: f64) -> Option<Duration> {
        if self.attempts >= Self::LIMIT {
            return None;
        }
        let pause = (Duration::from_millis(300) * 2_u32.pow(self.attempts)).min(Self::LONGEST);
        self.attempts += 1;
        Some(pause.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0))
    }

    /// A request got through.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_cap_and_end() {
        let mut retry = Retry::default();
        let pauses: Vec<_> = std::iter::from_fn(|| retry.pause(1.0)).map(|pause| pause.as_millis()).collect();
        assert_eq!(pauses, [300, 600, 1200, 2400, 4800, 9600, 10_000]);
        retry.reset();
        assert_eq!(retry.pause(0.0), Some(Duration::from_millis(150)));
    }
}
