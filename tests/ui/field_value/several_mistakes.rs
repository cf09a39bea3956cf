use syncline::FieldValue;

#[derive(FieldValue)]
#[syncable(integer, colour)]
enum Urgency {
    Someday,
    Soon,
    #[syncable(value = "now")]
    Now = 5,
}

/// What is wrong with a type is said once, wherever it is used.
fn _stored(urgency: &Urgency) -> bool {
    urgency.to_column().is_ok()
}

fn main() {}
