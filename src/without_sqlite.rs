//! Replacements for the names of the feature `sqlite` in the prelude, so that the compiler names the missing feature.
//!
//! They exist only without that feature. No call of them compiles, because each needs [`FeatureSqlite`], which has no
//! implementor.

use std::convert::Infallible;
use std::marker::PhantomData;

use syncline_core::{BoxError, Emit, Halt, Progress, Source};
use syncline_serializer::{Profile, Syncable};

/// The feature `sqlite`. It has no implementor.
#[diagnostic::on_unimplemented(
    message = "a database needs the feature `sqlite` of the crate `syncline`, and it is off",
    label = "needs the feature `sqlite`",
    note = "in `Cargo.toml`, leave `default-features = false` out of the dependency `syncline`, or add `features = [\"sqlite\"]`"
)]
pub trait FeatureSqlite {}

/// A database. Opening one needs the feature `sqlite`.
#[derive(Debug)]
pub struct Database {
    never: Infallible,
}

impl Database {
    /// Opens or creates a database.
    pub fn open<P>(path: P) -> Result<Self, BoxError>
    where
        (Self, P): FeatureSqlite,
    {
        drop(path);
        unreachable!("no database has the feature")
    }

    /// Opens the database of another application.
    pub fn open_existing<P>(path: P) -> Result<Self, BoxError>
    where
        (Self, P): FeatureSqlite,
    {
        drop(path);
        unreachable!("no database has the feature")
    }

    /// Opens a database without writing to it.
    pub fn open_read_only<P>(path: P) -> Result<Self, BoxError>
    where
        (Self, P): FeatureSqlite,
    {
        drop(path);
        unreachable!("no database has the feature")
    }

    /// Closes the database.
    pub fn close(self) -> Result<(), BoxError> {
        match self.never {}
    }
}

/// Reads the records of a model from a database. Needs the feature `sqlite`.
pub trait ReadRecords: Syncable {
    /// The records in `db`, as the source of a pipeline.
    fn stream<D: ?Sized>(db: &D) -> Unreadable<Self>
    where
        Self: FeatureSqlite,
    {
        let _ = db;
        unreachable!("no model has the feature")
    }

    /// The records in `db` that have changed since they were last serialised.
    fn dirty<D: ?Sized>(db: &D) -> Unreadable<Self>
    where
        Self: FeatureSqlite,
    {
        let _ = db;
        unreachable!("no model has the feature")
    }
}

impl<M: Syncable> ReadRecords for M {}

/// Reads the store rows of a profile from a database. Needs the feature `sqlite`.
pub trait ReadStore: Profile {
    /// The rows of the store in `db`, as the source of a pipeline.
    fn store<D: ?Sized>(db: &D) -> Unreadable<Self>
    where
        Self: FeatureSqlite,
    {
        let _ = db;
        unreachable!("no profile has the feature")
    }
}

impl<P: Profile> ReadStore for P {}

/// A source that no program can create. It gives the rest of a pipeline the type of its items, so that the compiler
/// reports only the missing feature.
#[derive(Debug)]
pub struct Unreadable<T> {
    never: Infallible,
    item: PhantomData<fn() -> T>,
}

impl<T> Unreadable<T> {
    /// Like the method of the source with the feature.
    #[must_use]
    pub fn filter(self, prefix: &str) -> Self {
        let _ = prefix;
        self
    }
}

impl<T> Source for Unreadable<T> {
    type Item = T;

    fn advance(&mut self, out: &mut impl Emit<T>) -> Result<Progress, Halt> {
        let _ = out;
        match self.never {}
    }
}
