//! Look-up of a process by its id.

/// Returns `true` if a process with this id runs on this machine. It may be another one than the one that had the id before.
#[cfg(unix)]
pub(crate) fn is_alive(id: i64) -> bool {
    let id = i32::try_from(id).ok().filter(|id| *id > 0).and_then(rustix::process::Pid::from_raw);
    id.is_some_and(|id| match rustix::process::test_kill_process(id) {
        Ok(()) => true,
        // A process of another user.
        Err(error) => error == rustix::io::Errno::PERM,
    })
}

/// Other systems are not asked: the process may be running.
#[cfg(not(unix))]
pub(crate) fn is_alive(_: i64) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use super::is_alive;

    #[test]
    fn this_process_and_none() {
        assert!(is_alive(std::process::id().into()));
        assert!(is_alive(1), "a process of another user");
        for none in [0, -1, i64::MAX, i64::from(i32::MAX)] {
            assert!(!is_alive(none), "{none}");
        }
    }
}
