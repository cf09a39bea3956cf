use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Users, model = "user", partition = "", source_id_with = User::number)]
struct User {
    id: RecordId,
    number: u32,
}

impl User {
    fn number(&self) -> u32 {
        self.number
    }
}

syncline::profile! { pub Users = "users" { User } }

fn main() {}
