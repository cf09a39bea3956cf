use syncline::FieldValue;

#[derive(FieldValue)]
#[syncable(integer, rename_all = "lowercase")]
enum Urgency {
    Now = 5,
}

fn main() {}
