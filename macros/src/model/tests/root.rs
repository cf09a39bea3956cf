//! Tests of the attribute `crate`: a root other than `::syncline`.

use quote::quote;

use super::expanded;

#[test]
fn another_root() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(crate = crate, profile = Notes, model = "note")]
        struct Note { id: RecordId }
    }), @r#"
    #[automatically_derived]
    impl crate::Syncable for Note {
        type Profile = Notes;
        const NAME: &'static ::core::primitive::str = "note";
        const MODEL: &'static crate::Model = &crate::Model::new(
                Self::NAME,
                "note",
                &[
                    crate::Column::new(
                            "id",
                            "id",
                            <RecordId as crate::FieldValue>::NULLABLE,
                            <RecordId as crate::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<RecordId as crate::FieldValue>::CHECKS),
                    crate::Column::new(
                        "_morango_source_id",
                        "_morango_source_id",
                        <::std::string::String as crate::FieldValue>::NULLABLE,
                        <::std::string::String as crate::FieldValue>::COLUMN_TYPE,
                    ),
                    crate::Column::new(
                        "_morango_partition",
                        "_morango_partition",
                        <::std::string::String as crate::FieldValue>::NULLABLE,
                        <::std::string::String as crate::FieldValue>::COLUMN_TYPE,
                    ),
                ],
            )
            .names("Note", "note");
        fn read(row: &impl crate::Row) -> ::core::result::Result<Self, crate::FieldError> {
            ::core::result::Result::Ok(Self {
                id: <RecordId as crate::FieldValue>::read(crate::__private::column(row, 0)?)
                    .map_err(crate::__private::in_column(0))?,
            })
        }
        fn write_serialized(
            row: &impl crate::Row,
            json: &mut ::std::string::String,
        ) -> ::core::result::Result<(), crate::FieldError> {
            json.push_str("{\"id\": ");
            <RecordId as crate::FieldValue>::write_json(
                    crate::__private::column(row, 0)?,
                    json,
                )
                .map_err(crate::__private::in_column(0))?;
            json.push_str(", \"_morango_source_id\": ");
            <::std::string::String as crate::FieldValue>::write_json(
                    crate::__private::column(row, 1)?,
                    json,
                )
                .map_err(crate::__private::in_column(1))?;
            json.push_str(", \"_morango_partition\": ");
            <::std::string::String as crate::FieldValue>::write_json(
                    crate::__private::column(row, 2)?,
                    json,
                )
                .map_err(crate::__private::in_column(2))?;
            json.push('}');
            ::core::result::Result::Ok(())
        }
        fn stored(
            &self,
            index: ::core::primitive::usize,
        ) -> ::core::option::Option<
            ::core::result::Result<crate::StoredValue<'_>, crate::InvalidValue>,
        > {
            match index {
                0 => {
                    ::core::option::Option::Some(
                        <RecordId as crate::FieldValue>::to_column(&self.id),
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
        fn check(
            index: ::core::primitive::usize,
            value: crate::ColumnValue<'_>,
        ) -> ::core::result::Result<(), crate::InvalidValue> {
            match index {
                0 => <RecordId as crate::FieldValue>::check(value),
                _ => ::core::result::Result::Ok(()),
            }
        }
        fn receive(
            index: ::core::primitive::usize,
            value: ::core::option::Option<&crate::JsonValue<'_>>,
        ) -> ::core::result::Result<crate::StoredValue<'static>, crate::FieldFault> {
            match index {
                0 => crate::__private::receive_id(value),
                _ => ::core::result::Result::Ok(crate::StoredValue::Null),
            }
        }
        fn record_id(&self) -> crate::RecordId {
            self.id
        }
        fn set_record_id(&mut self, id: crate::RecordId) {
            self.id = id;
        }
    }
    "#);
}
