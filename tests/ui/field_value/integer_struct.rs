use syncline::FieldValue;

#[derive(FieldValue)]
#[syncable(integer)]
struct Count(i64);

fn main() {}
