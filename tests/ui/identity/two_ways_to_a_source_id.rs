use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(
    profile = Users,
    model = "user",
    partition = "",
    source_id = "{id}",
    source_id_with = User::source_id,
    id_with = User::compute_id
)]
struct User {
    id: RecordId,
}

syncline::profile! { pub Users = "users" { User } }

fn main() {}
