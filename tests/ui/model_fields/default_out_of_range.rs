use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Orders, model = "order")]
struct Order {
    id: RecordId,
    #[syncable(default = 300)]
    field: u8,
}

syncline::profile! { pub Orders = "orders" { Order } }

fn main() {}
