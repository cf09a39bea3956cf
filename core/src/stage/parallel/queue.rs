//! The queue of items that wait for a worker: in order, or one item of each key at a time.

use std::collections::{BTreeMap, HashMap, VecDeque};

/// The queue of items that wait for a worker. Each item has its number and the hash of its key.
pub(super) enum Queue<T> {
    /// Each worker takes the first waiting item.
    InOrder(VecDeque<(u64, T)>),
    ByKey(Lanes<T>),
}

/// A lane for each worker. The hash of a key selects its lane. At most one item of a key is taken at a time.
pub(super) struct Lanes<T> {
    /// For each lane the items that can be taken: the first of their key, if no other item of the key is taken. Numbers
    /// with keys.
    ready: Box<[BTreeMap<u64, u64>]>,
    /// The keys of waiting and taken items.
    keys: HashMap<u64, Waiting<T>>,
}

/// The waiting items of a key, in order.
struct Waiting<T> {
    items: VecDeque<(u64, T)>,
    is_taken: bool,
}

impl<T> Queue<T> {
    pub(super) fn in_order() -> Self {
        Self::InOrder(VecDeque::new())
    }

    /// Creates a queue with `lanes` lanes, at least one.
    pub(super) fn by_key(lanes: usize) -> Self {
        let ready = std::iter::repeat_with(BTreeMap::new).take(lanes.max(1)).collect();
        Self::ByKey(Lanes { ready, keys: HashMap::new() })
    }

    /// The number of lanes. Worker `n` takes from lane `n % lanes`.
    pub(super) fn lanes(&self) -> usize {
        match self {
            Self::InOrder(_) => 1,
            Self::ByKey(lanes) => lanes.ready.len(),
        }
    }

    /// The lane of a key.
    pub(super) fn lane(&self, key: u64) -> usize {
        match self {
            Self::InOrder(_) => 0,
            Self::ByKey(lanes) => lanes.lane(key),
        }
    }

    /// Adds an item behind all others.
    pub(super) fn push(&mut self, number: u64, key: u64, item: T) {
        match self {
            Self::InOrder(items) => items.push_back((number, item)),
            Self::ByKey(lanes) => lanes.push(number, key, item),
        }
    }

    /// Adds an item for another attempt, before all waiting items.
    pub(super) fn push_again(&mut self, number: u64, key: u64, item: T) {
        match self {
            Self::InOrder(items) => items.push_front((number, item)),
            Self::ByKey(lanes) => lanes.push_again(number, key, item),
        }
    }

    /// Removes the next item of a lane.
    pub(super) fn take(&mut self, lane: usize) -> Option<(u64, T)> {
        match self {
            Self::InOrder(items) => items.pop_front(),
            Self::ByKey(lanes) => lanes.take(lane),
        }
    }

    /// Releases `key`: the taken item is done, so the next item with this key can be taken.
    pub(super) fn release(&mut self, key: u64) {
        match self {
            Self::InOrder(_) => {}
            Self::ByKey(lanes) => lanes.release(key),
        }
    }

    /// Returns `true` if at most `most` items can be taken now, or if a worker has no item to take.
    pub(super) fn runs_out(&self, most: usize) -> bool {
        match self {
            Self::InOrder(items) => items.len() <= most,
            Self::ByKey(lanes) => lanes.is_a_lane_empty() || lanes.ready() <= most,
        }
    }

    /// The number of items that wait for any worker. 0 if items have keys.
    pub(super) fn in_order_len(&self) -> usize {
        match self {
            Self::InOrder(items) => items.len(),
            Self::ByKey(_) => 0,
        }
    }

    /// Moves the next `most` items to `share`, if the items have no keys.
    pub(super) fn take_several(&mut self, most: usize, share: &mut VecDeque<(u64, T)>) {
        if let Self::InOrder(items) = self {
            share.extend(items.drain(..most.min(items.len())));
        }
    }

    /// Removes all waiting items, and all keys.
    pub(super) fn take_all(&mut self) -> Self {
        let empty = match self {
            Self::InOrder(_) => Self::in_order(),
            Self::ByKey(lanes) => Self::by_key(lanes.ready.len()),
        };
        std::mem::replace(self, empty)
    }
}

impl<T> Lanes<T> {
    #[expect(clippy::cast_possible_truncation, reason = "any bits of a hash will do")]
    fn lane(&self, key: u64) -> usize {
        key as usize % self.ready.len()
    }

    fn ready(&self) -> usize {
        self.ready.iter().map(BTreeMap::len).sum()
    }

    fn is_a_lane_empty(&self) -> bool {
        self.ready.iter().any(BTreeMap::is_empty)
    }

    fn push(&mut self, number: u64, key: u64, item: T) {
        let lane = self.lane(key);
        let waiting =
            self.keys.entry(key).or_insert_with(|| Waiting { items: VecDeque::new(), is_taken: false });
        if waiting.items.is_empty() && !waiting.is_taken {
            self.ready[lane].insert(number, key);
        }
        waiting.items.push_back((number, item));
    }

    fn push_again(&mut self, number: u64, key: u64, item: T) {
        let lane = self.lane(key);
        let Some(waiting) = self.keys.get_mut(&key) else { return self.push(number, key, item) };
        waiting.items.push_front((number, item));
        waiting.is_taken = false;
        self.ready[lane].insert(number, key);
    }

    fn take(&mut self, lane: usize) -> Option<(u64, T)> {
        let (_, key) = self.ready.get_mut(lane)?.pop_first()?;
        let waiting = self.keys.get_mut(&key)?;
        waiting.is_taken = true;
        waiting.items.pop_front()
    }

    fn release(&mut self, key: u64) {
        let lane = self.lane(key);
        let Some(waiting) = self.keys.get_mut(&key) else { return };
        waiting.is_taken = false;
        match waiting.items.front() {
            Some((number, _)) => {
                self.ready[lane].insert(*number, key);
            }
            None => {
                self.keys.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Queue;

    #[test]
    fn of_a_key_one_item_at_a_time_is_taken_and_the_others_go_on() {
        let mut queue = Queue::by_key(1);
        for (number, key, item) in [(0, 7, "a0"), (1, 7, "a1"), (2, 8, "b2"), (3, 7, "a3")] {
            queue.push(number, key, item);
        }
        assert_eq!(queue.take(0), Some((0, "a0")));
        assert_eq!(queue.take(0), Some((2, "b2")));
        assert_eq!(queue.take(0), None);
        queue.release(7);
        assert_eq!(queue.take(0), Some((1, "a1")));
        // It failed, and its retry comes before the next item of its key.
        queue.push_again(1, 7, "a1 again");
        assert_eq!(queue.take(0), Some((1, "a1 again")));
        queue.release(8);
        queue.release(7);
        assert_eq!(queue.take(0), Some((3, "a3")));
        queue.release(7);
        let Queue::ByKey(lanes) = queue else { panic!("it has keys") };
        assert!(lanes.keys.is_empty(), "nothing is remembered of keys that are done");
    }

    #[test]
    fn a_key_belongs_to_one_lane_and_the_earliest_item_of_a_lane_comes_first() {
        let mut queue = Queue::by_key(2);
        for number in 0..6 {
            queue.push(number, number, ());
        }
        assert_eq!((queue.lanes(), queue.lane(3), queue.lane(4)), (2, 1, 0));
        assert!(!queue.runs_out(5) && queue.runs_out(6));
        let mut taken = |lane| std::iter::from_fn(|| queue.take(lane)).map(|(n, ())| n).collect::<Vec<_>>();
        assert_eq!((taken(1), taken(0)), (vec![1, 3, 5], vec![0, 2, 4]));
    }

    #[test]
    fn a_queue_with_keys_runs_out_when_one_worker_has_nothing_to_take() {
        let mut queue = Queue::by_key(2);
        for number in 0..9 {
            queue.push(number, 0, ());
        }
        assert!(queue.runs_out(0), "lane 1 is empty");
        queue.push(9, 1, ());
        assert!(!queue.runs_out(1) && queue.runs_out(2), "of a key one item can be taken");
    }
}
