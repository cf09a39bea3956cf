//! Tests of the expansion of rules.

use quote::quote;

use super::{definition_of, expanded};

#[test]
fn rules_are_data_of_the_columns() {
    insta::assert_snapshot!(definition_of(quote! {
        #[syncable(profile = Notes, model = "note", blank = false, unique(title, owner_id), verbose = "short note", class = "Short")]
        struct Note {
            id: RecordId,
            #[syncable(max_length = 50, choices("a", "b"), editable = false)]
            title: String,
            #[syncable(min = -1, max = 1.5, blank)]
            rating: f64,
            #[syncable(references = Person, verbose = "author", unique)]
            owner_id: RecordId,
        }
    }), @r#"
    const MODEL: &'static ::syncline::Model = &::syncline::Model::new(
                Self::NAME,
                "note",
                &[
                    ::syncline::Column::new(
                            "id",
                            "id",
                            <RecordId as ::syncline::FieldValue>::NULLABLE,
                            <RecordId as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<RecordId as ::syncline::FieldValue>::CHECKS),
                    ::syncline::Column::new(
                        "_morango_source_id",
                        "_morango_source_id",
                        <::std::string::String as ::syncline::FieldValue>::NULLABLE,
                        <::std::string::String as ::syncline::FieldValue>::COLUMN_TYPE,
                    ),
                    ::syncline::Column::new(
                        "_morango_partition",
                        "_morango_partition",
                        <::std::string::String as ::syncline::FieldValue>::NULLABLE,
                        <::std::string::String as ::syncline::FieldValue>::COLUMN_TYPE,
                    ),
                    ::syncline::Column::new(
                            "title",
                            "title",
                            <String as ::syncline::FieldValue>::NULLABLE,
                            <String as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<String as ::syncline::FieldValue>::CHECKS)
                        .rules(
                            ::syncline::__private::Rules::new()
                                .checks(
                                    &[
                                        ::syncline::Check::TextOf(&["a", "b"]),
                                        ::syncline::Check::Longest(50),
                                    ],
                                )
                                .blank(::syncline::Blank::Refused)
                                .not_editable(),
                        ),
                    ::syncline::Column::new(
                            "rating",
                            "rating",
                            <f64 as ::syncline::FieldValue>::NULLABLE,
                            <f64 as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<f64 as ::syncline::FieldValue>::CHECKS)
                        .rules(
                            ::syncline::__private::Rules::new()
                                .checks(
                                    &[
                                        ::syncline::Check::Least(
                                            ::syncline::__private::Limit::integer("-1", -1),
                                        ),
                                        ::syncline::Check::Most(
                                            ::syncline::__private::Limit::real("1.5", 1.5),
                                        ),
                                    ],
                                )
                                .blank(::syncline::Blank::Allowed),
                        ),
                    ::syncline::Column::new(
                            "owner_id",
                            "owner_id",
                            <RecordId as ::syncline::FieldValue>::NULLABLE,
                            <RecordId as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<RecordId as ::syncline::FieldValue>::CHECKS)
                        .references(&[<Person as ::syncline::Syncable>::NAME])
                        .rules(
                            ::syncline::__private::Rules::new()
                                .blank(::syncline::Blank::Refused),
                        )
                        .unique()
                        .verbose("author"),
                ],
            )
            .names("Short", "short note")
            .dependencies(&[<Person as ::syncline::Syncable>::NAME])
            .unique(&[&["title", "owner_id"]]);
    "#);
}

#[test]
fn functions_are_called_with_the_value() {
    let expansion = expanded(quote! {
        #[syncable(profile = Notes, model = "note", validate = check_note)]
        struct Note {
            id: RecordId,
            #[syncable(validate = check_title)]
            title: String,
            #[syncable(nested)]
            tags: JsonText,
        }
    });
    let (_, rest) = expansion.split_once("    fn receive").unwrap();
    let (methods, _) = rest.split_once("    fn record_id").unwrap();
    insta::assert_snapshot!(methods, @r"
    (
            index: ::core::primitive::usize,
            value: ::core::option::Option<&::syncline::JsonValue<'_>>,
        ) -> ::core::result::Result<
            ::syncline::StoredValue<'static>,
            ::syncline::FieldFault,
        > {
            match index {
                0 => ::syncline::__private::receive_id(value),
                3 => {
                    <String as ::syncline::FieldValue>::receive(
                        <Self as ::syncline::Syncable>::MODEL.columns[3].declared(),
                        value,
                        |value| ::syncline::__private::into_fault(check_title(value)),
                    )
                }
                4 => {
                    <JsonText as ::syncline::NestedValue>::receive_nested(
                        <Self as ::syncline::Syncable>::MODEL.columns[4].declared(),
                        value,
                        |_| ::core::result::Result::Ok(()),
                    )
                }
                _ => ::core::result::Result::Ok(::syncline::StoredValue::Null),
            }
        }
        fn check_rules(
            &self,
            index: ::core::primitive::usize,
        ) -> ::core::result::Result<(), ::syncline::FieldFault> {
            match index {
                3 => {
                    <String as ::syncline::FieldValue>::check_rules(
                        &self.title,
                        <Self as ::syncline::Syncable>::MODEL.columns[3].declared(),
                        |value| ::syncline::__private::into_fault(check_title(value)),
                    )
                }
                _ => ::core::result::Result::Ok(()),
            }
        }
        fn check_record(
            &self,
        ) -> ::core::result::Result<(), ::syncline::__private::RecordFailure> {
            ::syncline::__private::into_failure(check_note(self))
        }
        fn check_received(
            row: &impl ::syncline::Row,
        ) -> ::core::result::Result<(), ::syncline::__private::RecordFailure> {
            ::syncline::__private::check_received::<Self>(row)
        }
    ");
}
