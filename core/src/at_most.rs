//! The next items of an iterator, and no more than so many.

/// The next items of an iterator: as many as are `left`, if it has them.
///
/// [`Iterator::take`] does not tell how many are left, and takes more instructions where items are taken by
/// `try_for_each`.
pub(crate) struct AtMost<'a, I> {
    pub(crate) items: I,
    pub(crate) left: &'a mut usize,
}

impl<I: Iterator> Iterator for AtMost<'_, I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        if *self.left == 0 {
            return None;
        }
        let item = self.items.next()?;
        *self.left -= 1;
        Some(item)
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let (least, most) = self.items.size_hint();
        (least.min(*self.left), Some(most.map_or(*self.left, |most| most.min(*self.left))))
    }
}
