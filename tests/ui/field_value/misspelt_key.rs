use syncline::FieldValue;

#[derive(FieldValue)]
#[syncable(rename_al = "lowercase")]
enum State {
    Open,
    #[syncable(valeu = "done")]
    Done,
}

fn main() {}
