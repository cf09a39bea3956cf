use syncline::FieldValue;

#[derive(FieldValue)]
#[syncable(integer, colour)]
enum Urgency {
    Someday,
    Soon,
    #[syncable(value = "now")]
    Now = 5,
}

/// Uses of a wrong type cause no further errors.
fn _stored(urgency: &Urgency) -> bool {
    urgency.to_column().is_ok()
}

fn main() {}
