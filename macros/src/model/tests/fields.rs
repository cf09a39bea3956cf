//! Tests of the expansion of fields.

use quote::quote;

use super::expanded;

#[test]
fn plain() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(profile = Notes, model = "notebook")]
        struct Notebook { id: RecordId, name: String }
    }), @r#"
    #[automatically_derived]
    impl ::syncline::Syncable for Notebook {
        type Profile = Notes;
        const NAME: &'static ::core::primitive::str = "notebook";
        const MODEL: &'static ::syncline::Model = &::syncline::Model::new(
                Self::NAME,
                "notebook",
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
                            "name",
                            "name",
                            <String as ::syncline::FieldValue>::NULLABLE,
                            <String as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<String as ::syncline::FieldValue>::CHECKS),
                ],
            )
            .names("Notebook", "notebook");
        fn read(
            row: &impl ::syncline::Row,
        ) -> ::core::result::Result<Self, ::syncline::FieldError> {
            ::core::result::Result::Ok(Self {
                id: <RecordId as ::syncline::FieldValue>::read(
                        ::syncline::__private::column(row, 0)?,
                    )
                    .map_err(::syncline::__private::in_column(0))?,
                name: <String as ::syncline::FieldValue>::read(
                        ::syncline::__private::column(row, 3)?,
                    )
                    .map_err(::syncline::__private::in_column(3))?,
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
            json.push_str(", \"name\": ");
            <String as ::syncline::FieldValue>::write_json(
                    ::syncline::__private::column(row, 3)?,
                    json,
                )
                .map_err(::syncline::__private::in_column(3))?;
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
                        <String as ::syncline::FieldValue>::to_column(&self.name),
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
                3 => <String as ::syncline::FieldValue>::check(value),
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
                    <String as ::syncline::FieldValue>::receive(
                        <Self as ::syncline::Syncable>::MODEL.columns[3].declared(),
                        value,
                        |_| ::core::result::Result::Ok(()),
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
    "#);
}

#[test]
fn local_and_renamed() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(profile = Notes, model = "note")]
        struct Note {
            #[syncable(column = "heading", key = "über")]
            title: String,
            id: RecordId,
            #[syncable(local)]
            scroll_position: i64,
            r#type: i64,
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
                            "heading",
                            "über",
                            <String as ::syncline::FieldValue>::NULLABLE,
                            <String as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<String as ::syncline::FieldValue>::CHECKS),
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
                            "type",
                            "type",
                            <i64 as ::syncline::FieldValue>::NULLABLE,
                            <i64 as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<i64 as ::syncline::FieldValue>::CHECKS),
                ],
            )
            .names("Note", "note")
            .local_columns(
                &[
                    ::syncline::Column::new(
                            "scroll_position",
                            "scroll_position",
                            <i64 as ::syncline::FieldValue>::NULLABLE,
                            <i64 as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<i64 as ::syncline::FieldValue>::CHECKS),
                ],
            );
        fn read(
            row: &impl ::syncline::Row,
        ) -> ::core::result::Result<Self, ::syncline::FieldError> {
            ::core::result::Result::Ok(Self {
                title: <String as ::syncline::FieldValue>::read(
                        ::syncline::__private::column(row, 0)?,
                    )
                    .map_err(::syncline::__private::in_column(0))?,
                id: <RecordId as ::syncline::FieldValue>::read(
                        ::syncline::__private::column(row, 1)?,
                    )
                    .map_err(::syncline::__private::in_column(1))?,
                r#type: <i64 as ::syncline::FieldValue>::read(
                        ::syncline::__private::column(row, 4)?,
                    )
                    .map_err(::syncline::__private::in_column(4))?,
                scroll_position: <i64 as ::syncline::FieldValue>::read(
                        ::syncline::__private::column(row, 5)?,
                    )
                    .map_err(::syncline::__private::in_column(5))?,
            })
        }
        fn write_serialized(
            row: &impl ::syncline::Row,
            json: &mut ::std::string::String,
        ) -> ::core::result::Result<(), ::syncline::FieldError> {
            json.push_str("{\"\\u00fcber\": ");
            <String as ::syncline::FieldValue>::write_json(
                    ::syncline::__private::column(row, 0)?,
                    json,
                )
                .map_err(::syncline::__private::in_column(0))?;
            json.push_str(", \"id\": ");
            <RecordId as ::syncline::FieldValue>::write_json(
                    ::syncline::__private::column(row, 1)?,
                    json,
                )
                .map_err(::syncline::__private::in_column(1))?;
            json.push_str(", \"_morango_source_id\": ");
            <::std::string::String as ::syncline::FieldValue>::write_json(
                    ::syncline::__private::column(row, 2)?,
                    json,
                )
                .map_err(::syncline::__private::in_column(2))?;
            json.push_str(", \"_morango_partition\": ");
            <::std::string::String as ::syncline::FieldValue>::write_json(
                    ::syncline::__private::column(row, 3)?,
                    json,
                )
                .map_err(::syncline::__private::in_column(3))?;
            json.push_str(", \"type\": ");
            <i64 as ::syncline::FieldValue>::write_json(
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
                        <String as ::syncline::FieldValue>::to_column(&self.title),
                    )
                }
                1 => {
                    ::core::option::Option::Some(
                        <RecordId as ::syncline::FieldValue>::to_column(&self.id),
                    )
                }
                4 => {
                    ::core::option::Option::Some(
                        <i64 as ::syncline::FieldValue>::to_column(&self.r#type),
                    )
                }
                5 => {
                    ::core::option::Option::Some(
                        <i64 as ::syncline::FieldValue>::to_column(&self.scroll_position),
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
                0 => <String as ::syncline::FieldValue>::check(value),
                1 => <RecordId as ::syncline::FieldValue>::check(value),
                4 => <i64 as ::syncline::FieldValue>::check(value),
                5 => <i64 as ::syncline::FieldValue>::check(value),
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
                0 => {
                    <String as ::syncline::FieldValue>::receive(
                        <Self as ::syncline::Syncable>::MODEL.columns[0].declared(),
                        value,
                        |_| ::core::result::Result::Ok(()),
                    )
                }
                1 => ::syncline::__private::receive_id(value),
                4 => {
                    <i64 as ::syncline::FieldValue>::receive(
                        <Self as ::syncline::Syncable>::MODEL.columns[4].declared(),
                        value,
                        |_| ::core::result::Result::Ok(()),
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
    "#);
}
