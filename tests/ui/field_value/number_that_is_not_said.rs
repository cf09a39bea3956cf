use syncline::FieldValue;

#[derive(FieldValue)]
#[syncable(integer)]
enum Urgency {
    Someday = 1,
    Now,
}

fn main() {}
