//! Tests of the expansion of source ids and partitions.

use quote::quote;

use super::definition_of;

#[test]
fn who_a_record_is() {
    insta::assert_snapshot!(definition_of(quote! {
        #[syncable(
            profile = Logs,
            model = "log",
            partition = "{dataset_id}:user-rw:{user_id}",
            partition_without(user_id = "{dataset_id}:anonymous"),
            source_id = "{item}:{level|0}",
        )]
        struct Log {
            id: RecordId,
            dataset_id: RecordId,
            #[syncable(references = User, on_delete = set_null)]
            user_id: Option<RecordId>,
            #[syncable(column = "name", default = "it's")]
            item: String,
            level: Option<i64>,
            #[syncable(local, default = -1)]
            place: i64,
        }
    }), @r#"
    const MODEL: &'static ::syncline::Model = &::syncline::Model::new(
                Self::NAME,
                "log",
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
                            "dataset_id",
                            "dataset_id",
                            <RecordId as ::syncline::FieldValue>::NULLABLE,
                            <RecordId as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<RecordId as ::syncline::FieldValue>::CHECKS),
                    ::syncline::Column::new(
                            "user_id",
                            "user_id",
                            <Option<RecordId> as ::syncline::FieldValue>::NULLABLE,
                            <Option<RecordId> as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<Option<RecordId> as ::syncline::FieldValue>::CHECKS)
                        .references(&[<User as ::syncline::Syncable>::NAME])
                        .on_delete(::syncline::OnDelete::SetNull),
                    ::syncline::Column::new(
                            "name",
                            "item",
                            <String as ::syncline::FieldValue>::NULLABLE,
                            <String as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<String as ::syncline::FieldValue>::CHECKS)
                        .default("'it''s'"),
                    ::syncline::Column::new(
                            "level",
                            "level",
                            <Option<i64> as ::syncline::FieldValue>::NULLABLE,
                            <Option<i64> as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<Option<i64> as ::syncline::FieldValue>::CHECKS),
                ],
            )
            .names("Log", "log")
            .local_columns(
                &[
                    ::syncline::Column::new(
                            "place",
                            "place",
                            <i64 as ::syncline::FieldValue>::NULLABLE,
                            <i64 as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .checks(<i64 as ::syncline::FieldValue>::CHECKS)
                        .default("-1"),
                ],
            )
            .dependencies(&[<User as ::syncline::Syncable>::NAME])
            .partition(
                ::syncline::Template::new(
                    &[
                        ::syncline::TemplatePiece::Column {
                            name: "dataset_id",
                            when_null: ::core::option::Option::None,
                        },
                        ::syncline::TemplatePiece::Text(":user-rw:"),
                        ::syncline::TemplatePiece::Column {
                            name: "user_id",
                            when_null: ::core::option::Option::None,
                        },
                    ],
                ),
            )
            .partition_without(
                "user_id",
                ::syncline::Template::new(
                    &[
                        ::syncline::TemplatePiece::Column {
                            name: "dataset_id",
                            when_null: ::core::option::Option::None,
                        },
                        ::syncline::TemplatePiece::Text(":anonymous"),
                    ],
                ),
            )
            .source_id(
                ::syncline::Template::new(
                    &[
                        ::syncline::TemplatePiece::Column {
                            name: "name",
                            when_null: ::core::option::Option::None,
                        },
                        ::syncline::TemplatePiece::Text(":"),
                        ::syncline::TemplatePiece::Column {
                            name: "level",
                            when_null: ::core::option::Option::Some("0"),
                        },
                    ],
                ),
            );
    "#);
}
