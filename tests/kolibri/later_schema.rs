//! The database of a later Kolibri than the models were written for.

use syncline::Database;
use syncline::sqlite::EvolutionError;
use syncline_kolibri::models::FacilityData;

use crate::fixtures::Scratch;
use crate::program::{message, run, text};

const DIRTY: &str = "SELECT count(*) FROM kolibriauth_facilityuser WHERE _morango_dirty_bit";

/// The database, and the dirty users in it.
fn later() -> (Scratch, i64) {
    let scratch = Scratch::of("kolibri-30-serialized");
    scratch.execute(include_str!("later-column.sql"));
    let dirty = scratch.one(DIRTY);
    assert!(dirty > 0, "the later column has changed in every user");
    (scratch, dirty)
}

/// The reason for which a run is refused.
#[track_caller]
fn refusal(scratch: &Scratch) -> String {
    let mut database = Database::open(scratch.path()).unwrap();
    database.serialize::<FacilityData>().run().unwrap_err().to_string()
}

/// Reported for another tool as learningequality/kolibri#6190.
#[test]
fn a_later_migration_and_its_column_are_named_and_nothing_is_cleaned() {
    let (scratch, dirty) = later();
    let schema: Vec<String> = scratch.all("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY 1");
    let error = refusal(&scratch);
    assert!(error.contains("the migration `0099_picture_choice` of `kolibriauth`"), "{error}");
    assert!(error.contains("Kolibri 0.19.5"), "{error}");
    assert_eq!(scratch.one::<i64>(DIRTY), dirty);

    let database = Database::open(scratch.path()).unwrap();
    let differences: Vec<_> =
        database.check::<FacilityData>().unwrap().iter().map(ToString::to_string).collect();
    let [migration, column] = &*differences else { panic!("{differences:?}") };
    assert!(migration.contains("migration `0099_picture_choice` of `kolibriauth`"), "{migration}");
    assert!(column.contains("column `picture_choice` of table `kolibriauth_facilityuser`"), "{column}");
    assert_eq!(
        scratch.all::<String>("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY 1"),
        schema
    );
}

/// The column may come without its migration, by a plugin or by hand.
#[test]
fn a_later_column_alone_is_named() {
    let (scratch, dirty) = later();
    scratch.execute("DELETE FROM django_migrations WHERE name = '0099_picture_choice'");
    let error = refusal(&scratch);
    assert!(error.contains("table `kolibriauth_facilityuser` has a column `picture_choice`"), "{error}");
    assert_eq!(scratch.one::<i64>(DIRTY), dirty);
}

/// A migration may change values without a new column.
#[test]
fn a_later_migration_alone_is_named() {
    let scratch = Scratch::of("kolibri-30");
    scratch.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('exams', '0099_x', '2027-01-01')",
    );
    let mut database = Database::open(scratch.path()).unwrap();
    let error = database.serialize::<FacilityData>().run().unwrap_err();
    let syncline::sqlite::RunError::Schema(syncline::sqlite::SchemaError::Evolution(error)) = error else {
        panic!("{error}")
    };
    assert!(matches!(&error, EvolutionError::UnknownMigration { app, .. } if app == "exams"), "{error}");
}

#[test]
fn migrations_of_apps_that_do_not_sync_and_fewer_migrations_are_no_reason() {
    let scratch = Scratch::of("kolibri-30");
    scratch.execute(
        "INSERT INTO django_migrations (app, name, applied) VALUES ('content', '0099_x', '2027-01-01'); \
         DELETE FROM django_migrations WHERE app = 'bookmarks'; \
         ALTER TABLE content_channelmetadata ADD COLUMN extra text",
    );
    let mut database = Database::open(scratch.path()).unwrap();
    assert_eq!(database.check::<FacilityData>().unwrap(), []);
    assert!(database.serialize::<FacilityData>().run().unwrap().created > 0);
}

#[test]
fn a_later_schema_can_be_accepted() {
    let (scratch, dirty) = later();
    let mut database = Database::open(scratch.path()).unwrap();
    let done = database.serialize::<FacilityData>().accept_later_schema().run().unwrap();
    assert_eq!(i64::try_from(done.updated).unwrap(), dirty);
    assert_eq!(scratch.one::<i64>(DIRTY), 0);
}

/// The values of the unknown column stay as they are.
#[test]
fn received_records_are_written_into_a_later_schema_only_if_it_is_accepted() {
    let (scratch, _) = later();
    let mut database = Database::open(scratch.path()).unwrap();
    database.serialize::<FacilityData>().accept_later_schema().run().unwrap();
    database.close().unwrap();
    scratch.execute("UPDATE morango_store SET dirty_bit = 1 WHERE model_name = 'facilityuser'");
    let pictures = "SELECT group_concat(coalesce(picture_choice, '-')) FROM kolibriauth_facilityuser";
    let before: String = scratch.one(pictures);
    let deserialize =
        |arguments: &[&str]| run([&["deserialize", scratch.path().to_str().unwrap()], arguments].concat());
    let refused = message(&deserialize(&[]));
    assert!(refused.contains("the migration `0099_picture_choice` of `kolibriauth`"), "{refused}");
    let output = deserialize(&["--accept-later-schema"]);
    assert!(text(&output.stdout).contains("(0 created, 31 updated), 0 deleted, 0 failed\n"), "{output:?}");
    assert_eq!(scratch.one::<String>(pictures), before);
}
