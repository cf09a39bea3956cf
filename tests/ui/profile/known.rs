use syncline::{RecordId, Syncable, profile};

#[derive(Syncable)]
#[syncable(profile = Empty, model = "empty")]
struct OfEmpty {
    id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile = Word, model = "word")]
struct OfWord {
    id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile = Value, model = "value")]
struct OfValue {
    id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile = Text, model = "text")]
struct OfText {
    id: RecordId,
}

#[derive(Syncable)]
#[syncable(profile = Twice, model = "twice")]
struct OfTwice {
    id: RecordId,
}

profile! { Empty = "empty" () { OfEmpty } }
profile! { Word = "word" (schema = SCHEMA) { OfWord } }
profile! { Value = "value" (known) { OfValue } }
profile! { Text = "text" (known = "0.19") { OfText } }
profile! { Twice = "twice" (known = SCHEMA, known = SCHEMA) { OfTwice } }

fn main() {}
