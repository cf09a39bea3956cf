//! Names of earlier versions: `retired` and `renamed_from`, in the calls and in what `check` names.

use super::*;

version! { hue {
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        #[syncable(renamed_from = "colour", key = "colour")]
        pub(crate) hue: Option<String>,
        pub(crate) title: String,
    }
} }

version! { things {
    #[syncable(profile = App, model = "item", table = "things", renamed_from = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        pub(crate) colour: Option<String>,
        pub(crate) title: String,
    }
} }

version! { retired_by_key {
    #[syncable(profile = App, model = "item", partition = "{place}:items", retired("colour"))]
    Item { pub(crate) place: String, pub(crate) title: String, }
} }

version! { retired_by_column {
    #[syncable(profile = App, model = "item", partition = "{place}:items", retired("Hue"))]
    Item { pub(crate) place: String, pub(crate) title: String, }
} }

version! { misspelt {
    #[syncable(profile = App, model = "item", partition = "{place}:items", retired("color"))]
    Item { pub(crate) place: String, pub(crate) title: String, }
} }

version! { required_hue {
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        #[syncable(key = "colour")]
        pub(crate) hue: String,
        pub(crate) title: String,
    }
} }

fn has_column(database: &Database, name: &str) -> bool {
    one(database, &format!("SELECT count(*) > 0 FROM pragma_table_info('item') WHERE name = '{name}'"))
}

#[test]
fn a_retired_column_of_another_name_is_dropped_by_either_name() {
    for is_key in [true, false] {
        let mut database = database();
        database.create::<v2::App>().unwrap();
        database.create::<hue::App>().unwrap();
        // A column of the app that no version declares, with the name of the key.
        execute(&database, "ALTER TABLE item ADD COLUMN colour text");
        for again in [false, true] {
            let dropped = if is_key {
                database.drop_retired::<retired_by_key::App>()
            } else {
                database.drop_retired::<retired_by_column::App>()
            };
            assert_eq!(dropped.unwrap(), if again { vec![] } else { vec!["item.hue".to_owned()] });
            assert!(has_column(&database, "colour"), "nobody retired it");
            assert!(!has_column(&database, "hue"));
        }
    }
}

/// The call that the error names drops the column, though `retired` gives the key.
#[test]
fn a_retired_column_that_must_be_given_is_found_by_its_key() {
    let mut database = database();
    database.create::<required_hue::App>().unwrap();
    let error = refusal(database.create::<retired_by_key::App>());
    assert!(
        matches!(&error, EvolutionError::RetiredButRequired { column, .. } if column == "hue"),
        "{error}"
    );
    assert_eq!(database.drop_retired::<retired_by_key::App>().unwrap(), ["item.hue"]);
    database.create::<retired_by_key::App>().unwrap();
    execute(&database, "INSERT INTO item (place, title) VALUES ('home', 'a')");
}

#[test]
fn a_misspelt_retired_name_is_named() {
    let mut database = database();
    database.create::<misspelt::App>().unwrap();
    assert_eq!(database.check::<misspelt::App>().unwrap(), [], "in a new database no retired name is known");
    database.create::<v2::App>().unwrap();
    let found = database.check::<misspelt::App>().unwrap();
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "column `colour` of table `item` syncs in another version of the app, and model `item` does not declare it: rows that may \
             hold a value in it are not serialised; use the newer version, or declare `retired(\"colour\")`",
            "`retired(\"color\")` of model `item` names neither a column of table `item` nor a key that a version of the app declared: \
             correct the name",
        ]
    );
    assert_eq!(database.drop_retired::<misspelt::App>().unwrap(), [""; 0]);
    assert!(has_column(&database, "colour"));
}

#[test]
fn check_names_a_rename_before_create_does_it() {
    let mut database = database();
    database.create::<v2::App>().unwrap();
    let found = database.check::<hue::App>().unwrap();
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        ["column `colour` of table `item` is declared as `hue` now: `Database::create` renames it"]
    );
    database.create::<hue::App>().unwrap();
    assert_eq!(database.check::<hue::App>().unwrap(), []);
    let found = database.check::<v2::App>().unwrap();
    assert_eq!(
        found.first().map(ToString::to_string).as_deref(),
        Some("table `item` has no column `colour`"),
        "an older program does not take the name back"
    );

    let mut database = super::database();
    database.create::<v2::App>().unwrap();
    let found = database.check::<things::App>().unwrap();
    let lines: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["table `item` is declared as `things` now: `Database::create` renames it"]);
    database.create::<things::App>().unwrap();
    assert_eq!(database.check::<things::App>().unwrap(), []);
}
