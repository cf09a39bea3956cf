//! The item type of a source or sink may follow only from a distant stage. A type without serde's trait is one error, at the
//! source or the sink.

use syncline::Collect;
use syncline::from_iter;
use syncline::io::{from_csv, from_json_lines, to_csv, to_json_lines};

#[derive(Debug, Clone)]
struct Note(u64);

syncline::pipeline! {
    pub Read(text: &[u8]) -> Vec<Note> {
        from_csv(text) => Collect::new()
    }
}

syncline::pipeline! {
    pub ReadInChunks(text: &[u8]) -> Vec<Vec<Note>> {
        from_json_lines(text)
            => buffer(10)
            => filter(|notes: &Vec<Note>| !notes.is_empty())
            => Collect::new()
    }
}

syncline::pipeline! {
    pub Write(notes: Vec<Note>) -> u64 {
        from_iter(notes) => to_csv(Vec::new())
    }
}

syncline::pipeline! {
    pub WriteACopy(notes: Vec<Note>) -> Vec<Note> {
        from_iter(notes)
            => tee(to_json_lines(Vec::new()))
            => buffer(10)
            => unbuffer
            => Collect::new()
    }
}

syncline::pipeline! {
    pub WriteToOne(notes: Vec<Note>) -> Vec<u64> {
        from_iter(notes) => route([to_csv(Vec::new())], |note| note.0 as usize)
    }
}

fn main() {}
