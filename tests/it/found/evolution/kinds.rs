//! Other ways in which a program is older than its database: by a model, by a choice, by a field that is local.

use super::*;

/// A version with tags, in a table of their own.
mod with_tags {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = App, model = "tag", partition = "tags")]
    pub(crate) struct Tag {
        pub(crate) id: RecordId,
        pub(crate) title: String,
    }

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    pub(crate) struct Thing {
        pub(crate) id: RecordId,
        pub(crate) place: String,
        pub(crate) title: String,
    }

    profile! { pub(crate) App = "app" { Thing, Tag } }
}

/// A program without a model leaves its rows dirty, and says so.
#[test]
fn older_by_a_model() {
    let mut database = database();
    database.create::<with_tags::App>().unwrap();
    database.insert(&mut with_tags::Tag { title: "new".into(), ..Default::default() }).unwrap();
    database.create::<v1::App>().unwrap();
    let done = database.serialize::<v1::App>().run().unwrap();
    let [left] = &*done.held_back else { panic!("{done}") };
    assert_eq!((&*left.model, left.columns.len(), left.rows), ("tag", 0, 1));

    let status = database.status::<v1::App>().unwrap();
    let tags = status.iter().find(|model| model.model == "tag").unwrap();
    assert_eq!((tags.is_declared, tags.rows, tags.dirty, tags.stored), (false, 1, 1, 0));
    let differences = database.check::<v1::App>().unwrap();
    assert!(differences[0].to_string().starts_with("model `tag` of table `tag`"), "{differences:?}");
    assert_eq!(database.serialize::<with_tags::App>().run().unwrap().created, 1);
}

/// A record of an unknown model that was deleted and made again is alive, whoever serialises the list of deletions.
#[test]
fn a_record_of_an_unknown_model_that_was_made_again_stays_alive() {
    let mut database = database();
    database.create::<with_tags::App>().unwrap();
    let mut tag = with_tags::Tag { title: "x".into(), ..Default::default() };
    database.insert(&mut tag).unwrap();
    database.serialize::<with_tags::App>().run().unwrap();
    database.delete::<with_tags::Tag>(tag.id).unwrap();
    database.insert(&mut tag).unwrap();
    assert_eq!(database.serialize::<v1::App>().run().unwrap().deleted, 0);
    database.serialize::<with_tags::App>().run().unwrap();
    assert!(!one::<bool>(&database, "SELECT deleted FROM morango_store"));
}

/// One table for two models.
mod folders {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = Files, model = "folder", table = "entry", discriminator(kind = "folder"), partition = "all")]
    pub(crate) struct Folder {
        pub(crate) id: RecordId,
        pub(crate) kind: String,
        pub(crate) title: String,
    }

    profile! { pub(crate) Files = "files" { Folder } }
}

mod folders_and_files {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = Files, model = "folder", table = "entry", discriminator(kind = "folder"), partition = "all")]
    pub(crate) struct Folder {
        pub(crate) id: RecordId,
        pub(crate) kind: String,
        pub(crate) title: String,
    }

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = Files, model = "file", table = "entry", discriminator(kind = "file"), partition = "all")]
    pub(crate) struct File {
        pub(crate) id: RecordId,
        pub(crate) kind: String,
        pub(crate) title: String,
        pub(crate) size: Option<i64>,
    }

    profile! { pub(crate) Files = "files" { Folder, File } }
}

/// The triggers of a shared table are those of the version that knows all of its models.
#[test]
fn older_by_a_model_of_a_shared_table() {
    let mut database = database();
    database.create::<folders_and_files::Files>().unwrap();
    database.create::<folders::Files>().unwrap();
    execute(
        &database,
        "INSERT INTO entry (kind, title, size) VALUES ('file', 'f', 1), ('folder', 'd', NULL)",
    );
    let done = database.serialize::<folders::Files>().run().unwrap();
    assert_eq!((done.created, done.held_back[0].rows), (1, 1));
    assert_eq!(&*done.held_back[0].model, "file");
    let done = database.serialize::<folders_and_files::Files>().run().unwrap();
    assert_eq!(done.created, 1);
    execute(&database, "UPDATE entry SET size = 2 WHERE kind = 'file'");
    assert_eq!(database.serialize::<folders_and_files::Files>().run().unwrap().updated, 1);

    execute(&database, "DROP TRIGGER syncline_entry_updated");
    let error = refusal(database.create::<folders::Files>());
    assert!(matches!(&error, EvolutionError::SharedTable { model, .. } if model == "file"), "{error}");
    database.create::<folders_and_files::Files>().unwrap();
    database.create::<folders::Files>().unwrap();
}

/// The colour of the first version stays on the machine, and syncs from the second.
mod local_colour {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    pub(crate) struct Item {
        pub(crate) id: RecordId,
        pub(crate) place: String,
        #[syncable(local)]
        pub(crate) colour: Option<String>,
        pub(crate) title: String,
    }

    profile! { pub(crate) App = "app" { Item } }
}

/// A program in which the field is local is the older one, if the field has synced.
#[test]
fn older_by_a_field_that_is_local() {
    let mut database = database();
    database.create::<local_colour::App>().unwrap();
    execute(&database, "INSERT INTO item (place, title, colour) VALUES ('home', 'a', 'red')");
    assert_eq!(database.serialize::<local_colour::App>().run().unwrap().created, 1);
    assert_eq!(stored(&database, "a", "colour"), None);

    database.create::<v2::App>().unwrap();
    execute(&database, "UPDATE item SET colour = 'green'");
    let done = database.serialize::<local_colour::App>().run().unwrap();
    assert_eq!((done.records(), &*done.held_back[0].columns), (0, &["colour".to_owned()][..]));
    assert_eq!(database.serialize::<v2::App>().run().unwrap().updated, 1);
    assert_eq!(stored(&database, "a", "colour").as_deref(), Some("green"));
}

mod states {
    use super::*;
    use syncline::FieldValue;

    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FieldValue)]
    pub(crate) enum Two {
        #[default]
        Open,
        Done,
    }

    #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FieldValue)]
    pub(crate) enum Three {
        #[default]
        Open,
        Done,
        Dropped,
    }

    pub(crate) mod older {
        use super::*;

        #[derive(Debug, Clone, Default, PartialEq, Syncable)]
        #[syncable(profile = App, model = "item", partition = "all")]
        pub(crate) struct Item {
            pub(crate) id: RecordId,
            pub(crate) title: String,
            pub(crate) state: Two,
        }

        profile! { pub(crate) App = "app" { Item } }
    }

    pub(crate) mod newer {
        use super::*;

        #[derive(Debug, Clone, Default, PartialEq, Syncable)]
        #[syncable(profile = App, model = "item", partition = "all")]
        pub(crate) struct Item {
            pub(crate) id: RecordId,
            pub(crate) title: String,
            pub(crate) state: Three,
        }

        profile! { pub(crate) App = "app" { Item } }
    }
}

/// A value of a choice that the older program does not know goes into the store as it is.
#[test]
fn older_by_a_choice() {
    let mut database = database();
    database.create::<states::newer::App>().unwrap();
    let state = states::Three::Dropped;
    database.insert(&mut states::newer::Item { title: "a".into(), state, ..Default::default() }).unwrap();
    let done = database.serialize::<states::older::App>().run().unwrap();
    assert_eq!((done.created, done.held_back), (1, vec![]));
    assert_eq!(stored(&database, "a", "state"), one(&database, "SELECT state FROM item"));
}
