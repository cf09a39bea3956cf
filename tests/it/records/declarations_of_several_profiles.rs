//! One struct under different profiles in different databases.

use syncline::sqlite::SchemaError;
use syncline::{Access as _, Profile as _, RecordId, Syncable, profile};

use super::Scratch;

#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile(School, Home), model = "book", partition = "books", source_id = "{title}")]
struct Book {
    id: RecordId,
    title: String,
}

/// A model of one of the two, with references to the shared one.
#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Home, model = "loan", partition = "loans")]
struct Loan {
    id: RecordId,
    #[syncable(references = Book, on_delete = cascade)]
    book_id: RecordId,
}

profile! { School = "school" { Book } }
profile! { Home = "home" { Book, Loan } }

#[test]
fn each_database_has_its_profile() {
    let (mut school, mut home) = (Scratch::empty(), Scratch::empty());
    school.database.create::<School>().unwrap();
    home.database.create::<Home>().unwrap();
    assert_eq!(Book::PROFILES, [School::NAME, Home::NAME]);
    for scratch in [&school, &home] {
        let mut book = Book { title: "Rye".to_owned(), ..Book::default() };
        scratch.database.insert(&mut book).unwrap();
        let mut other = Book { title: "Bread".to_owned(), ..Book::default() };
        scratch.database.insert(&mut other).unwrap();
    }
    let rye = RecordId::derive("books", "Rye", "book");
    let bread = RecordId::derive("books", "Bread", "book");
    home.database.insert(&mut Loan { book_id: bread, ..Loan::default() }).unwrap();
    assert_eq!(school.database.serialize::<School>().run().unwrap().records(), 2);
    assert_eq!(home.database.serialize::<Home>().run().unwrap().records(), 3);
    for (scratch, profile) in [(&school, "school"), (&home, "home")] {
        assert_eq!(scratch.all::<String>("SELECT DISTINCT profile FROM morango_store"), [profile]);
        // Deletions are listed for the profile of the database.
        scratch.database.delete::<Book>(rye).unwrap();
        scratch.database.hard_delete::<Book>(bread).unwrap();
        for table in ["morango_deletedmodels", "morango_harddeletedmodels"] {
            assert_eq!(
                scratch.all::<String>(&format!("SELECT DISTINCT profile FROM {table}")),
                [profile],
                "{table}"
            );
        }
        // The store knows who the record was.
        let mut again = Book { id: rye, title: "Rye".to_owned() };
        scratch.database.insert(&mut again).unwrap();
    }
    assert_eq!(home.all::<i64>("SELECT count(*) FROM morango_harddeletedmodels"), [2], "a book and its loan");
    let serialized = school.database.serialize::<School>().run().unwrap();
    assert_eq!((serialized.records(), serialized.hard_deleted), (1, 1));
    let serialized = home.database.serialize::<Home>().run().unwrap();
    assert_eq!((serialized.records(), serialized.hard_deleted), (1, 2));
}

#[test]
fn one_table_is_of_one_profile() {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Home>().unwrap();
    let before: Vec<String> =
        scratch.all("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
    for error in
        [scratch.database.create::<School>().unwrap_err(), scratch.database.track::<School>().unwrap_err()]
    {
        assert!(
            matches!(&error, SchemaError::TwoProfiles { table, tracked, profile: "school" } if table == "book" && tracked == "home")
        );
        assert_eq!(
            error.to_string(),
            "table `book` syncs in the profile `home`, so it cannot sync in `school` as well: a row has one dirty bit; use a \
             database for each profile, or a table for each"
        );
    }
    assert_eq!(
        scratch.all::<String>("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"),
        before
    );
    scratch.database.create::<Home>().unwrap();
}

mod quoted {
    use super::*;

    #[derive(Debug, Clone, Default, PartialEq, Syncable)]
    #[syncable(profile(Ours, Theirs), model = "cup", table = "it's a \"cup\"", partition = "all")]
    struct Cup {
        id: RecordId,
    }

    profile! { Ours = "ours, 'or not')" { Cup } }
    profile! { Theirs = "theirs" { Cup } }

    #[test]
    fn names_with_quotes() {
        let mut scratch = Scratch::empty();
        scratch.database.create::<Ours>().unwrap();
        scratch.database.create::<Ours>().unwrap();
        assert!(matches!(scratch.database.create::<Theirs>(), Err(SchemaError::TwoProfiles { .. })));
    }
}
