//! The rules of fields: what a received value becomes, and the texts of refusals.

use syncline::received::{ExceptionClass, FieldFault, parse};
use syncline::value::StoredValue;
use syncline::{Access as _, Database, FieldValue, JsonText, RecordId, Syncable, SyncableFields, profile};

profile!(Garden = "garden" { Plot, Plant });

#[derive(Debug, Clone, Copy, PartialEq, FieldValue)]
#[syncable(rename_all = "lowercase")]
enum Light {
    Sun,
    Shade,
}

#[derive(Debug, Syncable)]
#[syncable(profile = Garden, model = "plot", partition = "{id}")]
struct Plot {
    id: RecordId,
    name: String,
    size: Option<f64>,
    is_open: bool,
    tags: JsonText,
    light: Light,
    #[syncable(default = "it's")]
    note: String,
}

/// As Django's fields, which refuse missing values by default.
#[derive(Debug, Syncable)]
#[syncable(
    profile = Garden, model = "plant", partition = "{plot_id}", blank = false, unique(plot_id, name),
    validate = check_plant, verbose = "green plant"
)]
struct Plant {
    id: RecordId,
    #[syncable(references = Plot, on_delete = cascade, verbose = "bed")]
    plot_id: RecordId,
    #[syncable(references = Plot)]
    moved_to_id: Option<RecordId>,
    #[syncable(max_length = 5, validate = check_name)]
    name: String,
    #[syncable(min = 0, max = 1.01)]
    height: f64,
    #[syncable(min = -2, max = 3)]
    rating: Option<i64>,
    #[syncable(choices("LOW", "HIGH"), blank)]
    water: String,
    #[syncable(choices(1, -1), editable = false)]
    mood: Option<i32>,
    #[syncable(blank)]
    count: Option<i64>,
    #[syncable(choices("SAND", "CLAY"), blank, default = "")]
    soil: String,
    #[syncable(default = "{}")]
    seeds: JsonText,
    #[syncable(blank)]
    origin: JsonText,
    is_edible: Option<bool>,
    #[syncable(unique)]
    code: JsonText,
    #[syncable(flatten)]
    dates: Dates,
}

#[derive(Debug, SyncableFields)]
#[syncable(blank = false)]
struct Dates {
    #[syncable(max_length = 4)]
    planted: String,
    #[syncable(blank)]
    moved: Option<uuid::Uuid>,
}

fn check_name(name: &str) -> Result<(), Vec<String>> {
    if name.starts_with('x') { Err(vec!["First.".to_owned(), "It's second.".to_owned()]) } else { Ok(()) }
}

fn check_plant(plant: &Plant) -> Result<(), &'static str> {
    if plant.height > 1.0 && plant.rating.is_none() { Err("A tall plant has a rating.") } else { Ok(()) }
}

fn receive<M: Syncable>(key: &str, json: Option<&str>) -> Result<StoredValue<'static>, FieldFault> {
    let index = M::MODEL.columns.iter().position(|column| column.key == key).unwrap();
    let value = json.map(|json| parse(json).unwrap());
    M::receive(index, value.as_ref())
}

#[track_caller]
fn check<M: Syncable>(key: &str, json: &str, expected: StoredValue<'static>) {
    assert_eq!(receive::<M>(key, Some(json)), Ok(expected), "{key}: {json}");
}

#[track_caller]
fn check_absent<M: Syncable>(key: &str, expected: Result<StoredValue<'static>, &str>) {
    assert_eq!(receive::<M>(key, None), expected.map_err(FieldFault::from), "{key}");
}

#[track_caller]
fn check_refused<M: Syncable>(key: &str, json: &str, expected: &str) {
    assert_eq!(receive::<M>(key, Some(json)), Err(FieldFault::invalid(expected)), "{key}: {json}");
}

fn text(text: &'static str) -> StoredValue<'static> {
    StoredValue::Text(text.into())
}

const NULL: &str = "This field cannot be null.";
const BLANK: &str = "This field cannot be blank.";

#[test]
fn without_rules_a_value_is_missing_only_as_null() {
    check::<Plot>("name", "\"\"", text(""));
    check::<Plot>("name", "[]", text("[]"));
    check_refused::<Plot>("name", "null", NULL);
    check::<Plot>("size", "null", StoredValue::Null);
    check::<Plot>("size", "NaN", StoredValue::Null);
    check_refused::<Plot>("size", "\"\"", "“” value must be a float.");
    check_refused::<Plot>("is_open", "null", "“None” value must be either True or False.");
    check::<Plot>("tags", "null", text("null"));
    check::<Plot>("tags", "\"null\"", text("null"));
    check::<Plot>("tags", "{}", text("{}"));
    check_refused::<Plot>("light", "\"\"", "Value '' is not a valid choice.");
    check_refused::<Plot>("light", "\"moon\"", "Value 'moon' is not a valid choice.");
    check::<Plot>("light", "\"shade\"", text("shade"));
}

#[test]
fn an_absent_key_is_the_default() {
    check_absent::<Plot>("note", Ok(text("it's")));
    check_absent::<Plot>("name", Ok(text("")));
    check_absent::<Plot>("size", Ok(StoredValue::Null));
    check_absent::<Plot>("is_open", Err("“None” value must be either True or False."));
    check_absent::<Plot>("light", Err("Value '' is not a valid choice."));
    check_absent::<Plant>("name", Err(BLANK));
    check_absent::<Plant>("height", Err(NULL));
    check_absent::<Plant>("water", Ok(text("")));
    check_absent::<Plant>("plot_id", Err(NULL));
    // The default of a field is a value like any other: it may be missing.
    check_absent::<Plant>("soil", Ok(text("")));
    check_absent::<Plant>("seeds", Err(BLANK));
}

#[test]
fn missing_values_as_in_django() {
    check_refused::<Plant>("name", "null", NULL);
    check_refused::<Plant>("name", "\"\"", BLANK);
    check::<Plant>("name", "[]", text("[]"));
    check_refused::<Plant>("rating", "null", BLANK);
    check_refused::<Plant>("height", "null", NULL);
    check_refused::<Plant>("is_edible", "\"\"", BLANK);
    check_refused::<Plant>("is_edible", "2", "“2” value must be either True, False, or None.");
    for json in ["{}", "[]", "\"\"", "\"{}\"", "\" [ ] \""] {
        check_refused::<Plant>("code", json, BLANK);
    }
    for json in ["null", "\"null\""] {
        check::<Plant>("origin", json, StoredValue::Null);
    }
    check::<Plant>("origin", "\"{}\"", text("{}"));
    check_refused::<Plant>("code", "null", NULL);
    check_refused::<Plant>("code", "\"null\"", NULL);
    check::<Plant>("mood", "null", StoredValue::Null);
    check_refused::<Plant>("moved_to_id", "null", BLANK);
    // Blank fields are not validated. What a column cannot hold is found when Django saves.
    check::<Plant>("water", "null", StoredValue::Null);
    check::<Plant>("water", "[]", text("[]"));
    let at_save = |class, text: &str| Err(FieldFault::at_save(class, text));
    assert_eq!(
        receive::<Plant>("count", Some("\"\"")),
        at_save(ExceptionClass::VALUE_ERROR, "Field 'count' expected a number but got ''.")
    );
    assert_eq!(
        receive::<Plant>("count", Some("[]")),
        at_save(ExceptionClass::TYPE_ERROR, "Field 'count' expected a number but got [].")
    );
    assert_eq!(
        receive::<Plant>("moved", Some("{}")),
        at_save(ExceptionClass::VALIDATION_ERROR, "['“{}” is not a valid UUID.']")
    );
}

#[test]
fn limits_and_choices() {
    check::<Plant>("name", "\"\u{e9}\u{1f600}abc\"", text("\u{e9}\u{1f600}abc"));
    check_refused::<Plant>("name", "\"abcdef\"", "Ensure this value has at most 5 characters (it has 6).");
    check::<Plant>("height", "1.01", StoredValue::Real(1.01));
    check_refused::<Plant>("height", "1.02", "Ensure this value is less than or equal to 1.01.");
    check_refused::<Plant>("height", "-1", "Ensure this value is greater than or equal to 0.");
    check::<Plant>("height", "NaN", StoredValue::Null);
    check_refused::<Plant>("rating", "-3", "Ensure this value is greater than or equal to -2.");
    check_refused::<Plant>("rating", "\"4\"", "Ensure this value is less than or equal to 3.");
    check_refused::<Plant>("water", "\"it's\"", "Value \"it's\" is not a valid choice.");
    check_refused::<Plant>("water", "5", "Value '5' is not a valid choice.");
    check::<Plant>("mood", "7", StoredValue::Integer(7));
    check_refused::<Plant>("planted", "\"12345\"", "Ensure this value has at most 4 characters (it has 5).");
}

#[test]
fn all_texts_of_a_field_are_collected() {
    let texts = ["First.", "It's second.", "Ensure this value has at most 5 characters (it has 6)."];
    let texts = texts.map(str::to_owned).to_vec();
    assert_eq!(receive::<Plant>("name", Some("\"xxxxxx\"")), Err(FieldFault::Invalid(texts)));
}

#[test]
fn a_reference_is_taken_as_it_is() {
    check::<Plant>("plot_id", "\"no id\"", text("no id"));
    check::<Plant>("plot_id", "1.5", text("1.5"));
    check::<Plant>("plot_id", "1e308", text("1.0e+308"));
    check::<Plant>("plot_id", "true", text("1"));
    check::<Plant>("plot_id", "Infinity", text("Inf"));
    for (json, class) in [
        ("[1]", ExceptionClass::PROGRAMMING_ERROR),
        ("NaN", ExceptionClass::INTEGRITY_ERROR),
        ("9223372036854775808", ExceptionClass::OVERFLOW_ERROR),
    ] {
        let fault = receive::<Plant>("plot_id", Some(json));
        assert!(matches!(fault, Err(FieldFault::Raised(failure)) if failure.class == class), "{json}");
    }
}

#[test]
fn an_id_is_converted_or_missing() {
    let id = "0123456789abcdef0123456789abcdef";
    check::<Plant>("id", &format!("\"{}\"", id.to_uppercase()), text(id));
    for json in ["null", "\"\"", "[]", "{}"] {
        check::<Plant>("id", json, StoredValue::Null);
    }
    check_absent::<Plant>("id", Ok(StoredValue::Null));
}

#[test]
fn the_names_of_errors() {
    let column = |key| Plant::MODEL.columns.iter().find(|column| column.key == key).unwrap();
    assert_eq!((column("plot_id").error_key(), column("plot_id").verbose), ("plot", Some("bed")));
    assert_eq!((column("name").error_key(), column("name").verbose), ("name", None));
    assert_eq!((Plant::MODEL.class_name, Plant::MODEL.verbose), ("Plant", "green plant"));
    assert_eq!((Plot::MODEL.class_name, Plot::MODEL.verbose), ("Plot", "plot"));
    let keys: Vec<_> = Plant::MODEL.unique_keys().collect();
    assert_eq!(keys, [vec!["code"], vec!["plot_id", "name"]]);
}

fn garden() -> (tempfile::TempDir, Database) {
    let folder = tempfile::TempDir::new().unwrap();
    let mut database = Database::open(folder.path().join("garden.sqlite3")).unwrap();
    database.create::<Garden>().unwrap();
    (folder, database)
}

fn plot() -> Plot {
    Plot {
        id: RecordId::NEW,
        name: String::new(),
        size: None,
        is_open: true,
        tags: JsonText::new("[]").unwrap(),
        light: Light::Sun,
        note: String::new(),
    }
}

fn plant(plot: &Plot, name: &str) -> Plant {
    Plant {
        id: RecordId::NEW,
        plot_id: plot.id,
        moved_to_id: Some(plot.id),
        name: name.to_owned(),
        height: 0.5,
        rating: Some(1),
        water: String::new(),
        mood: None,
        count: None,
        soil: String::new(),
        seeds: JsonText::new("[1]").unwrap(),
        origin: JsonText::new("[]").unwrap(),
        is_edible: Some(true),
        code: JsonText::new(&format!("\"{name}\"")).unwrap(),
        dates: Dates { planted: "2025".to_owned(), moved: None },
    }
}

#[track_caller]
fn check_message<T: std::fmt::Debug>(result: Result<T, impl std::error::Error>, expected: &str) {
    let error = result.unwrap_err();
    let sources = std::iter::successors(error.source(), |error| error.source());
    let texts: Vec<_> = [error.to_string()].into_iter().chain(sources.map(ToString::to_string)).collect();
    assert!(texts.join(": ").contains(expected), "{}", texts.join(": "));
}

#[test]
fn insert_and_update_apply_the_rules_with_the_same_texts() {
    let (_folder, database) = garden();
    let mut plot = plot();
    database.insert(&mut plot).unwrap();
    let mut wrong = plant(&plot, "xxxxxx");
    wrong.height = -1.0;
    wrong.water = "SOME".to_owned();
    wrong.dates.planted = String::new();
    check_message(
        database.insert(&mut wrong),
        "a rule refuses it: {'name': ['Ensure this value has at most 5 characters (it has 6).', 'First.', \"It's second.\"], \
         'height': ['Ensure this value is greater than or equal to 0.'], 'water': [\"Value 'SOME' is not a valid choice.\"], \
         'planted': ['This field cannot be blank.']}",
    );
    assert!(wrong.id.is_new());
    let mut right = plant(&plot, "rose");
    database.insert(&mut right).unwrap();
    right.rating = None;
    check_message(database.update(&right), "{'rating': ['This field cannot be blank.']}");
    right.rating = Some(4);
    check_message(database.update(&right), "{'rating': ['Ensure this value is less than or equal to 3.']}");
    right.rating = Some(2);
    assert!(database.update(&right).unwrap());
}

#[test]
fn the_rule_of_the_record_sees_all_its_fields() {
    let (_folder, database) = garden();
    let mut plot = plot();
    database.insert(&mut plot).unwrap();
    let mut tall = plant(&plot, "rose");
    (tall.height, tall.rating) = (1.005, Some(1));
    database.insert(&mut tall).unwrap();
    tall.rating = None;
    assert_eq!(tall.check_record().unwrap_err().text, "['A tall plant has a rating.']");
}

#[test]
fn triggers_refuse_what_sql_can_check() {
    let (_folder, database) = garden();
    let mut plot = plot();
    database.insert(&mut plot).unwrap();
    let mut plant = plant(&plot, "rose");
    database.insert(&mut plant).unwrap();
    let update = |set: &str| database.connection().execute(&format!("UPDATE plant SET {set}"), []);
    for (set, expected) in [
        ("name = 'abcdef'", "name is text of at most 5 characters"),
        ("name = ''", "name is text that is not empty"),
        ("height = -0.5", "height is a number from 0"),
        ("height = 1.5", "height is a number up to 1.01"),
        ("rating = 4", "rating is a number up to 3"),
        ("water = 'SOME'", "water is one of `LOW`, `HIGH`"),
        ("planted = '12345'", "planted is text of at most 4 characters"),
    ] {
        check_message(update(set), expected);
    }
    for set in ["name = 'abcde'", "height = 1", "water = ''", "water = 'LOW'", "rating = NULL", "mood = 7"] {
        update(set).unwrap();
    }
}

#[test]
fn unique_keys_are_indexes() {
    let (_folder, mut database) = garden();
    let mut plot = plot();
    database.insert(&mut plot).unwrap();
    database.insert(&mut plant(&plot, "rose")).unwrap();
    let mut same = plant(&plot, "rose");
    same.code = JsonText::new("1").unwrap();
    check_message(database.insert(&mut same), "UNIQUE constraint failed: plant.plot_id, plant.name");
    let mut same = plant(&plot, "lily");
    same.code = JsonText::new("\"rose\"").unwrap();
    check_message(database.insert(&mut same), "UNIQUE constraint failed: plant.code");
    assert_eq!(database.check::<Garden>().unwrap(), []);

    // Of an app without the keys: the indexes are missing, and `create` makes them once no rows have the same key.
    let drop = "DROP INDEX \"syncline_plant.unique key plot_id, name\"";
    database.connection().execute_batch(drop).unwrap();
    let differences = database.check::<Garden>().unwrap();
    let texts: Vec<_> = differences.iter().map(ToString::to_string).collect();
    assert!(
        texts.contains(&"table `plant` has no unique index on `plot_id`, `name`, a unique key".to_owned()),
        "{texts:?}"
    );
    let mut same = plant(&plot, "rose");
    same.code = JsonText::new("2").unwrap();
    let copy = "INSERT INTO plant (plot_id, moved_to_id, name, height, water, is_edible, code, planted, soil, seeds, origin) \
                SELECT plot_id, moved_to_id, name, height, water, is_edible, '3', planted, soil, seeds, origin FROM plant";
    database.connection().execute_batch(copy).unwrap();
    check_message(
        database.create::<Garden>(),
        "table `plant` cannot have the unique key `plot_id`, `name`: 1 of its values are in several rows",
    );
    database.connection().execute_batch("DELETE FROM plant WHERE code = '3'").unwrap();
    database.create::<Garden>().unwrap();
    assert_eq!(database.check::<Garden>().unwrap(), []);
    check_message(database.insert(&mut same), "UNIQUE constraint failed: plant.plot_id, plant.name");
}

#[test]
fn a_value_that_is_older_than_a_rule_may_stay() {
    let (_folder, database) = garden();
    let mut plot = plot();
    database.insert(&mut plot).unwrap();
    let mut plant = plant(&plot, "rose");
    database.insert(&mut plant).unwrap();
    let triggers: Vec<String> = database
        .connection()
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'plant'")
        .and_then(|mut names| names.query_map([], |row| row.get(0))?.collect())
        .unwrap();
    for name in triggers {
        database.connection().execute_batch(&format!("DROP TRIGGER \"{name}\"")).unwrap();
    }
    database.connection().execute_batch("UPDATE plant SET rating = 9").unwrap();
    let texts: Vec<_> = database.check::<Garden>().unwrap().iter().map(ToString::to_string).collect();
    assert!(texts.iter().any(|text| text.contains("a number up to 3")), "{texts:?}");
    plant.rating = Some(9);
    plant.name = "lily".to_owned();
    assert!(database.update(&plant).unwrap());
}
