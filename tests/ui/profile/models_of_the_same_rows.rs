use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profile = Schools, model = "classroom", table = "collection", discriminator(kind = "group"))]
struct Classroom {
    id: RecordId,
    kind: String,
}

#[derive(Syncable)]
#[syncable(profile = Schools, model = "group", table = "collection", discriminator(kind = "group"))]
struct Group {
    id: RecordId,
    kind: String,
}

#[derive(Syncable)]
#[syncable(profile = Schools, model = "facility", table = "facilities", discriminator(kind = "facility"))]
struct Facility {
    id: RecordId,
    kind: String,
}

#[derive(Syncable)]
#[syncable(profile = Schools, model = "place", table = "facilities")]
struct Place {
    id: RecordId,
}

syncline::profile! {
    pub Schools = "schools" { Classroom, Group, Facility, Place }
}

fn main() {}
