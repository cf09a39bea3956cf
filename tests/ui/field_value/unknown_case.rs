use syncline::FieldValue;

#[derive(FieldValue)]
#[syncable(rename_all = "Title Case")]
enum State {
    Open,
}

fn main() {}
