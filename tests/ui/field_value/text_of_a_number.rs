use syncline::FieldValue;

#[derive(FieldValue)]
#[syncable(integer)]
enum Urgency {
    #[syncable(value = "now")]
    Now = 5,
}

fn main() {}
