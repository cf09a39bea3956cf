//! The declared models agree with Kolibri's own classes.

use std::collections::HashMap;

use syncline::Profile as _;
use syncline::model::Model;
use syncline_kolibri::models::FacilityData;

/// Facts from the classes of Kolibri 0.19.5. Per model: name, table, kind, and dependencies without a foreign key. Per field: key,
/// type, nullability, the reference to the model itself, and the referenced table.
const FACTS: &str = include_str!("../fixtures/kolibri-0.19.5-models.txt");

/// A model in a form that both declarations and facts convert to.
#[derive(Debug, PartialEq)]
struct Described {
    table: String,
    kind: Option<String>,
    /// Key, column and nullability.
    fields: Vec<(String, String, bool)>,
    self_reference: Option<String>,
}

impl Described {
    fn declared(model: &Model) -> Self {
        Self {
            table: model.table.to_owned(),
            kind: model.discriminator.map(|discriminator| {
                assert_eq!(discriminator.column, "kind");
                discriminator.value.to_owned()
            }),
            fields: model
                .columns
                .iter()
                .map(|column| (column.key.to_owned(), column.name.to_owned(), column.nullable))
                .collect(),
            self_reference: model.self_reference.map(|index| model.columns[index].key.to_owned()),
        }
    }
}

/// A model from the facts, with the names of models and tables that it depends on.
struct Fact {
    name: &'static str,
    described: Described,
    models_before: Vec<&'static str>,
    tables_before: Vec<&'static str>,
}

fn facts() -> Vec<Fact> {
    let mut facts: Vec<Fact> = Vec::new();
    for line in FACTS.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(field) = line.strip_prefix("  ") else {
            let word = |prefix| words.iter().find_map(|word| word.strip_prefix(prefix));
            facts.push(Fact {
                name: words[0],
                described: Described {
                    table: words[1].to_owned(),
                    kind: word("kind=").map(str::to_owned),
                    fields: Vec::new(),
                    self_reference: None,
                },
                models_before: word("depends=").map_or(Vec::new(), |names| names.split(',').collect()),
                tables_before: Vec::new(),
            });
            continue;
        };
        let fact = facts.last_mut().unwrap();
        let key = words[0].to_owned();
        if words.contains(&"self") {
            fact.described.self_reference = Some(key.clone());
        } else if let Some((_, table)) = field.split_once("-> ") {
            fact.tables_before.push(table);
        }
        fact.described.fields.push((key.clone(), key, words.contains(&"null")));
    }
    facts
}

#[test]
fn every_model_is_as_kolibri_has_it() {
    let facts = facts();
    assert_eq!(facts.len(), 28);
    assert_eq!(FacilityData::MODELS.len(), 28);
    assert_eq!(FacilityData::NAME, "facilitydata");
    for fact in facts {
        let model = FacilityData::MODELS.iter().find(|model| model.name == fact.name);
        let model = model.unwrap_or_else(|| panic!("`{}` is not declared", fact.name));
        assert_eq!(Described::declared(model), fact.described, "{}", fact.name);
        assert!(model.local_columns.is_empty(), "{}", fact.name);
        // `identities.rs` compares the computed partitions with Kolibri's.
        let is_looked_up =
            ["coursesession", "coursesessionassignment", "unittestassignment"].contains(&fact.name);
        assert_eq!(model.partition.is_none(), is_looked_up, "{}", fact.name);
    }
}

#[test]
fn every_model_comes_after_what_it_refers_to() {
    let position: HashMap<_, _> =
        FacilityData::MODELS.iter().enumerate().map(|(position, model)| (model.name, position)).collect();
    for fact in facts() {
        let own = position[fact.name];
        for before in fact.models_before {
            assert!(position[before] < own, "{before} before {}", fact.name);
        }
        for table in fact.tables_before {
            for model in FacilityData::MODELS.iter().filter(|model| model.table == table) {
                assert!(position[model.name] < own, "{} before {}", model.name, fact.name);
            }
        }
    }
}
