//! `sum`: the sink that adds numbers, with the trait `Total` of the types of sums.

use std::fmt;
use std::marker::PhantomData;
use std::num::{Saturating, Wrapping};
use std::time::Duration;

use super::Sink;
use crate::emit::items::Items;
use crate::error::{Failure, Halt};
use crate::graph::Node;
use crate::pipeline::{Chain, Pipeline};
use crate::report::Meter;
use crate::report::short_name::short_name;
use crate::run::Runnable;

/// The total of a [`sum`] of items of type `T`.
///
/// Integers and floating-point numbers are totals of themselves and of narrower numbers without loss, so a `u64` can be
/// the total of `u32`s. [`Duration`], [`Wrapping`] and [`Saturating`] are totals as well. Implement it for a type of your
/// own, such as an amount of money.
///
/// ```
/// use syncline_core::{Pipeline, Total, from_iter};
///
/// #[derive(Debug, PartialEq)]
/// struct Cents(u64);
///
/// impl Total for Cents {
///     fn zero() -> Self {
///         Self(0)
///     }
///
///     fn plus(&self, item: Self) -> Option<Self> {
///         self.0.checked_add(item.0).map(Self)
///     }
/// }
///
/// let prices = [Cents(250), Cents(99)];
/// assert_eq!(Pipeline::new("prices", from_iter(prices)).sum::<Cents>().run()?.output, Cents(349));
/// # Ok::<(), syncline_core::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`sum` cannot add items of type `{T}` to a total of type `{Self}`",
    label = "adds `{T}` to `{Self}`",
    note = "a total is a number or a `Duration`, and its items are of the same type or narrower; `syncline::sink::Total` can be implemented for other types, and `fold` takes a closure"
)]
pub trait Total<T = Self>: Sized {
    /// The total of no items.
    fn zero() -> Self;

    /// The total with one more item. `None` if it is out of the range of the type.
    fn plus(&self, item: T) -> Option<Self>;
}

/// A sink that adds all items. The output is the total; its type `S` may be wider than that of the items.
///
/// A total out of the range of its type is an error: it neither wraps nor panics. For [`Wrapping`] and [`Saturating`]
/// numbers it wraps and saturates.
///
/// ```
/// use syncline_core::{Pipeline, from_iter};
///
/// let bytes = Pipeline::new("bytes", from_iter([200_u8, 100])).sum::<u64>().run()?;
/// assert_eq!(bytes.output, 300);
///
/// let error = Pipeline::new("bytes", from_iter([200_u8, 100])).sum::<u8>().run().unwrap_err();
/// assert_eq!(error.to_string(), "pipeline bytes failed in stage sum at item 2");
/// # Ok::<(), syncline_core::Error>(())
/// ```
pub fn sum<T, S: Total<T>>() -> Sum<T, S> {
    Sum { total: S::zero(), count: 0, items: PhantomData }
}

/// Sink of [`sum`].
///
/// * Shape: numbers. The output is the total.
/// * Memory: the total.
/// * End: the output.
/// * Error: an item that leaves the range of the total, with the number of the item. The total keeps its value, so a
///   policy may leave the item out.
#[must_use]
pub struct Sum<T, S> {
    total: S,
    count: u64,
    items: PhantomData<fn(T)>,
}

impl<T, S: Total<T>> Sink for Sum<T, S> {
    type In = T;
    type Output = S;

    #[inline]
    fn consume(&mut self, item: T) -> Result<(), Halt> {
        self.count += 1;
        match self.total.plus(item) {
            Some(total) => {
                self.total = total;
                Ok(())
            }
            None => Err(out_of_range::<S>(self.count)),
        }
    }

    #[inline]
    fn consume_all(&mut self, items: impl Items<T>) -> Result<(), Halt> {
        let Self { total, count, .. } = self;
        items.each(|item| {
            *count += 1;
            match total.plus(item) {
                Some(next) => {
                    *total = next;
                    Ok(())
                }
                None => Err(out_of_range::<S>(*count)),
            }
        })
    }

    fn finish(self) -> Result<S, Failure> {
        Ok(self.total)
    }

    fn before_retry(&mut self) {
        self.count -= 1;
    }

    fn name(&self) -> &'static str {
        "sum"
    }

    fn node(&self) -> Node {
        Node::sink("sum").holding(0_u64)
    }
}

#[cold]
#[inline(never)]
fn out_of_range<S>(count: u64) -> Halt {
    let total = short_name::<S>();
    Failure::new(format!("the sum is out of the range of `{total}`; sum into a wider type"))
        .at(format_args!("item {count}"))
        .into()
}

impl<T, S: fmt::Debug> fmt::Debug for Sum<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sum").field("total", &self.total).field("count", &self.count).finish()
    }
}

macro_rules! integers {
    ($($total:ty: $($item:ty),+;)+) => {$($(
        impl Total<$item> for $total {
            #[inline]
            fn zero() -> Self {
                0
            }

            #[inline]
            fn plus(&self, item: $item) -> Option<Self> {
                self.checked_add(Self::from(item))
            }
        }
    )+)+};
}

integers! {
    u8: u8;
    u16: u8, u16;
    u32: u8, u16, u32;
    u64: u8, u16, u32, u64;
    u128: u8, u16, u32, u64, u128;
    usize: u8, u16, usize;
    i8: i8;
    i16: u8, i8, i16;
    i32: u8, u16, i8, i16, i32;
    i64: u8, u16, u32, i8, i16, i32, i64;
    i128: u8, u16, u32, u64, i8, i16, i32, i64, i128;
    isize: u8, i8, i16, isize;
}

macro_rules! floats {
    ($($total:ty: $($item:ty),+;)+) => {$($(
        impl Total<$item> for $total {
            #[inline]
            fn zero() -> Self {
                0.0
            }

            /// An infinite sum of finite numbers is out of range. Infinities and NaN among the items are added.
            #[inline]
            fn plus(&self, item: $item) -> Option<Self> {
                let item = Self::from(item);
                let sum = *self + item;
                (!sum.is_infinite() || self.is_infinite() || item.is_infinite()).then_some(sum)
            }
        }
    )+)+};
}

floats! {
    f32: u8, u16, i8, i16, f32;
    f64: u8, u16, u32, i8, i16, i32, f32, f64;
}

macro_rules! never_out_of_range {
    ($($number:ty),+) => {$(
        impl Total for Wrapping<$number> {
            #[inline]
            fn zero() -> Self {
                Self(0)
            }

            #[inline]
            fn plus(&self, item: Self) -> Option<Self> {
                Some(*self + item)
            }
        }

        impl Total for Saturating<$number> {
            #[inline]
            fn zero() -> Self {
                Self(0)
            }

            #[inline]
            fn plus(&self, item: Self) -> Option<Self> {
                Some(*self + item)
            }
        }
    )+};
}

never_out_of_range!(u8, u16, u32, u64, u128, usize, i8, i16, i32, i64, i128, isize);

impl Total for Duration {
    #[inline]
    fn zero() -> Self {
        Self::ZERO
    }

    #[inline]
    fn plus(&self, item: Self) -> Option<Self> {
        self.checked_add(item)
    }
}

impl<T, C: Chain<Item = T>, M: Meter> Pipeline<T, C, M> {
    /// Ends the pipeline with [`sum`](crate::sum()): the output is the sum of the items. A sum out of the range of `S` is
    /// an error.
    pub fn sum<S: Total<T>>(self) -> Runnable<C, Sum<T, S>, M> {
        self.end(sum())
    }
}

#[cfg(test)]
mod tests {
    use std::num::{Saturating, Wrapping};
    use std::time::Duration;

    use super::Total;
    use crate::{Error, Pipeline, Unmetered, from_iter, skip};

    /// The sum item by item, which equals the sum of all items at once.
    fn summed<T: Clone, S: Total<T> + PartialEq + std::fmt::Debug>(items: &[T]) -> Result<S, Error> {
        let all = items.to_vec();
        let bulk: Pipeline<_, _, Unmetered> = Pipeline::unmetered("bulk", from_iter(all));
        let bulk = bulk.sum::<S>().run().map(|outcome| outcome.output);
        let one_by_one =
            Pipeline::new("one by one", from_iter(items.to_vec())).buffer(crate::size(1)).unbuffer();
        let one_by_one = one_by_one.sum::<S>().run().map(|outcome| outcome.output);
        assert_eq!(bulk.as_ref().ok(), one_by_one.as_ref().ok());
        one_by_one
    }

    #[test]
    fn numbers_are_added_in_the_type_of_the_total() {
        assert_eq!(summed::<u64, u64>(&[]).unwrap(), 0);
        assert_eq!(summed::<u8, u8>(&[200, 55]).unwrap(), 255);
        assert_eq!(summed::<u8, u64>(&[255; 3]).unwrap(), 765);
        assert_eq!(summed::<u32, i64>(&[u32::MAX; 2]).unwrap(), 2 * i64::from(u32::MAX));
        assert_eq!(summed::<i8, i8>(&[127, -128, 1]).unwrap(), 0);
        assert!((summed::<f32, f64>(&[0.5, 0.25]).unwrap() - 0.75).abs() < f64::EPSILON);
        let seconds = [Duration::from_secs(1), Duration::from_millis(1)];
        assert_eq!(summed::<Duration, Duration>(&seconds).unwrap(), Duration::from_millis(1001));
    }

    /// The message names the item, the type, and a way out.
    #[track_caller]
    fn overflows<T: Clone, S: Total<T> + PartialEq + std::fmt::Debug>(items: &[T], at: &str, ty: &str) {
        let error = summed::<T, S>(items).unwrap_err();
        assert_eq!((error.stage(), error.record()), (Some("sum"), Some(at)));
        let wanted = format!("the sum is out of the range of `{ty}`; sum into a wider type");
        assert_eq!(error.into_source().to_string(), wanted);
    }

    #[test]
    fn a_sum_out_of_range_is_an_error() {
        overflows::<u8, u8>(&[200, 55, 1], "item 3", "u8");
        overflows::<i8, i8>(&[-100, -100], "item 2", "i8");
        overflows::<u64, u64>(&[u64::MAX, 1], "item 2", "u64");
        overflows::<i128, i128>(&[i128::MAX, 1], "item 2", "i128");
        overflows::<usize, usize>(&[1, usize::MAX], "item 2", "usize");
        overflows::<f64, f64>(&[f64::MAX, f64::MAX], "item 2", "f64");
        overflows::<f32, f32>(&[f32::MIN, f32::MIN], "item 2", "f32");
        overflows::<Duration, Duration>(&[Duration::MAX, Duration::from_nanos(1)], "item 2", "Duration");
    }

    #[test]
    fn infinities_and_nan_among_the_items_are_added() {
        assert!(summed::<f64, f64>(&[1.0, f64::INFINITY, 1.0]).unwrap().is_infinite());
        let nan = Pipeline::new("nan", from_iter([1.0, f64::NAN])).sum::<f64>().run().unwrap().output;
        assert!(nan.is_nan());
    }

    #[test]
    fn wrapping_and_saturating_numbers_do_so() {
        assert_eq!(summed::<_, Wrapping<u8>>(&[Wrapping(200_u8), Wrapping(100)]).unwrap(), Wrapping(44));
        assert_eq!(summed::<_, Saturating<i8>>(&[Saturating(100_i8); 2]).unwrap(), Saturating(127));
    }

    #[test]
    fn a_policy_may_leave_out_the_item() {
        let run = Pipeline::new("sum", from_iter([200_u8, 100, 55])).sum::<u8>().on_error(skip(1)).run();
        let outcome = run.unwrap();
        assert_eq!(outcome.output, 255);
        assert_eq!(outcome.report.stage("sum").unwrap().skipped(), 1);
    }
}
