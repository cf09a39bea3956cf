use syncline::FieldValue;

#[derive(FieldValue)]
struct Marker;

fn main() {}
