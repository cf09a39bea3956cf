use syncline::FieldValue;

#[derive(FieldValue)]
enum Nothing {}

fn main() {}
