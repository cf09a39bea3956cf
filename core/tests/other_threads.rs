//! Pipelines that are built on one thread and run on others: as threads, as jobs, and as tasks of an executor.

use std::collections::HashSet;
use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use syncline_core::testing::{Probe, Script};
use syncline_core::{
    BoxedSend, BoxedSendPipeline, CancelToken, Chain, Collect, Failure, Halt, Letter, Pipeline, RunOptions,
    chain, dead_letter, for_each, from_iter, merge, retry, size, skip,
};

const TWO: NonZeroUsize = size(2);

/// Fails at multiples of three.
fn not_threes(n: u32) -> Result<u32, Halt> {
    if n.is_multiple_of(3) { Err(Failure::new("a multiple of three").into()) } else { Ok(n) }
}

/// A pipeline with every kind of buffer, with policies, threads and a second sink.
fn with_buffers(
    letters: Probe<Letter<u32>>,
    copies: Probe<Vec<u32>>,
) -> Pipeline<Vec<u32>, impl Chain<Item = Vec<u32>> + Send> {
    Pipeline::new("buffers", from_iter(0..20_u32))
        .buffer(size(3))
        .unbuffer()
        .buffer_by(size(4), |n| n / 2)
        .unbuffer()
        .try_map(not_threes)
        .on_error(retry(1, Duration::ZERO, |_| true))
        .on_error(dead_letter(letters))
        .buffer_weighed(size(4), size(30), |n| *n as usize)
        .unbuffer()
        .map_parallel_with(
            size(2),
            4,
            || Ok(0),
            |count: &mut u32, n| {
                *count += 1;
                n * 10
            },
        )
        .by_key(|n| *n)
        .buffer_within(size(5), Duration::from_mins(1))
        .tee(copies)
        .lookup(|chunk| Ok(chunk.to_vec()))
        .map(|chunk| chunk.into_iter().map(|(n, _)| n).collect())
}

fn expected() -> Vec<u32> {
    (0..20).filter(|n| n % 3 != 0).map(|n| n * 10).collect()
}

#[test]
fn a_pipeline_with_buffers_is_run_by_another_thread() {
    let (letters, copies) = (Probe::new(), Probe::new());
    let (put_away, seen) = (letters.seen(), copies.seen());
    let numbers = with_buffers(letters, copies).end(Collect::new()).on_error(skip(0));
    let outcome = thread::spawn(|| numbers.run()).join().unwrap().unwrap();
    assert_eq!(outcome.output.concat(), expected());
    assert_eq!(seen.items().concat(), expected());
    assert_eq!(put_away.take().len(), 7);
}

#[test]
fn so_is_a_job_and_one_that_borrows() {
    let numbers = vec![1, 2, 3];
    let token = CancelToken::new();
    let job = |limit: u32| -> BoxedSendPipeline<'_, u64> {
        let chunks = Pipeline::new("job", from_iter(&numbers)).filter(move |n| **n <= limit).buffer(TWO);
        chunks.end(for_each(|_| Ok(()))).boxed_send()
    };
    let jobs = [job(3), job(2), job(0)];
    let chunks = thread::scope(|scope| {
        let run = |job: BoxedSendPipeline<'_, u64>| job.run_with(RunOptions::new().cancelled_by(&token));
        let threads = jobs.map(|job| scope.spawn(move || run(job).unwrap().output));
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(chunks, [2, 1, 0]);
}

#[test]
fn boxes_of_one_type_are_sent_too_and_are_sources() {
    type Numbers = Pipeline<u32, BoxedSend<'static, u32>>;
    let inputs = || -> [Numbers; 2] {
        let evens = Pipeline::new("evens", from_iter(0..3)).map(|n| n * 2).buffer(TWO).unbuffer();
        let more = Pipeline::new("more", Script::new().items([7]).idle().items([9]));
        [evens.boxed_send(), more.boxed_send()]
    };
    let run = thread::spawn(move || {
        let chained = Pipeline::new("chained", chain(inputs())).buffer(TWO).end(Collect::new()).run()?;
        let merged = Pipeline::new("merged", merge(inputs())).end(Collect::new()).run()?;
        Ok::<_, syncline_core::Error>((chained.output.concat(), merged.output))
    });
    let (chained, mut merged) = run.join().unwrap().unwrap();
    merged.sort_unstable();
    assert_eq!((chained, merged), (vec![0, 2, 4, 7, 9], vec![0, 2, 4, 7, 9]));
}

#[test]
fn an_iterator_goes_on_on_another_thread() {
    let mut items = Pipeline::new("items", Script::new().one_by_one(0..6)).buffer(TWO).into_iter();
    assert_eq!(items.next().unwrap().unwrap(), [0, 1]);
    let rest = thread::spawn(move || items.collect::<Result<Vec<_>, _>>().unwrap());
    assert_eq!(rest.join().unwrap(), [[2, 3], [4, 5]]);
}

/// A pipeline that is not `Send` is built and run as usual.
#[test]
fn parts_that_cannot_be_sent_need_not_be() {
    let count = Rc::new(std::cell::Cell::new(0));
    let counted = Rc::clone(&count);
    let chunks = Pipeline::new("local", from_iter(0..5)).inspect(move |_| counted.set(counted.get() + 1));
    let outcome = chunks.buffer(TWO).boxed().unbuffer().end(Collect::new()).run();
    assert_eq!((outcome.unwrap().output.len(), count.get()), (5, 5));
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An executor of two threads, which take turns at each task.
struct Pool {
    queues: [Sender<Arc<Job>>; 2],
}

struct Job {
    task: Mutex<Option<Task>>,
    polls: Mutex<Vec<ThreadId>>,
    pool: Arc<Pool>,
}

impl Job {
    /// The threads that have polled it, poll by poll.
    fn polls(&self) -> MutexGuard<'_, Vec<ThreadId>> {
        self.polls.lock().expect("no thread panics with it")
    }
}

impl Wake for Job {
    fn wake(self: Arc<Self>) {
        let turn = self.polls().len() % 2;
        // After the last poll the queue has no receiver.
        let _ = self.pool.queues[turn].send(Arc::clone(&self));
    }
}

impl Pool {
    fn start() -> Arc<Self> {
        let serve = |jobs: Receiver<Arc<Job>>| {
            thread::spawn(move || {
                for job in jobs {
                    job.polls().push(thread::current().id());
                    let mut place = job.task.lock().expect("no task panics");
                    let Some(mut task) = place.take() else { continue };
                    let waker = Waker::from(Arc::clone(&job));
                    if task.as_mut().poll(&mut Context::from_waker(&waker)).is_pending() {
                        *place = Some(task);
                    }
                }
            });
        };
        let (first, second) = (channel(), channel());
        serve(first.1);
        serve(second.1);
        Arc::new(Self { queues: [first.0, second.0] })
    }

    /// Runs `future` to its end. Returns its output, and the threads that polled it.
    fn run<T: Send + 'static>(
        self: &Arc<Self>,
        future: impl Future<Output = T> + Send + 'static,
    ) -> (T, HashSet<ThreadId>) {
        let (sender, receiver) = channel();
        let task: Task = Box::pin(async move { sender.send(future.await).expect("it is waited for") });
        let job =
            Arc::new(Job { task: Mutex::new(Some(task)), polls: Mutex::default(), pool: Arc::clone(self) });
        Arc::clone(&job).wake();
        let output = receiver.recv_timeout(Duration::from_mins(1)).expect("it ends");
        let polls = job.polls().iter().copied().collect();
        (output, polls)
    }
}

#[test]
fn a_stream_with_buffers_is_a_task_that_executors_move_from_thread_to_thread() {
    let pool = Pool::start();
    let script = Script::new().items([1, 2, 3]).idle().items([4]).idle().one_by_one([5, 6]);
    let token = CancelToken::new();
    let stream = Pipeline::new("stream", script)
        .buffer(TWO)
        .map(|chunk| chunk.len())
        .into_stream()
        .cancelled_by(&token)
        .observed_by(syncline_core::tell_progress(|_, _| ()));
    let (lengths, threads) = pool.run(stream.try_collect::<Vec<_>>());
    assert_eq!(lengths.unwrap(), [2, 2, 2]);
    assert_eq!(threads.len(), 2, "both threads have polled it");

    let (letters, copies) = (Probe::new(), Probe::new());
    let (chunks, _) = pool.run(with_buffers(letters, copies).into_stream().try_collect::<Vec<_>>());
    assert_eq!(chunks.unwrap().concat(), expected());
}

#[test]
fn a_task_that_is_cancelled_from_outside_ends_in_its_error() {
    let pool = Pool::start();
    let token = CancelToken::new();
    let stream = Pipeline::new("endless", from_iter(0..)).buffer(TWO).into_stream().cancelled_by(&token);
    token.cancel();
    let (first, _) = pool.run(async move { pin!(stream).next().await });
    assert!(first.unwrap().unwrap_err().is_cancelled());
    // A poll alone does not run it on.
    let mut silent =
        pin!(Pipeline::new("silent", Script::<u32>::new().then_wait()).buffer(TWO).into_stream());
    let mut context = Context::from_waker(Waker::noop());
    assert!(matches!(silent.poll_next_unpin(&mut context), Poll::Pending));
}
