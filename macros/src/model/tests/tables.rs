//! Tests of several models in one table.

use quote::quote;

use super::expanded;

#[test]
fn shared_table() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(profile = Schools, model = "facility", table = "collection", discriminator(kind = "facility"))]
        struct Facility { id: RecordId, kind: String }
    }), @r#"
    #[automatically_derived]
    impl ::syncline::Syncable for Facility {
        type Profile = Schools;
        const NAME: &'static ::core::primitive::str = "facility";
        const MODEL: &'static ::syncline::Model = &::syncline::Model::new(
                Self::NAME,
                "collection",
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
                            "kind",
                            "kind",
                            <String as ::syncline::FieldValue>::NULLABLE,
                            <String as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<String as ::syncline::FieldValue>::CHECKS),
                ],
            )
            .names("Facility", "facility")
            .discriminator("kind", "facility");
        fn read(
            row: &impl ::syncline::Row,
        ) -> ::core::result::Result<Self, ::syncline::FieldError> {
            ::core::result::Result::Ok(Self {
                id: <RecordId as ::syncline::FieldValue>::read(
                        ::syncline::__private::column(row, 0)?,
                    )
                    .map_err(::syncline::__private::in_column(0))?,
                kind: <String as ::syncline::FieldValue>::read(
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
            json.push_str(", \"kind\": ");
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
                        <String as ::syncline::FieldValue>::to_column(&self.kind),
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
