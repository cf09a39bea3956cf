use syncline::FieldValue;

#[derive(FieldValue)]
struct Tags(Vec<String>);

fn main() {}
