//! Parallel stages: `map_parallel` and `try_map_parallel`, which keep the order of the items.

#[cfg(test)]
mod batch_tests;
#[cfg(test)]
mod by_key_tests;
mod desk;
mod dispatch;
mod judge;
mod methods;
mod on_error;
#[cfg(test)]
mod policy_tests;
mod queue;
mod share;
mod sleepers;
#[cfg(test)]
mod state_tests;
mod strides;
mod team;
#[cfg(test)]
mod tests;
mod work;
mod worker;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::policy::Decision;
use crate::run::{CHECK_INTERVAL, CancelToken, RunContext};
use crate::stage::{Stage, StageFacts};
use judge::{Judge, NoPolicy};
use queue::Queue;
use team::Team;
use work::{Lazy, Unmade};

pub use dispatch::{Dispatch, InOrder, Keyed};
pub use on_error::ParallelOnError;
pub use work::{Fallible, FallibleWith, Plain, PlainWith, Work};

/// The largest number of workers. Far more threads than cores give nothing, and the standard library ends the process
/// when the system has no memory left for a thread.
const MAX_WORKERS: usize = 1024;

/// Stage of [`Pipeline::map_parallel`](crate::Pipeline::map_parallel).
///
/// * Shape: one in, one out, in order.
/// * Memory: at most `workers + capacity` items, from their arrival until they are emitted. Item k + workers + capacity
///   is not taken before item k is emitted.
/// * Latency: a result is emitted when the stage has no room for another item, between two chunks of the source, while
///   the source is idle, and before a source such as `lines` reads from a pipe. The stage waits for slow items one by
///   one. An iterator that blocks, in [`from_iter`](crate::from_iter), keeps the results waiting. A worker takes several
///   items at a time if each takes a few microseconds. If one of them takes long after all, the others, and results that
///   are finished, wait for at most 5 ms: then another worker takes the items, and the stage the results.
/// * End: the stage waits for all items and emits them. If later stages need no more items, the items behind the last
///   one needed are dropped, and their errors and panics have no effect; the stage waits for items that a worker is
///   processing.
/// * Error, or panic of a worker: the items before are emitted, then the run ends with it. The items behind are
///   dropped; the stage waits for items that a worker is processing.
/// * A thread that cannot be started, or more than 1024 workers, is an error at the first item. It does not go to a
///   policy, because it is not the item's error.
/// * With a [policy](crate::Pipeline::on_error): it is called on the run's thread, in the order of the items. Only
///   [`retry`](crate::retry) acts earlier: an item to retry goes back to the workers as soon as it has failed, so that
///   several items wait and retry at the same time. It keeps its position and counts as held. Copies that a policy
///   keeps of held items count as well.
/// * State of a worker: it is created on the worker's thread before its first item, and dropped there at the end of the
///   run. If it cannot be created, the run fails at that item, without a call of a policy. After a panic of the work it
///   is created again.
/// * By key: see [`Pipeline::by_key`](crate::Pipeline::by_key).
/// * Threads: they live as long as the run. A pipeline that is used as an iterator or as a source has no threads, and
///   does the work on the caller's thread.
#[must_use]
pub struct Parallel<F, T, U, S = (), D = InOrder> {
    team: Arc<Team<F, T, U>>,
    dispatch: D,
    workers: NonZeroUsize,
    /// The largest number of held items.
    window: usize,
    /// The number of held items.
    held: usize,
    cancel: CancelToken,
    /// `true` while the threads run.
    running: bool,
    /// `true` once the work needs no more items.
    stopped: bool,
    /// The error of a thread that could not be started.
    unstarted: Option<Failure>,
    ready: VecDeque<U>,
    /// The state for work on this thread, if there are no other threads.
    state: Lazy<S>,
    /// A name in place of the operator's.
    label: Option<&'static str>,
}

impl<F, T, U, S> Parallel<F, T, U, S> {
    pub(crate) fn new(workers: NonZeroUsize, capacity: usize, work: F) -> Self {
        let window = workers.get().saturating_add(capacity);
        let team = Team::new(work, Queue::in_order(), workers.get().min(MAX_WORKERS), window);
        Self::dispatched(workers, window, team, InOrder)
    }

    /// Converts the stage to one that processes items with the same key one after the other.
    pub(crate) fn by_key<K, G>(self, key_of: G) -> Parallel<F, T, U, S, Keyed<G, K>> {
        let Self { team, workers, window, label, .. } = self;
        // The stage has no threads before the run.
        let Some(Team { work, .. }) = Arc::into_inner(team) else {
            unreachable!("a stage of a pipeline that is being built has no threads")
        };
        let threads = workers.get().min(MAX_WORKERS);
        let team = Team::new(work, Queue::by_key(threads), threads, window);
        Parallel { label, ..Parallel::dispatched(workers, window, team, Keyed::new(key_of)) }
    }
}

impl<F, T, U, S, D> Parallel<F, T, U, S, D> {
    fn dispatched(workers: NonZeroUsize, window: usize, team: Team<F, T, U>, dispatch: D) -> Self {
        Self {
            team: Arc::new(team),
            dispatch,
            workers,
            window,
            held: 0,
            cancel: CancelToken::uncancellable(),
            running: false,
            stopped: false,
            unstarted: None,
            ready: VecDeque::new(),
            state: Lazy::new(),
            label: None,
        }
    }

    /// The stage with a name in place of the operator's.
    pub(crate) fn labelled(self, name: &'static str) -> Self {
        Self { label: Some(name), ..self }
    }

    fn empty(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        let emptied = out.emit_all(self.ready.drain(..));
        if let Err(Halt::Stop) = emptied {
            self.stop();
        }
        emptied
    }

    /// Drops all held items. Without threads, the items behind the stop would not have been taken, so their errors have
    /// no effect.
    fn stop(&mut self) {
        self.stopped = true;
        self.held = 0;
        drop(self.team.forget_all());
    }
}

impl<F: Work<T, U, State = S>, T, U, S, D: Dispatch<T>> Parallel<F, T, U, S, D> {
    /// Emits finished items in order, each as soon as it is finished, until at most `most` items are held, and then all
    /// others that are finished. Without `most` it does not wait.
    fn hand_on(
        &mut self,
        most: Option<usize>,
        judge: &mut impl Judge<T>,
        out: &mut impl Emit<U>,
    ) -> Result<(), Halt> {
        loop {
            let collected = self.collect(most, judge)?;
            self.empty(out)?;
            match collected {
                Collected::Enough => return Ok(()),
                Collected::Some => {}
                Collected::UpTo(Err(panic)) => resume_unwind(panic),
                Collected::UpTo(Ok(Unmade::NoState(failure))) => return Err(failure.into()),
                Collected::UpTo(Ok(Unmade::Halt(Halt::Stop))) => {
                    self.stop();
                    return Err(Halt::Stop);
                }
                Collected::UpTo(Ok(Unmade::Halt(Halt::Failed(failure)))) => {
                    let decision = judge.decide(failure, self.label.unwrap_or(F::NAME))?;
                    let lane = match decision {
                        Decision::LeaveOut => self.team.desk().leave_out(),
                        Decision::TryAgain(item) => self.team.desk().put_first_again(item),
                    };
                    self.team.call_one(lane);
                }
            }
        }
    }

    /// Collects the finished items to emit. It waits only while there are none.
    fn collect(&mut self, most: Option<usize>, judge: &mut impl Judge<T>) -> Result<Collected, Halt> {
        let team = Arc::clone(&self.team);
        team.has_failed();
        let mut desk = team.desk_with_all();
        loop {
            let failed = desk.take_failed();
            if !failed.is_empty() {
                // No user closure is called while the lock is held.
                drop(desk);
                let judged = failed
                    .into_iter()
                    .map(|(place, failure)| Ok((place, judge.again(place, &failure)?, failure)));
                let judged = judged.collect::<Result<Vec<_>, Failure>>()?;
                desk = team.desk();
                for (place, again, failure) in judged {
                    match again {
                        Some((item, time)) => desk.rest(place, item, time),
                        None => desk.put(place, Some(Ok(Err(Unmade::Halt(failure.into()))))),
                    }
                }
                team.call_all();
                continue;
            }
            if most.is_none_or(|most| desk.held() > most) {
                while desk.is_first_done() {
                    match desk.take_first() {
                        Some(Ok(Ok(item))) => {
                            self.ready.push_back(item);
                            judge.done();
                        }
                        Some(Ok(Err(unmade))) => return Ok(Collected::UpTo(Ok(unmade))),
                        Some(Err(panic)) => return Ok(Collected::UpTo(Err(panic))),
                        None => {}
                    }
                }
            }
            self.held = desk.held();
            let Some(most) = most.filter(|most| self.held > *most) else { return Ok(Collected::Enough) };
            if !self.ready.is_empty() {
                // Finished items do not wait for unfinished ones.
                return Ok(Collected::Some);
            }
            let mut is_patient = !desk.is_slow;
            while desk.held() > most && !desk.is_worth_a_call() {
                let checks = self.cancel.can_be_cancelled() || desk.rests();
                if checks && (self.cancel.is_cancelled() || judge.is_cancelled()) {
                    return Err(Failure::cancelled().into());
                }
                let (next, slept) = team.wait(desk, !is_patient, checks.then_some(CHECK_INTERVAL));
                desk = next;
                is_patient &= !slept;
            }
            team.calm_down(&mut desk);
        }
    }

    /// Emits items until there is room for one more.
    fn make_room(&mut self, judge: &mut impl Judge<T>, out: &mut impl Emit<U>) -> Result<(), Halt> {
        if self.stopped {
            return Err(Halt::Stop);
        }
        if let Some(failure) = self.unstarted.take() {
            return Err(failure.into());
        }
        if self.held < self.window && !self.team.has_failed() {
            return Ok(());
        }
        self.hand_on(Some(self.window - 1), judge, out)
    }

    /// Starts the threads, if the run has any. `builder` configures each.
    fn start_threads<'env>(
        &mut self,
        context: &mut RunContext<'_, 'env>,
        builder: impl Fn(usize) -> thread::Builder,
    ) where
        T: Send,
        U: Send,
        Self: 'env,
    {
        self.cancel = context.cancel_token().clone();
        let Some(threads) = context.threads() else { return };
        self.running = true;
        if self.workers.get() > MAX_WORKERS {
            self.unstarted = Some(Failure::new(TooMany(self.workers)));
            return;
        }
        // Registered before the first start: if a later thread cannot be started, the others must still be stopped.
        let team: Arc<Team<F, T, U>> = Arc::clone(&self.team);
        threads.dismiss_at_end(team);
        for number in 1..=self.workers.get() {
            let team = Arc::clone(&self.team);
            // Spans and events of the work belong to the run.
            let span = tracing::Span::current();
            let work = Box::new(move || span.in_scope(|| team.serve(number)));
            if let Err(source) = threads.spawn(builder(number), work) {
                self.unstarted = Some(Failure::new(Unstarted { number, of: self.workers.get(), source }));
                return;
            }
        }
    }

    fn take_on(&mut self, item: T) {
        let key = self.dispatch.key(&item);
        self.held += 1;
        self.team.add(item, key);
    }

    /// Does the work on this thread.
    fn work_here(&mut self, item: T) -> Result<U, Halt> {
        self.state.work(&self.team.work, item).map_err(|unmade| match unmade {
            Unmade::NoState(failure) => failure.into(),
            Unmade::Halt(halt) => halt,
        })
    }

    /// Emits finished items while the source rests.
    fn rest(&mut self, judge: &mut impl Judge<T>, out: &mut impl Emit<U>) -> Result<(), Halt> {
        if self.held > 0 && self.team.is_worth_a_look() { self.hand_on(None, judge, out) } else { Ok(()) }
    }
}

/// The result of a look for finished items.
enum Collected {
    /// No more items are held than asked for.
    Enough,
    /// There are items to emit, and too many are still held.
    Some,
    /// The items before one that was not converted, and the reason, or its panic.
    UpTo(thread::Result<Unmade>),
}

/// The error of a stage with too many workers.
struct TooMany(NonZeroUsize);

impl fmt::Display for TooMany {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a parallel stage has at most {MAX_WORKERS} threads, and {} are asked for", self.0)
    }
}

crate::debug_with_causes!(TooMany);

impl std::error::Error for TooMany {}

/// The error of a thread that could not be started.
struct Unstarted {
    number: usize,
    of: usize,
    source: io::Error,
}

impl fmt::Display for Unstarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "thread {} of {} cannot be started", self.number, self.of)
    }
}

crate::debug_with_causes!(Unstarted);

impl std::error::Error for Unstarted {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl<F, T, U, S, D> Stage for Parallel<F, T, U, S, D>
where
    F: Work<T, U, State = S>,
    T: Send,
    U: Send,
    D: Dispatch<T>,
{
    type In = T;
    type Out = U;

    const FACTS: StageFacts = StageFacts::new();

    fn push(&mut self, item: T, out: &mut impl Emit<U>) -> Result<(), Halt> {
        if !self.running {
            return out.emit(self.work_here(item)?);
        }
        self.make_room(&mut NoPolicy, out)?;
        self.take_on(item);
        Ok(())
    }

    fn tick(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        self.rest(&mut NoPolicy, out)
    }

    fn before_blocking(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        self.hand_on(Some(0), &mut NoPolicy, out)
    }

    fn finish(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        self.hand_on(Some(0), &mut NoPolicy, out)
    }

    fn name(&self) -> &'static str {
        self.label.unwrap_or(F::NAME)
    }

    fn node(&self) -> Node {
        let capacity = self.window - self.workers.get();
        let clause = format!("parallel({}{}, capacity: {capacity})", self.workers, D::CLAUSE);
        let node = Node::operator(F::NAME).clause(clause).on_threads(&self.workers.into(), &capacity.into());
        match self.label {
            Some(name) => node.named(name),
            None => node,
        }
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.start_threads(context, |_| thread::Builder::new());
    }
}

impl<F, T, U, S, D> fmt::Debug for Parallel<F, T, U, S, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parallel")
            .field("workers", &self.workers)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}
