//! Declarations that models of Morango need: empty partitions, fields that may be missing in templates, and source ids and
//! ids that a function of the app computes.

use std::error::Error as _;

use syncline::record::{Identity, InvalidRecord};
use syncline::sqlite::RecordError;
use syncline::{Access as _, RecordId, Syncable, profile};

use super::Scratch;

/// A user as in Morango's own tests: in the empty partition, and with an id that is a hash of the name alone.
#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(
    profile = Facilities,
    model = "user",
    partition = "",
    source_id_with = User::source_id,
    id_with = User::compute_namespaced_id
)]
struct User {
    id: RecordId,
    username: String,
}

impl User {
    fn source_id(&self) -> String {
        self.username.to_lowercase()
    }

    fn compute_namespaced_id(_partition: &str, source_id: &str) -> RecordId {
        RecordId::hash(&[source_id])
    }
}

/// A tree in the empty partition.
#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Facilities, model = "facility", partition = "", source_id = "{name}")]
struct Facility {
    id: RecordId,
    name: String,
    #[syncable(references = Facility)]
    parent_id: Option<RecordId>,
}

/// A log of a user, who must be there when it is inserted. Its source id is another system's, or random.
#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(profile = Facilities, model = "log", partition = "{user_id}:user:interaction", source_id = "{external}")]
struct Log {
    id: RecordId,
    #[syncable(references = User, on_delete = set_null)]
    user_id: Option<RecordId>,
    external: Option<String>,
}

/// A record that is in the root of the tree without an owner.
#[derive(Debug, Clone, Default, PartialEq, Syncable)]
#[syncable(
    profile = Facilities,
    model = "setting",
    partition = "{owner}:settings",
    partition_without(owner = ""),
    source_id_with = Setting::source_id
)]
struct Setting {
    id: RecordId,
    owner: Option<String>,
    name: Option<String>,
}

impl Setting {
    fn source_id(&self) -> Option<String> {
        self.name.as_deref().map(|name| name.replace(' ', "_"))
    }
}

profile! { Facilities = "facilities" { User, Facility, Log, Setting } }

fn facilities() -> Scratch {
    let mut scratch = Scratch::empty();
    scratch.database.create::<Facilities>().unwrap();
    scratch
}

/// Model, id, source id and partition of each record in the store.
fn stored(scratch: &mut Scratch) -> Vec<String> {
    scratch.database.serialize::<Facilities>().run().unwrap();
    scratch.all(
        "SELECT model_name || ' ' || id || ' ' || source_id || ' [' || partition || ']' FROM morango_store ORDER BY model_name, \
         partition, source_id",
    )
}

fn reason(error: RecordError) -> InvalidRecord {
    match error {
        RecordError::InvalidRecord { source, .. } => source,
        other => panic!("{other}: {:?}", other.source()),
    }
}

/// The ids are those of Morango's `sha2_uuid`: of `ada`, and of the empty partition, `Nairobi` and `facility`.
const ADA: &str = "fdee430d40bd57deeac186cd9790033d";
const NAIROBI: &str = "05c285b25d839e24587d47a2274f6e19";

#[test]
fn the_empty_partition() {
    let mut scratch = facilities();
    let mut nairobi = Facility { name: "Nairobi".to_owned(), ..Facility::default() };
    scratch.database.insert(&mut nairobi).unwrap();
    assert_eq!(nairobi.id.as_str(), NAIROBI);
    // The shell gets the same id.
    scratch.execute("INSERT INTO facility (name) VALUES ('Mombasa')");
    scratch.execute(&format!("UPDATE facility SET parent_id = '{NAIROBI}' WHERE name = 'Mombasa'"));
    let mombasa = RecordId::derive("", "Mombasa", "facility");
    assert_eq!(
        stored(&mut scratch),
        [format!("facility {mombasa} Mombasa []"), format!("facility {NAIROBI} Nairobi []")]
    );
    assert_eq!(scratch.database.check::<Facilities>().unwrap(), []);
    // It is in the filter of everything, and in no other.
    scratch.execute("UPDATE facility SET name = name");
    assert_eq!(scratch.database.serialize::<Facilities>().filter("a").run().unwrap().records(), 0);
    assert_eq!(scratch.database.serialize::<Facilities>().filter("").run().unwrap().records(), 2);
    // A new id is a new record in the same partition.
    let other = "b0000000000000000000000000000001";
    scratch.execute(&format!("UPDATE facility SET id = '{other}', parent_id = NULL WHERE name = 'Mombasa'"));
    assert_eq!(
        scratch.all::<String>(&format!("SELECT _morango_partition FROM facility WHERE id = '{other}'")),
        [""]
    );
    assert_eq!(scratch.listed(), [mombasa.to_string()]);
    let refused = scratch.refused("UPDATE facility SET _morango_partition = NULL");
    assert!(
        refused.contains("partition of a record are never empty") || refused.contains("NOT NULL"),
        "{refused}"
    );
}

#[test]
fn only_a_declared_partition_is_empty() {
    let mut scratch = facilities();
    let mut setting = Setting { name: Some("font size".to_owned()), ..Setting::default() };
    scratch.database.insert(&mut setting).unwrap();
    let mut owned = Setting { owner: Some("ada".to_owned()), ..setting.clone() };
    owned.id = RecordId::NEW;
    scratch.database.insert(&mut owned).unwrap();
    assert_eq!(
        stored(&mut scratch),
        [
            format!("setting {} font_size []", setting.id),
            format!("setting {} font_size [ada:settings]", owned.id)
        ]
    );
    let refused = scratch.refused("UPDATE setting SET _morango_partition = '' WHERE owner = 'ada'");
    assert!(refused.contains("are never empty"), "{refused}");
    let identity = scratch.database.identity::<Setting>(setting.id).unwrap().unwrap();
    assert_eq!(
        identity,
        Identity { id: setting.id, source_id: "font_size".to_owned(), partition: String::new() }
    );
    // A model that does not declare it has no record there.
    let nowhere = Identity { id: RecordId::random(), source_id: "s".to_owned(), partition: String::new() };
    let error = scratch.database.insert_as(&mut Log::default(), nowhere).unwrap_err();
    assert_eq!(reason(error), InvalidRecord::Empty { what: "partition" });
}

#[test]
fn a_row_of_another_program_in_the_empty_partition_is_tracked() {
    let mut scratch = Scratch::empty();
    scratch.execute(
        "CREATE TABLE facility (id TEXT PRIMARY KEY DEFAULT ('new:' || lower(hex(randomblob(16)))), name TEXT NOT NULL, \
         parent_id TEXT REFERENCES facility (id)); \
         CREATE TABLE user (id TEXT PRIMARY KEY, username TEXT NOT NULL, _morango_source_id TEXT); \
         CREATE TABLE log (id TEXT PRIMARY KEY, user_id TEXT REFERENCES user (id), external TEXT); \
         CREATE TABLE setting (id TEXT PRIMARY KEY, owner TEXT, name TEXT)",
    );
    scratch.execute(&format!("INSERT INTO facility (id, name) VALUES ('{NAIROBI}', 'Nairobi')"));
    scratch.database.track::<Facilities>().unwrap();
    scratch.execute("INSERT INTO facility (name) VALUES ('Mombasa')");
    assert_eq!(stored(&mut scratch).len(), 2);
    assert_eq!(scratch.all::<String>("SELECT DISTINCT partition FROM morango_store"), [""]);
}

#[test]
fn a_field_that_may_be_missing_is_required_by_the_partition() {
    let mut scratch = facilities();
    let mut ada = User { username: "Ada".to_owned(), ..User::default() };
    scratch.database.insert(&mut ada).unwrap();
    let error = scratch.database.insert(&mut Log::default()).unwrap_err();
    assert_eq!(reason(error), InvalidRecord::Missing { column: "user_id" });
    let refused = scratch.refused("INSERT INTO log (external) VALUES ('x')");
    assert_eq!(refused, "syncline: user_id is NULL, but the partition of a log is made of it");
    // With a partition of its own a record needs no user.
    scratch.execute(
        "INSERT INTO log (id, _morango_source_id, _morango_partition) VALUES ('b0000000000000000000000000000001', 's', 'p')",
    );
    let mut log = Log { user_id: Some(ada.id), external: Some("x".to_owned()), ..Log::default() };
    scratch.database.insert(&mut log).unwrap();
    // The user goes, the record stays where it is.
    scratch.database.delete::<User>(ada.id).unwrap();
    assert_eq!(scratch.database.get::<Log>(log.id).unwrap().unwrap().user_id, None);
    assert_eq!(
        stored(&mut scratch),
        [
            format!("log {} x [{}:user:interaction]", log.id, ada.id),
            "log b0000000000000000000000000000001 s [p]".to_owned(),
        ]
    );
}

/// Morango takes a random source id where `calculate_source_id` returns `None`.
#[test]
fn a_source_id_that_is_missing_is_random() {
    let mut scratch = facilities();
    let mut ada = User { username: "ada".to_owned(), ..User::default() };
    scratch.database.insert(&mut ada).unwrap();
    let mut named = Log { user_id: Some(ada.id), external: Some("x".to_owned()), ..Log::default() };
    scratch.database.insert(&mut named).unwrap();
    assert_eq!(named.id, RecordId::derive(&format!("{ADA}:user:interaction"), "x", "log"));
    let mut random =
        [Log { user_id: Some(ada.id), ..Log::default() }, Log { user_id: Some(ada.id), ..Log::default() }];
    for log in &mut random {
        scratch.database.insert(log).unwrap();
    }
    assert_ne!(random[0].id, random[1].id);
    scratch.execute(&format!("INSERT INTO log (user_id) VALUES ('{ADA}'), ('{ADA}')"));
    scratch.execute(&format!("INSERT INTO log (user_id, external) VALUES ('{ADA}', 'y')"));
    let wrong = scratch.all::<String>(
        "SELECT id FROM log WHERE external IS NULL AND (length(_morango_source_id) <> 32 OR _morango_source_id GLOB '*[^0-9a-f]*')",
    );
    assert_eq!(wrong, [""; 0]);
    for (id, source_id) in
        scratch.all::<String>("SELECT id || _morango_source_id FROM log").iter().map(|text| text.split_at(32))
    {
        assert_eq!(id, RecordId::derive(&format!("{ADA}:user:interaction"), source_id, "log").as_str());
    }
    // A name that comes later does not change who the record is.
    scratch.execute("UPDATE log SET external = 'later' WHERE external IS NULL");
    assert_eq!(stored(&mut scratch).len(), 7);
    // The empty text is an error, as in Morango.
    let mut empty = Log { user_id: Some(ada.id), external: Some(String::new()), ..Log::default() };
    let error = scratch.database.insert(&mut empty).unwrap_err();
    assert_eq!(reason(error), InvalidRecord::Empty { what: "source id" });
    let refused = scratch.refused(&format!("INSERT INTO log (user_id, external) VALUES ('{ADA}', '')"));
    assert!(refused.contains("are never empty"), "{refused}");
}

#[test]
fn ids_of_the_apps_functions() {
    let mut scratch = facilities();
    let mut ada = User { username: "Ada".to_owned(), ..User::default() };
    scratch.database.insert(&mut ada).unwrap();
    assert_eq!(ada.id.as_str(), ADA);
    assert_eq!(Identity::of(&ada).unwrap().source_id, "ada");
    assert_eq!(Identity::derive::<User>("", "ada").unwrap().id, ada.id);
    // The same name is the same record.
    let mut again = User { username: "ADA".to_owned(), ..User::default() };
    scratch.database.insert(&mut again).unwrap_err();
    again.id = RecordId::random();
    let error = scratch.database.insert(&mut again).unwrap_err();
    assert_eq!(reason(error), InvalidRecord::AnotherId { expected: ada.id });

    // SQL cannot call the functions.
    let refused = scratch.refused("INSERT INTO user (username) VALUES ('eve')");
    assert_eq!(
        refused,
        "syncline: a function of the app computes the source id of a user: insert the row with the app, or give it \
         _morango_source_id"
    );
    let refused = scratch.refused("INSERT INTO user (username, _morango_source_id) VALUES ('eve', 'eve')");
    assert_eq!(
        refused,
        "syncline: a function of the app computes the id of a user: insert the row with the app, or give it an id"
    );
    let eve = RecordId::hash(&["eve"]);
    scratch.execute(&format!(
        "INSERT INTO user (id, username, _morango_source_id) VALUES ('{eve}', 'Eve', 'eve')"
    ));
    assert_eq!(stored(&mut scratch), [format!("user {ADA} ada []"), format!("user {eve} eve []")]);

    // The store remembers the source id of a record that is made again.
    scratch.execute("DELETE FROM user WHERE username = 'Eve'");
    stored(&mut scratch);
    scratch.execute(&format!("INSERT INTO user (id, username) VALUES ('{eve}', 'Eve')"));
    assert_eq!(scratch.all::<String>("SELECT _morango_source_id FROM user WHERE username = 'Eve'"), ["eve"]);
    scratch.database.delete::<User>(ada.id).unwrap();
    scratch.database.insert(&mut ada).unwrap();
    assert_eq!(stored(&mut scratch).len(), 2);
}

#[test]
fn a_function_may_return_no_source_id() {
    let mut scratch = facilities();
    let mut settings = [Setting::default(), Setting::default()];
    for setting in &mut settings {
        scratch.database.insert(setting).unwrap();
    }
    assert_ne!(settings[0].id, settings[1].id);
    // SQL computes the id of a source id that it is given.
    scratch.execute("INSERT INTO setting (owner, _morango_source_id) VALUES ('ada', 'font')");
    let id = RecordId::derive("ada:settings", "font", "setting");
    assert_eq!(scratch.all::<String>("SELECT id FROM setting WHERE owner = 'ada'"), [id.to_string()]);
    assert_eq!(stored(&mut scratch).len(), 3);
}
