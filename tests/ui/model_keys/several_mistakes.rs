use syncline::{RecordId, Syncable};

#[derive(Syncable)]
#[syncable(profil = Notes, model = 5, table, discriminator(colour = "red"))]
struct Note {
    id: RecordId,
    #[syncable(referneces = Notebook)]
    notebook_id: RecordId,
}

syncline::profile! { pub Notes = "notes" { Note } }

fn main() {}
