//! `sort`: items in the order of a key, with a bound on the items in memory. The others wait in temporary files.

mod exact;
mod files;
mod merge;
mod run;

use std::fmt;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::emit::Emit;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Piped, Pipeline};
use crate::run::{CancelToken, RunContext};
use crate::stage::{Stage, StageFacts};

use files::Files;
use merge::{Input, Merge};
use run::{Run, RunWriter};

/// The number of runs of one level that are merged into one of the next. So few files are open at once, and a billion
/// items are written three times with 100,000 in memory.
const WIDTH: usize = 32;

/// Stage of [`Pipeline::sort`](crate::Pipeline::sort). Needs the feature `sort`.
///
/// * Shape: the same items in the order of their keys, at the end. Items with equal keys stay in their order.
/// * Memory: at most `most` items with their keys, and half as many pointers while they are sorted; and one item and a
///   buffer of 32 KiB for each file that is merged: up to 31 files for each factor of 32 by which the items outnumber
///   `most`. An item that is written and read is what serde makes of it.
/// * Files: temporary ones without names, in the [folder](Sort::in_folder). They are gone when the run ends, in
///   whatever way, and hold each item once, or up to twice while they are merged.
/// * End: all items are emitted then. Error: they are dropped. A cancellation ends the emission as well.
/// * Error: a file that cannot be written or read, with the folder, or an item that serde cannot write and read. No
///   policy is called.
#[must_use]
pub struct Sort<F, K, T> {
    key_of: F,
    most: NonZeroUsize,
    files: Files,
    held: Vec<(K, T)>,
    /// The runs in files by levels. Those of a higher level hold earlier items.
    levels: Vec<Vec<Run<T>>>,
    cancel: CancelToken,
}

impl<F, K, T> Sort<F, K, T> {
    /// Creates a stage that sorts items by the key that `key_of` returns, and holds at most `most` of them in memory.
    pub fn new(most: NonZeroUsize, key_of: F) -> Self {
        let files = Files::in_folder(std::env::temp_dir());
        Self {
            key_of,
            most,
            files,
            held: Vec::new(),
            levels: Vec::new(),
            cancel: CancelToken::uncancellable(),
        }
    }

    /// Sets the folder of the temporary files. The default is [`std::env::temp_dir`], which may be in memory.
    ///
    /// ```
    /// use syncline_core::stage::Sort;
    /// use syncline_core::{Collect, Pipeline, from_iter, size};
    ///
    /// let by_number = Sort::new(const { size(2) }, |n: &u32| *n).in_folder(".");
    /// let numbers = Pipeline::new("numbers", from_iter([3, 1, 2, 0])).pipe(by_number);
    /// assert_eq!(numbers.end(Collect::new()).run()?.output, [0, 1, 2, 3]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn in_folder(self, folder: impl Into<PathBuf>) -> Self {
        Self { files: Files::in_folder(folder.into()), ..self }
    }
}

impl<F, K, T> Sort<F, K, T>
where
    F: FnMut(&T) -> K,
    K: Ord,
    T: Serialize + DeserializeOwned,
{
    /// Writes the held items to a file, and merges the files of each level that is full.
    fn spill(&mut self) -> Result<(), Failure> {
        self.sort_held();
        let mut run = RunWriter::create(&self.files)?;
        for (_, item) in self.held.drain(..) {
            self.cancel.check()?;
            run.write(&item)?;
        }
        let mut run = run.end()?;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            self.levels[level].push(run);
            if self.levels[level].len() < WIDTH {
                break;
            }
            let runs = std::mem::take(&mut self.levels[level]);
            run = self.merged(runs)?;
        }
        Ok(())
    }

    fn sort_held(&mut self) {
        self.held.sort_by(|(a, _), (b, _)| a.cmp(b));
    }

    /// Merges `runs` into one.
    fn merged(&mut self, runs: Vec<Run<T>>) -> Result<Run<T>, Failure> {
        let inputs = runs.into_iter().map(|run| run.read(&self.files).map(Input::Run));
        let mut merge = Merge::new(inputs.collect::<Result<_, _>>()?, &mut self.key_of)?;
        let mut writer = RunWriter::create(&self.files)?;
        while let Some(item) = merge.next(&mut self.key_of)? {
            self.cancel.check()?;
            writer.write(&item)?;
        }
        writer.end()
    }
}

impl<F, K, T> Stage for Sort<F, K, T>
where
    F: FnMut(&T) -> K,
    K: Ord,
    T: Serialize + DeserializeOwned,
{
    type In = T;
    type Out = T;

    const FACTS: StageFacts = StageFacts::new();

    fn push(&mut self, item: T, _: &mut impl Emit<T>) -> Result<(), Halt> {
        if self.held.len() == self.most.get() {
            self.spill()?;
        }
        self.held.push(((self.key_of)(&item), item));
        Ok(())
    }

    fn start<'env>(&mut self, context: &mut RunContext<'_, 'env>)
    where
        Self: 'env,
    {
        self.cancel = context.cancel_token().clone();
    }

    fn finish(&mut self, out: &mut impl Emit<T>) -> Result<(), Halt> {
        if !out.wants_more() {
            return Ok(());
        }
        self.sort_held();
        let held = std::mem::take(&mut self.held);
        if self.levels.is_empty() {
            for (_, item) in held {
                self.cancel.check()?;
                out.emit(item)?;
            }
            return Ok(());
        }
        let runs = std::mem::take(&mut self.levels).into_iter().rev().flatten();
        let mut inputs: Vec<_> =
            runs.map(|run| run.read(&self.files).map(Input::Run)).collect::<Result<_, _>>()?;
        inputs.push(Input::Memory(held.into_iter()));
        let mut merge = Merge::new(inputs, &mut self.key_of)?;
        while let Some(item) = merge.next(&mut self.key_of)? {
            self.cancel.check()?;
            out.emit(item)?;
        }
        Ok(())
    }

    fn name(&self) -> &'static str {
        "sort"
    }

    fn node(&self) -> Node {
        Node::operator(format!("sort({}, ..)", self.most)).holding(self.most)
    }
}

impl<F, K, T> fmt::Debug for Sort<F, K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sort")
            .field("most", &self.most)
            .field("held", &self.held.len())
            .field("files", &self.levels.iter().map(Vec::len).sum::<usize>())
            .finish_non_exhaustive()
    }
}

impl<T, C, M> Pipeline<T, C, M> {
    /// Emits the items in the order of the key that `key_of` returns. Items with equal keys stay in their order.
    ///
    /// At most `most` items are held in memory. If there are more, sorted runs of them are written to temporary files, as
    /// the crate `rmp-serde` encodes them, and merged at the end. The files are in [`std::env::temp_dir`], or in the folder of
    /// [`Sort::in_folder`](crate::stage::Sort::in_folder). They are gone when the run ends, fails, is cancelled or panics.
    ///
    /// `key_of` is called once more for an item that is read from a file. The largest first: `std::cmp::Reverse` of the
    /// key. Needs the feature `sort`.
    ///
    /// ```
    /// # use syncline_core::{Collect, Pipeline, from_iter, size};
    /// let words = Pipeline::new("words", from_iter(["pear", "fig", "apple", "kiwi"].map(String::from)));
    /// let sorted = words.sort(const { size(100_000) }, |word| word.len());
    /// assert_eq!(sorted.end(Collect::new()).run()?.output, ["fig", "pear", "kiwi", "apple"]);
    /// # Ok::<(), syncline_core::Error>(())
    /// ```
    pub fn sort<K: Ord, F: FnMut(&T) -> K>(
        self,
        most: NonZeroUsize,
        key_of: F,
    ) -> Piped<T, C, Sort<F, K, T>, M>
    where
        T: Serialize + DeserializeOwned,
    {
        self.then(Sort::new(most, key_of))
    }
}

#[cfg(test)]
mod tests;
