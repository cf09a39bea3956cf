//! A short wait before a long one.

/// Tries again for a few microseconds, until `attempt` gives something. Putting a thread to sleep and waking it takes
/// longer than another thread takes for a chunk, and the channels of the standard library do so almost at once.
pub(crate) fn spin<R>(mut attempt: impl FnMut() -> Option<R>) -> Option<R> {
    /// As many steps as crossbeam's channels take: at first it spins, twice as long each time, then it lets others run.
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
