#![deny(warnings)]
#[derive(Debug, Clone, Copy, PartialEq, syncline::FieldValue)]
pub enum State {
    Todo,
    #[deprecated]
    Waiting,
}
fn main() {}
