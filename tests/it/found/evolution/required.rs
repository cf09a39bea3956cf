//! A field that is no longer an `Option`.

use super::*;

version! { required {
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        pub(crate) colour: String,
        pub(crate) title: String,
    }
} }

version! { with_default {
    #[syncable(profile = App, model = "item", partition = "{place}:items")]
    Item {
        pub(crate) place: String,
        #[syncable(default = "grey")]
        pub(crate) colour: String,
        pub(crate) title: String,
    }
} }

/// One table for two models, of which only one has a colour.
macro_rules! of_two_models {
    ($name:ident { $($colour:tt)* }) => {
        version! { $name {
            #[syncable(profile = App, model = "item", discriminator(kind = "item"), partition = "all")]
            Item { pub(crate) kind: String, $($colour)*, pub(crate) title: String, }
            #[syncable(profile = App, model = "note", table = "item", discriminator(kind = "note"), partition = "all")]
            Note { pub(crate) kind: String, pub(crate) title: String, }
        } }
    };
}

of_two_models! { shared { pub(crate) colour: Option<String> } }
of_two_models! { shared_with_default { #[syncable(default = "grey")] pub(crate) colour: String } }

/// A database of the second version with one item.
fn with_item(colour: &str) -> Database {
    let mut database = database();
    database.create::<v2::App>().unwrap();
    execute(&database, &format!("INSERT INTO item (place, title, colour) VALUES ('home', 'a', {colour})"));
    database.serialize::<v2::App>().run().unwrap();
    database
}

/// The triggers refuse `NULL` from then on. The column itself is made again by `rebuild` alone.
#[test]
fn without_null_it_is_followed_at_once() {
    let mut database = with_item("'red'");
    database.create::<required::App>().unwrap();
    let error = database
        .connection()
        .execute("INSERT INTO item (place, title) VALUES ('home', 'b')", [])
        .unwrap_err();
    assert!(error.to_string().contains("colour"), "{error}");
    let lines: Vec<_> = database.check::<required::App>().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["column `colour` of table `item` may be NULL, and its field is no Option"]);
    assert_eq!(database.rebuild::<required::App>().unwrap(), ["item"]);
    assert_eq!(database.check::<required::App>().unwrap(), []);
    assert_eq!(dirty(&database), [""; 0]);
}

#[test]
fn rows_with_null_are_refused_and_the_call_that_fills_them_is_named() {
    let mut database = with_item("NULL");
    let error = refusal(database.create::<with_default::App>());
    assert_eq!(
        error.to_string(),
        "1 row holds NULL in column `colour` of table `item`, whose field is no longer an Option: call `Database::rebuild` once, which \
         fills in the default 'grey', or change the rows before, by the older version or by SQL"
    );
    assert_eq!(database.check::<v2::App>().unwrap(), [], "nothing was changed");
    assert_eq!(database.rebuild::<with_default::App>().unwrap(), ["item"]);
    assert_eq!(one::<String>(&database, "SELECT colour FROM item"), "grey");

    let mut database = with_item("NULL");
    let error = refusal(database.create::<required::App>());
    assert!(matches!(&error, EvolutionError::Null { rows: 1, default: None, .. }), "{error}");
    assert!(
        error
            .to_string()
            .ends_with("no longer an Option: change the rows before, by the older version or by SQL"),
        "{error}"
    );
    let error = refusal(database.rebuild::<required::App>());
    assert!(matches!(&error, EvolutionError::CannotRebuild { .. }), "{error}");
}

/// In a table of several models the column stays one that may be `NULL`, so no call fills it in.
#[test]
fn in_a_table_of_several_models_the_rows_are_changed_by_sql() {
    let mut database = database();
    database.create::<shared::App>().unwrap();
    execute(&database, "INSERT INTO item (kind, title) VALUES ('item', 'a'), ('note', 'b')");
    let error = refusal(database.create::<shared_with_default::App>());
    assert!(matches!(&error, EvolutionError::Null { rows: 1, default: None, .. }), "{error}");
    execute(&database, "UPDATE item SET colour = 'red' WHERE kind = 'item'");
    database.create::<shared_with_default::App>().unwrap();
    assert_eq!(database.serialize::<shared_with_default::App>().run().unwrap().created, 2);
}
