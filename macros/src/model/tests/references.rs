//! Tests of the expansion of references.

use quote::quote;

use super::expanded;

#[test]
fn references_itself_and_others() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(profile = Notes, model = "note", partition = "{notebook_id}:notes", depends_on(Author))]
        struct Note {
            id: RecordId,
            #[syncable(references = Notebook)]
            notebook_id: RecordId,
            #[syncable(references = Note)]
            parent_id: Option<RecordId>,
        }
    }), @r#"
    #[automatically_derived]
    impl ::syncline::Syncable for Note {
        type Profile = Notes;
        const NAME: &'static ::core::primitive::str = "note";
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
                            "notebook_id",
                            "notebook_id",
                            <RecordId as ::syncline::FieldValue>::NULLABLE,
                            <RecordId as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<RecordId as ::syncline::FieldValue>::CHECKS)
                        .references(&[<Notebook as ::syncline::Syncable>::NAME]),
                    ::syncline::Column::new(
                            "parent_id",
                            "parent_id",
                            <Option<RecordId> as ::syncline::FieldValue>::NULLABLE,
                            <Option<RecordId> as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<Option<RecordId> as ::syncline::FieldValue>::CHECKS)
                        .references(&[Self::NAME]),
                ],
            )
            .names("Note", "note")
            .self_reference(4)
            .dependencies(
                &[
                    <Notebook as ::syncline::Syncable>::NAME,
                    <Author as ::syncline::Syncable>::NAME,
                ],
            )
            .partition(
                ::syncline::Template::new(
                    &[
                        ::syncline::TemplatePiece::Column {
                            name: "notebook_id",
                            when_null: ::core::option::Option::None,
                        },
                        ::syncline::TemplatePiece::Text(":notes"),
                    ],
                ),
            );
        fn read(
            row: &impl ::syncline::Row,
        ) -> ::core::result::Result<Self, ::syncline::FieldError> {
            ::core::result::Result::Ok(Self {
                id: <RecordId as ::syncline::FieldValue>::read(
                        ::syncline::__private::column(row, 0)?,
                    )
                    .map_err(::syncline::__private::in_column(0))?,
                notebook_id: <RecordId as ::syncline::FieldValue>::read(
                        ::syncline::__private::column(row, 3)?,
                    )
                    .map_err(::syncline::__private::in_column(3))?,
                parent_id: <Option<
                    RecordId,
                > as ::syncline::FieldValue>::read(::syncline::__private::column(row, 4)?)
                    .map_err(::syncline::__private::in_column(4))?,
            })
        }
        fn write_serialized(
            row: &impl ::syncline::Row,
            json: &mut ::std::string::String,
        ) -> ::core::result::Result<(), ::syncline::FieldError> {
            json.push_str("{\"id\": ");
            <RecordId as ::syncline::FieldValue>::write_json(
                    ::syncline::__private::column(row, 0)?,
                    json,
                )
                .map_err(::syncline::__private::in_column(0))?;
            json.push_str(", \"_morango_source_id\": ");
            <::std::string::String as ::syncline::FieldValue>::write_json(
                    ::syncline::__private::column(row, 1)?,
                    json,
                )
                .map_err(::syncline::__private::in_column(1))?;
            json.push_str(", \"_morango_partition\": ");
            <::std::string::String as ::syncline::FieldValue>::write_json(
                    ::syncline::__private::column(row, 2)?,
                    json,
                )
                .map_err(::syncline::__private::in_column(2))?;
            json.push_str(", \"notebook_id\": ");
            <RecordId as ::syncline::FieldValue>::write_json(
                    ::syncline::__private::column(row, 3)?,
                    json,
                )
                .map_err(::syncline::__private::in_column(3))?;
            json.push_str(", \"parent_id\": ");
            <Option<
                RecordId,
            > as ::syncline::FieldValue>::write_json(
                    ::syncline::__private::column(row, 4)?,
                    json,
                )
                .map_err(::syncline::__private::in_column(4))?;
            json.push('}');
            ::core::result::Result::Ok(())
        }
        fn stored(
            &self,
            index: ::core::primitive::usize,
        ) -> ::core::option::Option<
            ::core::result::Result<::syncline::StoredValue<'_>, ::syncline::InvalidValue>,
        > {
            match index {
                0 => {
                    ::core::option::Option::Some(
                        <RecordId as ::syncline::FieldValue>::to_column(&self.id),
                    )
                }
                3 => {
                    ::core::option::Option::Some(
                        <RecordId as ::syncline::FieldValue>::to_column(&self.notebook_id),
                    )
                }
                4 => {
                    ::core::option::Option::Some(
                        <Option<
                            RecordId,
                        > as ::syncline::FieldValue>::to_column(&self.parent_id),
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
        fn check(
            index: ::core::primitive::usize,
            value: ::syncline::ColumnValue<'_>,
        ) -> ::core::result::Result<(), ::syncline::InvalidValue> {
            match index {
                0 => <RecordId as ::syncline::FieldValue>::check(value),
                3 => <RecordId as ::syncline::FieldValue>::check(value),
                4 => <Option<RecordId> as ::syncline::FieldValue>::check(value),
                _ => ::core::result::Result::Ok(()),
            }
        }
        fn receive(
            index: ::core::primitive::usize,
            value: ::core::option::Option<&::syncline::JsonValue<'_>>,
        ) -> ::core::result::Result<
            ::syncline::StoredValue<'static>,
            ::syncline::FieldFault,
        > {
            match index {
                0 => ::syncline::__private::receive_id(value),
                3 => {
                    ::syncline::__private::receive_reference(
                        <Self as ::syncline::Syncable>::MODEL.columns[3].declared(),
                        value,
                    )
                }
                4 => {
                    ::syncline::__private::receive_reference(
                        <Self as ::syncline::Syncable>::MODEL.columns[4].declared(),
                        value,
                    )
                }
                _ => ::core::result::Result::Ok(::syncline::StoredValue::Null),
            }
        }
        fn record_id(&self) -> ::syncline::RecordId {
            self.id
        }
        fn set_record_id(&mut self, id: ::syncline::RecordId) {
            self.id = id;
        }
    }
    #[automatically_derived]
    impl ::syncline::Partitioned for Note {}
    "#);
}
