use syncline::FieldValue;

#[derive(FieldValue)]
enum Shape {
    Point,
    Circle(f64),
    Square { side: f64 },
}

fn main() {}
