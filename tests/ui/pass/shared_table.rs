//! Several models on one table with a discriminator column, and references between them.

use syncline::{Profile, RecordId, Syncable, profile};

#[derive(Syncable)]
#[syncable(profile = Schools, model = "classroom", table = "collection", discriminator(level = "classroom"))]
#[allow(dead_code)]
struct Classroom {
    id: RecordId,
    #[syncable(self_reference, references = Facility)]
    parent_id: RecordId,
    #[syncable(column = "kind")]
    level: String,
}

#[derive(Syncable)]
#[syncable(profile = Schools, model = "facility", table = "collection", discriminator(level = "facility"))]
#[allow(dead_code)]
struct Facility {
    id: RecordId,
    #[syncable(self_reference)]
    parent_id: Option<RecordId>,
    #[syncable(column = "kind")]
    level: String,
}

#[derive(Syncable)]
#[syncable(profile = Schools, model = "membership", depends_on(Role), partition = "{member_id|nobody}:all")]
#[allow(dead_code)]
struct Membership {
    id: RecordId,
    #[syncable(references(Facility, Classroom))]
    collection_id: RecordId,
    member_id: Option<RecordId>,
}

#[derive(Syncable)]
#[syncable(profile = Schools, model = "role")]
#[allow(dead_code)]
struct Role {
    id: RecordId,
}

profile! {
    Schools = "schools" { Membership, Classroom, Role, Facility }
}

fn main() {
    let names: Vec<_> = Schools::MODELS.iter().map(|model| model.name).collect();
    assert_eq!(names, ["role", "facility", "classroom", "membership"]);
    assert_eq!(Classroom::MODEL.discriminator.unwrap().column, "kind");
    assert_eq!(Classroom::MODEL.self_reference, Some(3));
    assert_eq!(Membership::MODEL.dependencies, ["facility", "classroom", "role"]);
}
