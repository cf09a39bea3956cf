use syncline::FieldValue;

#[derive(FieldValue)]
union Bits {
    integer: i64,
    real: f64,
}

fn main() {}
