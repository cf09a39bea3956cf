//! A short spin before a thread blocks.

/// Calls `attempt` for a few microseconds, until it returns a value. Blocking and waking a thread takes longer than
/// another thread needs for a chunk, and the standard library's channels block almost at once.
pub(crate) fn spin<R>(mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
    /// The number of steps, as in crossbeam's channels: it spins first, twice as long each time, and then yields to
    /// other threads.
    const STEPS: u32 = 11;
    const SPINNING: u32 = 7;
    for step in 0..STEPS {
        let result = attempt();
        if result.is_some() {
            return result;
        }
        if step < SPINNING {
            (0..1 << step).for_each(|_| std::hint::spin_loop());
        } else {
            std::thread::yield_now();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::spin;

    #[test]
    fn it_ends_with_the_first_success_or_gives_up() {
        let mut attempts = 0;
        let third = spin(|| {
            attempts += 1;
            (attempts == 3).then_some("done")
        });
        assert_eq!((third, attempts), (Some("done"), 3));
        assert_eq!(spin(|| None::<()>), None);
    }
}
