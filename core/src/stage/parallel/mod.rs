//! Work on several threads, in the order of the items.

#[cfg(test)]
mod policy_tests;
mod team;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Chain, Piped, Pipeline};
use crate::policy::Guard;
use crate::policy::{Decision, Policy};
use crate::report::Meter;
use crate::run::context::Context;
use crate::stage::{Stage, Yield};
use team::Team;

/// What several threads do to items.
pub trait Work<T, U>: Send + Sync {
    /// Makes an item of `item`.
    ///
    /// # Errors
    ///
    /// When that fails.
    fn work(&self, item: T) -> Result<U, Halt>;

    /// What the stage is called.
    #[doc(hidden)]
    const NAME: &'static str = "map";
}

/// Work that cannot fail: of [`Pipeline::map_parallel`](crate::Pipeline::map_parallel).
#[derive(Debug)]
pub struct Plain<F>(pub(crate) F);

/// Work that may fail: of [`Pipeline::try_map_parallel`](crate::Pipeline::try_map_parallel).
#[derive(Debug)]
pub struct Fallible<F>(pub(crate) F);

impl<F: Fn(T) -> U + Send + Sync, T, U> Work<T, U> for Plain<F> {
    fn work(&self, item: T) -> Result<U, Halt> {
        Ok((self.0)(item))
    }
}

impl<F: Fn(T) -> Result<U, Halt> + Send + Sync, T, U> Work<T, U> for Fallible<F> {
    const NAME: &'static str = "try_map";

    fn work(&self, item: T) -> Result<U, Halt> {
        (self.0)(item)
    }
}

/// Stage of [`Pipeline::map_parallel`](crate::Pipeline::map_parallel).
///
/// * Shape: one in, one out, in order.
/// * Memory: at most `workers + capacity` items, taken and not yet handed on. Item k + workers + capacity is not taken
///   before item k is handed on.
/// * End: what is being worked on is waited for and handed on. Where nobody wants more, what was taken after the last item
///   that anybody wanted is dropped, and its errors and panics change nothing; an item that a worker is at is waited for.
/// * Error, or panic of a worker: what came before that item is handed on, then the run ends in it. What was taken after
///   it is dropped; an item that a worker is at is waited for.
/// * A thread that cannot be started is an error too, at the first item, and no item's: no policy is asked.
/// * With a [policy](crate::Pipeline::on_error): it is asked on the run's thread, in the order of the items. But what
///   [`retry`](crate::retry) is to try again goes back to the workers as soon as it has failed, so that they wait and try
///   side by side. It keeps its place, and counts as held. What a policy keeps of the items held is held too.
/// * Threads: they live as long as the run. A pipeline that is used as an iterator or as a source has none, and does the
///   work where it is asked for it.
#[must_use]
pub struct Parallel<F, T, U> {
    team: Arc<Team<F, T, U>>,
    workers: NonZeroUsize,
    /// How many items may be held.
    window: usize,
    /// Whether the threads run.
    running: bool,
    /// Whether the work wants no more items.
    stopped: bool,
    /// Why it has fewer threads than it was to have.
    unstarted: Option<Failure>,
    ready: VecDeque<U>,
}

/// What becomes of the items that failed, the first of those held and the others.
trait Judge<T> {
    /// Notes that the first item was handed on.
    fn done(&mut self);

    /// What is to be tried again right away, and how long it rests before that: of the item at `place`, as soon as it
    /// has failed.
    fn again(&mut self, place: usize, failure: &Failure) -> Result<Option<(T, Duration)>, Failure>;

    /// What becomes of the first item.
    fn decide(&mut self, failure: Failure, stage: &'static str) -> Result<Decision<T>, Failure>;

    fn is_cancelled(&self) -> bool;
}

/// The run ends.
struct NoPolicy;

impl<T> Judge<T> for NoPolicy {
    fn done(&mut self) {}

    fn again(&mut self, _: usize, _: &Failure) -> Result<Option<(T, Duration)>, Failure> {
        Ok(None)
    }

    fn decide(&mut self, failure: Failure, _: &'static str) -> Result<Decision<T>, Failure> {
        Err(failure)
    }

    fn is_cancelled(&self) -> bool {
        false
    }
}

impl<T, P: Policy<T>, U> Judge<T> for Guard<P, P::Kept, U> {
    fn done(&mut self) {
        self.let_go();
    }

    fn again(&mut self, place: usize, failure: &Failure) -> Result<Option<(T, Duration)>, Failure> {
        Guard::again(self, place, failure)
    }

    fn decide(&mut self, failure: Failure, stage: &'static str) -> Result<Decision<T>, Failure> {
        self.decide_first(failure, stage)
    }

    fn is_cancelled(&self) -> bool {
        Guard::is_cancelled(self)
    }
}

/// How often who waits for what rests looks whether the run was cancelled.
const SLICE: Duration = Duration::from_millis(10);

impl<F, T, U> Parallel<F, T, U> {
    pub(crate) fn new(workers: NonZeroUsize, capacity: usize, work: F) -> Self {
        let window = workers.get().saturating_add(capacity);
        Self {
            team: Arc::new(Team::new(work)),
            workers,
            window,
            running: false,
            stopped: false,
            unstarted: None,
            ready: VecDeque::new(),
        }
    }

    fn empty(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        let emptied = out.emit_all(self.ready.drain(..));
        if let Err(Halt::Stop) = emptied {
            self.stop();
        }
        emptied
    }

    /// Lets go of all that is held. One thread alone would not have taken what came after the stop, so whether that fails
    /// is nobody's affair.
    fn stop(&mut self) {
        self.stopped = true;
        self.team.desk().forget_all();
    }
}

impl<F: Work<T, U>, T, U> Parallel<F, T, U> {
    /// Hands on what is done, in order, as long as more than `most` items are held, and whatever else is done by then.
    /// Without `most` it waits for nothing.
    fn hand_on(
        &mut self,
        most: Option<usize>,
        judge: &mut impl Judge<T>,
        out: &mut impl Emit<U>,
    ) -> Result<(), Halt> {
        loop {
            let stopped_by = self.collect(most, judge)?;
            self.empty(out)?;
            match stopped_by {
                None => return Ok(()),
                Some(Err(panic)) => resume_unwind(panic),
                Some(Ok(Halt::Stop)) => {
                    self.stop();
                    return Err(Halt::Stop);
                }
                Some(Ok(Halt::Failed(failure))) => match judge.decide(failure, F::NAME)? {
                    Decision::LeaveOut => {}
                    Decision::TryAgain(item) => {
                        self.team.desk().put_first_again(item);
                        self.team.call_one();
                    }
                },
            }
        }
    }

    /// Gathers what is to be handed on. It ends early at an item that was not made, with the reason.
    fn collect(
        &mut self,
        most: Option<usize>,
        judge: &mut impl Judge<T>,
    ) -> Result<Option<std::thread::Result<Halt>>, Halt> {
        let team = Arc::clone(&self.team);
        let mut desk = team.desk();
        loop {
            let failed = desk.take_failed();
            if !failed.is_empty() {
                // Nobody's closure is called with the desk in hand.
                drop(desk);
                let judged = failed
                    .into_iter()
                    .map(|(place, failure)| Ok((place, judge.again(place, &failure)?, failure)));
                let judged = judged.collect::<Result<Vec<_>, Failure>>()?;
                desk = team.desk();
                for (place, again, failure) in judged {
                    match again {
                        Some((item, time)) => desk.rest(place, item, time),
                        None => desk.put(place, Some(Ok(Err(failure.into())))),
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
                        Some(Ok(Err(halt))) => return Ok(Some(Ok(halt))),
                        Some(Err(panic)) => return Ok(Some(Err(panic))),
                        None => {}
                    }
                }
            }
            let Some(most) = most.filter(|most| desk.held() > *most) else { return Ok(None) };
            while desk.held() > most && !desk.is_worth_a_call() && !desk.has_failed() {
                if desk.rests() {
                    if judge.is_cancelled() {
                        return Err(Failure::cancelled().into());
                    }
                    desk = team.wait_for(desk, SLICE);
                } else {
                    desk = team.wait(desk);
                }
            }
        }
    }

    /// Hands on until there is room for one item more.
    fn make_room(&mut self, judge: &mut impl Judge<T>, out: &mut impl Emit<U>) -> Result<(), Halt> {
        if self.stopped {
            return Err(Halt::Stop);
        }
        if let Some(failure) = self.unstarted.take() {
            return Err(failure.into());
        }
        self.hand_on(Some(self.window - 1), judge, out)
    }

    /// Starts the threads, where there may be any, each as `builder` says.
    fn start<'scope, 'env>(
        &mut self,
        context: &mut Context<'_, 'scope, 'env>,
        builder: impl Fn(usize) -> thread::Builder,
    ) where
        T: Send,
        U: Send,
        Self: 'env,
    {
        let Some(threads) = &mut context.threads else { return };
        self.running = true;
        // Before any is started: those that were are to be dismissed, though another could not be.
        let team: Arc<Team<F, T, U>> = Arc::clone(&self.team);
        threads.teams.0.push(team);
        for number in 1..=self.workers.get() {
            let team = Arc::clone(&self.team);
            // What the work tells `tracing` belongs to the run.
            let span = tracing::Span::current();
            let spawned = builder(number).spawn_scoped(threads.scope, move || span.in_scope(|| team.serve()));
            if let Err(source) = spawned {
                self.unstarted = Some(Failure::new(Unstarted { number, of: self.workers.get(), source }));
                return;
            }
        }
    }

    fn take_on(&self, item: T) {
        self.team.desk().take_on(item);
        self.team.call_one();
    }

    /// Hands on what is done while the source rests.
    fn rest(&mut self, judge: &mut impl Judge<T>, out: &mut impl Emit<U>) -> Result<(), Halt> {
        if self.team.desk().is_worth_a_look() { self.hand_on(None, judge, out) } else { Ok(()) }
    }
}

/// A thread could not be started.
#[derive(Debug)]
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

impl std::error::Error for Unstarted {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl<F, T, U> Stage for Parallel<F, T, U>
where
    F: Work<T, U>,
    T: Send,
    U: Send,
{
    type In = T;
    type Out = U;

    const YIELD: Yield = Yield::Any;

    const FAILS_LATE: bool = true;

    const SAYS_WHICH_FAILED: bool = true;

    fn push(&mut self, item: T, out: &mut impl Emit<U>) -> Result<(), Halt> {
        if !self.running {
            return out.emit(self.team.work.work(item)?);
        }
        self.make_room(&mut NoPolicy, out)?;
        self.take_on(item);
        Ok(())
    }

    fn tick(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        self.rest(&mut NoPolicy, out)
    }

    fn finish(&mut self, out: &mut impl Emit<U>) -> Result<(), Halt> {
        self.hand_on(Some(0), &mut NoPolicy, out)
    }

    fn push_guarded<P: Policy<T>>(
        &mut self,
        item: T,
        guard: &mut Guard<P, P::Kept, U>,
        out: &mut impl Emit<U>,
    ) -> Result<(), Halt> {
        if !self.running {
            return guard.each(self, item, out);
        }
        self.make_room(guard, out)?;
        guard.keep(&item);
        self.take_on(item);
        Ok(())
    }

    fn tick_guarded<P: Policy<T>>(
        &mut self,
        guard: &mut Guard<P, P::Kept, U>,
        out: &mut impl Emit<U>,
    ) -> Result<(), Halt> {
        self.rest(guard, out)
    }

    fn finish_guarded<P: Policy<T>>(
        &mut self,
        guard: &mut Guard<P, P::Kept, U>,
        out: &mut impl Emit<U>,
    ) -> Result<(), Halt> {
        self.hand_on(Some(0), guard, out)
    }

    fn name(&self) -> &'static str {
        F::NAME
    }

    fn node(&self) -> Node {
        let capacity = self.window - self.workers.get();
        let clause = format!("parallel({}, capacity: {capacity})", self.workers);
        Node::operator(F::NAME, F::NAME).clause(clause).on_threads(&self.workers.into(), &capacity.into())
    }

    fn attach<'scope, 'env>(&mut self, context: &mut Context<'_, 'scope, 'env>)
    where
        Self: 'env,
    {
        self.start(context, |_| thread::Builder::new());
    }
}

impl<F, T, U> fmt::Debug for Parallel<F, T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parallel")
            .field("workers", &self.workers)
            .field("window", &self.window)
            .finish_non_exhaustive()
    }
}

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Makes one item out of each on `workers` threads. Order is kept, and at most `workers + capacity` items are held.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// let squares = Pipeline::new("squares", from_iter(0..4)).map_parallel(const { size(2) }, 64, |n: u64| n * n);
    /// assert_eq!(squares.end(Collect::new()).run()?.output, [0, 1, 4, 9]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn map_parallel<U, F>(
        self,
        workers: NonZeroUsize,
        capacity: usize,
        work: F,
    ) -> Piped<U, C, Parallel<Plain<F>, T, U>, M>
    where
        F: Fn(T) -> U + Send + Sync,
        T: Send,
        U: Send,
    {
        self.then(Parallel::new(workers, capacity, Plain(work)))
    }

    /// As [`map_parallel`](Pipeline::map_parallel), with work that may fail. An error ends the run, unless a
    /// [policy](Pipeline::on_error) says otherwise. That decides in the order of the items; what [`retry`](crate::retry)
    /// tries again is tried on the threads, side by side.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size, skip};
    /// let numbers = Pipeline::new("numbers", from_iter(["1", "two", "3"]))
    ///     .try_map_parallel(const { size(2) }, 64, |text| Ok(text.parse::<u64>()?))
    ///     .on_error(skip(10));
    /// assert_eq!(numbers.end(Collect::new()).run()?.output, [1, 3]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn try_map_parallel<U, F>(
        self,
        workers: NonZeroUsize,
        capacity: usize,
        work: F,
    ) -> Piped<U, C, Parallel<Fallible<F>, T, U>, M>
    where
        F: Fn(T) -> Result<U, Halt> + Send + Sync,
        T: Send,
        U: Send,
    {
        self.then(Parallel::new(workers, capacity, Fallible(work)))
    }
}
