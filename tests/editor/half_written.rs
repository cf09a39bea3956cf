//! Pipelines as they are while they are being typed: for `completion.py`. It does not compile.

use syncline::{Collect, from_iter, pipeline};

pub struct Note {
    pub title: String,
    pub body: Option<String>,
    pub scroll_position: i64,
}

pipeline! {
    Titles(notes: Vec<Note>) -> Vec<String> {
        from_iter(notes)
            => filter(|note| note.body.is_some())
            => map(|note| note.)
            => Collect::new()
    }
}

pipeline! {
    Whole(notes: Vec<Note>) -> Vec<String> {
        from_iter(notes)
            => map(|note| note.title)
            => Collect::new()
    }
}

pipeline! {
    Half(notes: Vec<Note>) -> Vec<i64> {
        from_iter(notes)
            => filter(|note| note.scr)
            => map(|note| note.scroll_position)
            => Collect::new()
    }
}

fn main() {}

struct Load(String);
impl syncline::Transform for Load {
    type In = Note;
    type Out = Note;
    fn transform(&mut self, note: Note) -> Result<Option<Note>, syncline::Halt> { Ok(Some(note)) }
}
pub struct Settings { pub folder: String, pub depth: u8 }

pipeline! {
    Loaded(notes: Vec<Note>, settings: Settings) -> Vec<String> {
        from_iter(notes)
            => Load(settings.)
            => map(|note| note.title)
            => Collect::new()
    }
}

pipeline! {
    Part(): Note -> String {
        filter(|note| note.body.is_some()) => map(|page| page.)
    }
}

pipeline! {
    Filtered(notes: Vec<Note>) -> Vec<Note> {
        from_iter(notes) => filter(|draft| draft.) => Collect::new()
    }
}

pipeline! {
    Keyed(notes: Vec<Note>) -> Vec<Note> {
        from_iter(notes) => dedup(|entry| entry.) => Collect::new()
    }
}

struct Keep<T, F>(F, std::marker::PhantomData<fn(T)>);
impl<T, F: FnMut(&T) -> bool> syncline::Transform for Keep<T, F> {
    type In = T;
    type Out = T;
    fn transform(&mut self, item: T) -> Result<Option<T>, syncline::Halt> { Ok((self.0)(&item).then_some(item)) }
}
fn keep<T, F: FnMut(&T) -> bool>(passes: F) -> Keep<T, F> { Keep(passes, std::marker::PhantomData) }

pipeline! {
    Kept(notes: Vec<Note>) -> Vec<Note> {
        from_iter(notes) => keep(|kept| kept.) => Collect::new()
    }
}

pipeline! {
    Routed(notes: Vec<Note>) -> Vec<Vec<Note>> {
        from_iter(notes) => route([Collect::new(), Collect::new()], |routed| routed.)
    }
}

pipeline! {
    Merged(notes: Vec<Note>) -> Vec<Note> {
        merge([from_iter(notes), from_iter(Vec::new())], by: |merged| merged.) => Collect::new()
    }
}
