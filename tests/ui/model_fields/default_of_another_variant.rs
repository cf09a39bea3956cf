use syncline::{FieldValue, RecordId, Syncable};

#[derive(FieldValue)]
#[syncable(rename_all = "snake_case")]
enum State {
    Ordered,
    Paid,
}

#[derive(Syncable)]
#[syncable(profile = Orders, model = "order")]
struct Order {
    id: RecordId,
    #[syncable(default = "orderd")]
    state: State,
}

syncline::profile! { pub Orders = "orders" { Order } }

fn main() {}
