use syncline::Syncable;

#[derive(Syncable)]
#[syncable(model = "", colour = "red")]
struct Note {
    id: String,
    #[syncable(local, key = "scroll")]
    scroll_position: i64,
    _morango_dirty_bit: bool,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
