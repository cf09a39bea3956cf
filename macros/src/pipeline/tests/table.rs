//! The documented table of operators, compared with the table in `operators.rs`.

use crate::pipeline::check_arguments::no_form;
use crate::pipeline::operator::{Form, Operator};
use crate::pipeline::operators::OPERATORS;

/// The table as text: a row for each form, in the order of the operators.
fn documented() -> String {
    let mut table =
        String::from("| Operator | Items that it hands on | Known elsewhere as |\n|---|---|---|\n");
    for Operator { forms, also_known_as, .. } in OPERATORS {
        for (index, Form { example, hands_on, .. }) in forms.iter().enumerate() {
            let elsewhere = if index == 0 { also_known_as } else { &[][..] };
            let elsewhere: Vec<_> = elsewhere.iter().map(|name| format!("`{name}`")).collect();
            let row =
                format!("| `{}` | {hands_on} | {} |\n", without_closures(example), elsewhere.join(", "));
            table.push_str(&row);
        }
    }
    table
}

/// `example` with `f` for the first closure and `g` for the second: a `|` would end the cell.
fn without_closures(example: &str) -> String {
    let mut text = String::new();
    let mut rest = example;
    for name in ["f", "g"] {
        let Some((before, closure)) = rest.split_once('|') else { break };
        let body = closure.split_once('|').map_or("", |(_, body)| body);
        text.push_str(before);
        text.push_str(name);
        rest = body.find([',', ')']).map_or("", |end| &body[end..]);
    }
    text + rest
}

#[test]
fn the_documented_table_is_that_of_the_rows() {
    assert_eq!(
        include_str!("../operators.md"),
        documented(),
        "write this to macros/src/pipeline/operators.md"
    );
}

#[test]
fn the_guide_has_the_same_table() {
    let guide = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../src/guide/operators.md");
    let guide =
        std::fs::read_to_string(&guide).unwrap_or_else(|error| panic!("{}: {error}", guide.display()));
    assert!(
        guide.ends_with(&documented()),
        "write this to the end of src/guide/operators.md:\n{}",
        documented()
    );
}

#[test]
fn names_and_forms_are_told_apart() {
    for operator in OPERATORS {
        let same_name = OPERATORS.iter().filter(|other| other.name == operator.name);
        assert_eq!(same_name.count(), 1, "{}", operator.name);
        for form in operator.forms {
            let is_named =
                form.example == operator.name || form.example.starts_with(&format!("{}(", operator.name));
            assert!(is_named, "{} is an example of {}", form.example, operator.name);
        }
    }
}

/// The names of arguments may belong to no form in two ways: one of several is missing, or two forms are mixed.
#[test]
fn names_that_belong_to_no_form_have_a_message() {
    for operator in OPERATORS {
        let mut known: Vec<_> = operator.named().filter_map(|parameter| parameter.name).collect();
        known.sort_unstable();
        known.dedup();
        for subset in 0..1_usize << known.len() {
            let names = known.iter().enumerate().filter(|(at, _)| subset >> at & 1 == 1);
            let names: Vec<_> = names.map(|(_, name)| (*name).to_owned()).collect();
            if operator.form(&names).is_none() {
                assert!(!no_form(operator, &names).is_empty(), "{} with {names:?}", operator.name);
            }
        }
    }
}
