//! Sinks that a `tee` and a `dead_letter` take: those whose output is not lost.

use std::sync::mpsc;

use syncline::channel::to_channel;
use syncline::io::{to_csv, to_json_lines};
use syncline::policy::{Letter, dead_letter, dead_letter_by};
use syncline::sink::{BoxedSink, SideSink, count, discard_output, fold};
use syncline::{Collect, Failure, Halt, Pipeline, Sink, for_each, from_iter, pipeline};

/// A sink of one's own. The output is the number of items.
struct Lines<'a>(&'a mut String, u64);

impl Sink for Lines<'_> {
    type In = u64;
    type Output = u64;

    fn consume(&mut self, n: u64) -> Result<(), Halt> {
        self.0.push_str(&format!("{n}\n"));
        self.1 += 1;
        Ok(())
    }

    fn finish(self) -> Result<u64, Failure> {
        Ok(self.1)
    }
}

impl SideSink<u64> for Lines<'_> {}

pipeline! {
    Copies(
        copies: &mut Vec<u64>,
        csv: &mut Vec<u8>,
        json: &mut Vec<u8>,
        text: &mut String,
        sender: mpsc::Sender<u64>,
        calls: &mut u64,
    ) -> Vec<u64> {
        from_iter(1..4_u64)
            => tee(for_each(|n| { copies.push(n); Ok(()) }))
            => tee(to_csv(csv))
            => tee(to_json_lines(json))
            => tee(Lines(text, 0))
            => tee(to_channel(sender))
            => tee(for_each(|_| { *calls += 1; Ok(()) }))
            => tee(discard_output(Collect::new()))
            => tee(discard_output(count()))
            => tee(discard_output(fold(0, |sum, n: u64| sum + n)))
            => tee(discard_output(BoxedSink::new(count())))
            => tee(route([discard_output(count()), discard_output(count())], |_| 0))
            => Collect::new()
    }
}

pipeline! {
    Parsed(letters: &mut Vec<Letter<&'static str>>) -> Vec<u64> {
        from_iter(["1", "x"])
            => try_map(|text| Ok(text.parse::<u64>()?)) on_error dead_letter(for_each(|letter| { letters.push(letter); Ok(()) }))
            => try_map(|n| Ok(n)) on_error dead_letter(discard_output(Collect::new()))
            => Collect::new() on_error dead_letter(discard_output(count()))
    }
}

/// A function for any side sink.
fn lengths<K: Sink<In = usize> + SideSink<<K as Sink>::Output>>(lengths: K) -> u64 {
    Pipeline::new("lengths", from_iter(["a", "bc"])).map(str::len).tee(lengths).count().run().unwrap().output
}

fn main() {
    let mut copies = Vec::new();
    let (mut csv, mut json, mut text, mut calls) = (Vec::new(), Vec::new(), String::new(), 0);
    let (sender, receiver) = mpsc::channel();
    let numbers = Copies::run(&mut copies, &mut csv, &mut json, &mut text, sender, &mut calls);
    assert_eq!(numbers.unwrap().output, [1, 2, 3]);
    assert_eq!(copies, [1, 2, 3]);
    assert_eq!((json.as_slice(), text.as_str(), calls), (b"1\n2\n3\n".as_slice(), "1\n2\n3\n", 3));
    assert_eq!(csv, b"1\n2\n3\n");
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [1, 2, 3]);

    let mut letters = Vec::new();
    assert_eq!(Parsed::run(&mut letters).unwrap().output, [1]);
    assert_eq!(letters[0].item, "x");

    let mut put_away = Vec::new();
    let numbers = Pipeline::new("keys", from_iter(["1", "xyz"])).try_map(|text| Ok(text.parse::<u64>()?));
    let numbers = numbers.on_error(dead_letter_by(|text: &&str| text.len(), for_each(|letter: Letter<usize>| {
        put_away.push(letter);
        Ok(())
    })));
    let numbers = numbers.on_error(dead_letter(discard_output(Collect::new())));
    assert_eq!(numbers.end(Collect::new()).run().unwrap().output, [1]);
    assert_eq!(put_away[0].item, 3);

    let mut seen = Vec::new();
    assert_eq!(lengths(for_each(|length| { seen.push(length); Ok(()) })), 2);
    assert_eq!(seen, [1, 2]);
}
