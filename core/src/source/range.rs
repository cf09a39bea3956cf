//! Ranges of integers as sources.

use std::ops::Range;

use crate::emit::Emit;
use crate::error::Halt;
use crate::source::{Progress, Source};

macro_rules! ranges {
    ($($integer:ty),*) => {$(
        /// A source of the integers of the range. It is faster than [`from_iter`](crate::from_iter), which has to count
        /// the items of a chunk.
        impl Source for Range<$integer> {
            type Item = $integer;

            #[inline]
            fn advance(&mut self, out: &mut impl Emit<$integer>) -> Result<Progress, Halt> {
                let most = <$integer>::try_from(out.chunk()).unwrap_or(<$integer>::MAX);
                let next = self.start.saturating_add(most).min(self.end);
                out.emit_all(std::mem::replace(&mut self.start, next)..next)?;
                Ok(if next < self.end { Progress::More } else { Progress::Done })
            }

            fn remaining(&self) -> Option<u64> {
                let (least, most) = self.size_hint();
                (most == Some(least)).then_some(least as u64)
            }

            fn name(&self) -> &'static str {
                "range"
            }
        }
    )*};
}

ranges!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

#[cfg(test)]
mod tests {
    use crate::{Collect, Pipeline};

    #[test]
    fn all_integers_and_no_more() {
        for n in [0, 1, 255, 256, 257, 1000] {
            let outcome = Pipeline::new("range", 0..n).end(Collect::new()).run().unwrap();
            assert_eq!(outcome.output, (0..n).collect::<Vec<_>>());
        }
    }

    #[test]
    fn up_to_the_largest_and_from_the_smallest() {
        let all = Pipeline::new("range", i8::MIN..i8::MAX).end(Collect::new()).run().unwrap().output;
        assert_eq!(all, (i8::MIN..i8::MAX).collect::<Vec<_>>());
        let last = Pipeline::new("range", u64::MAX - 300..u64::MAX).end(Collect::new()).run().unwrap().output;
        assert_eq!(last, (u64::MAX - 300..u64::MAX).collect::<Vec<_>>());
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "that is what is tried")]
    fn backwards_is_empty() {
        assert_eq!(Pipeline::new("range", 5..3).end(Collect::new()).run().unwrap().output, [0_i32; 0]);
    }
}
