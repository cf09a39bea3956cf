use syncline::FieldValue;

#[derive(FieldValue)]
#[syncable(rename_all = "lowercase")]
enum State {
    Open,
    Done,
    #[syncable(value = "open")]
    Reopened,
}

fn main() {}
