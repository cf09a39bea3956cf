//! Commit hooks: work that becomes durable just before the sink commits during a run.

use std::fmt;

use crate::error::Failure;

/// The hooks that run just before each [commit](crate::Commit) of the sink: for the letters of [policies of
/// stages](crate::Policy::add_commit_hooks), and for the copies of a [`tee`](crate::Pipeline::tee).
///
/// When the sink commits, each stage before it is in the middle of its own work and cannot be called. So a stage or its
/// policy registers a hook.
///
/// ```
/// use std::cell::RefCell;
/// use std::rc::Rc;
///
/// use syncline_core::{CancelToken, CommitHooks, Decision, Failed, Failure, Policy};
///
/// /// Skips failed items and records them in a ledger.
/// struct Noted(Rc<RefCell<Ledger>>);
///
/// # #[derive(Default)]
/// struct Ledger { open: Vec<u32>, durable: Vec<u32> }
///
/// impl Ledger {
///     fn commit(&mut self) -> Result<(), Failure> {
///         self.durable.append(&mut self.open);
///         Ok(())
///     }
/// }
///
/// impl Policy<u32> for Noted {
///     type Kept = u32;
///
///     fn keep(&mut self, n: &u32) -> u32 {
///         *n
///     }
///
///     fn decide(&mut self, failed: Failed<u32>, _: &CancelToken) -> Result<Decision<u32>, Failure> {
///         self.0.borrow_mut().open.push(failed.kept);
///         Ok(Decision::LeaveOut)
///     }
///
///     fn add_commit_hooks<'env>(&mut self, commits: &mut CommitHooks<'env>) where Self: 'env {
///         let ledger = Rc::clone(&self.0);
///         commits.before_each(move || ledger.borrow_mut().commit());
///     }
///
///     fn finish(&mut self) -> Result<(), Failure> {
///         self.0.borrow_mut().commit()
///     }
/// }
/// # use syncline_core::{Commit, Halt, Pipeline, Sink, from_iter, size};
/// # struct Rows;
/// # impl Sink for Rows {
/// #     type In = u32;
/// #     type Output = ();
/// #     fn consume(&mut self, n: u32) -> Result<(), Halt> {
/// #         if n < 5 { Ok(()) } else { Err(Failure::new("no room").into()) }
/// #     }
/// #     fn finish(self) -> Result<(), Failure> { Ok(()) }
/// # }
/// # impl Commit for Rows {
/// #     fn commit(&mut self) -> Result<(), Failure> { Ok(()) }
/// # }
/// # let ledger = Rc::new(RefCell::new(Ledger::default()));
/// # let even = |n: u32| if n % 2 == 0 { Err(Failure::new("even").into()) } else { Ok(n) };
/// # Pipeline::new("odd", from_iter(0..9))
/// #     .try_map(even)
/// #     .on_error(Noted(Rc::clone(&ledger)))
/// #     .end(Rows)
/// #     .commit_every(const { size(2) })
/// #     .run()
/// #     .unwrap_err();
/// # assert_eq!((&*ledger.borrow().durable, &*ledger.borrow().open), (&[0, 2][..], &[4][..]));
/// ```
#[derive(Default)]
pub struct CommitHooks<'env> {
    before: Vec<Before<'env>>,
    /// The name of the stage whose hooks are being added.
    stage: &'static str,
}

/// One hook.
struct Before<'env> {
    stage: &'static str,
    commit: Box<dyn FnMut() -> Result<(), Failure> + 'env>,
}

impl<'env> CommitHooks<'env> {
    /// Calls `commit` just before each commit of the sink, in the order of the stages, and never after a failure. If it
    /// fails, the run fails, and the sink does not commit.
    pub fn before_each(&mut self, commit: impl FnMut() -> Result<(), Failure> + 'env) {
        self.before.push(Before { stage: self.stage, commit: Box::new(commit) });
    }

    /// Sets the stage for the hooks that follow.
    pub(crate) fn of(&mut self, stage: &'static str) -> &mut Self {
        self.stage = stage;
        self
    }

    /// Runs all hooks.
    pub(crate) fn commit(&mut self) -> Result<(), Failure> {
        self.before.iter_mut().try_for_each(|Before { stage, commit }| {
            commit().map_err(|mut failure| {
                failure.blame(stage);
                failure
            })
        })
    }
}

impl fmt::Debug for CommitHooks<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommitHooks").field("before", &self.before.len()).finish_non_exhaustive()
    }
}
