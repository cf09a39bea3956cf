use syncline::FieldValue;

#[derive(FieldValue)]
struct Point {
    x: f64,
    y: f64,
}

fn main() {}
