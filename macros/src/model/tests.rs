//! What users get. The same declarations are compiled and run in `tests/it/expansions.rs` of the face crate.

#![expect(clippy::too_many_lines, reason = "a snapshot is as long as what it shows")]

use proc_macro2::TokenStream;
use quote::quote;

fn expanded(input: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(super::derive(input)).unwrap())
}

/// Only the constant `MODEL`.
fn definition_of(input: TokenStream) -> String {
    let expansion = expanded(input);
    let (_, rest) = expansion.split_once("    const MODEL").unwrap();
    let (definition, _) = rest.split_once("    fn read").unwrap();
    format!("const MODEL{definition}")
}

#[test]
fn plain() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(profile = Notes, model = "notebook")]
        struct Notebook { id: RecordId, name: String }
    }), @r#"
    #[automatically_derived]
    impl ::syncline::Syncable for Notebook {
        type Profile = Notes;
        const NAME: &'static str = "notebook";
        const MODEL: &'static ::syncline::Model = &::syncline::Model::new(
            Self::NAME,
            "notebook",
            &[
                ::syncline::Column::new(
                    "id",
                    "id",
                    <RecordId as ::syncline::FieldValue>::NULLABLE,
                    <RecordId as ::syncline::FieldValue>::COLUMN_TYPE,
                ),
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
                ),
            ],
        );
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
            index: usize,
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
        const NAME: &'static str = "note";
        const MODEL: &'static ::syncline::Model = &::syncline::Model::new(
                Self::NAME,
                "note",
                &[
                    ::syncline::Column::new(
                        "id",
                        "id",
                        <RecordId as ::syncline::FieldValue>::NULLABLE,
                        <RecordId as ::syncline::FieldValue>::COLUMN_TYPE,
                    ),
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
                        .references(&[<Notebook as ::syncline::Syncable>::NAME]),
                    ::syncline::Column::new(
                            "parent_id",
                            "parent_id",
                            <Option<RecordId> as ::syncline::FieldValue>::NULLABLE,
                            <Option<RecordId> as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .references(&[Self::NAME]),
                ],
            )
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
            index: usize,
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

#[test]
fn shared_table() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(profile = Schools, model = "facility", table = "collection", discriminator(kind = "facility"))]
        struct Facility { id: RecordId, kind: String }
    }), @r#"
    #[automatically_derived]
    impl ::syncline::Syncable for Facility {
        type Profile = Schools;
        const NAME: &'static str = "facility";
        const MODEL: &'static ::syncline::Model = &::syncline::Model::new(
                Self::NAME,
                "collection",
                &[
                    ::syncline::Column::new(
                        "id",
                        "id",
                        <RecordId as ::syncline::FieldValue>::NULLABLE,
                        <RecordId as ::syncline::FieldValue>::COLUMN_TYPE,
                    ),
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
                    ),
                ],
            )
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
            index: usize,
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
        const NAME: &'static str = "note";
        const MODEL: &'static ::syncline::Model = &::syncline::Model::new(
                Self::NAME,
                "note",
                &[
                    ::syncline::Column::new(
                        "heading",
                        "über",
                        <String as ::syncline::FieldValue>::NULLABLE,
                        <String as ::syncline::FieldValue>::COLUMN_TYPE,
                    ),
                    ::syncline::Column::new(
                        "id",
                        "id",
                        <RecordId as ::syncline::FieldValue>::NULLABLE,
                        <RecordId as ::syncline::FieldValue>::COLUMN_TYPE,
                    ),
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
                    ),
                ],
            )
            .local_columns(
                &[
                    ::syncline::Column::new(
                        "scroll_position",
                        "scroll_position",
                        <i64 as ::syncline::FieldValue>::NULLABLE,
                        <i64 as ::syncline::FieldValue>::COLUMN_TYPE,
                    ),
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
            index: usize,
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
                    ),
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
                    ),
                    ::syncline::Column::new(
                            "user_id",
                            "user_id",
                            <Option<RecordId> as ::syncline::FieldValue>::NULLABLE,
                            <Option<RecordId> as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .references(&[<User as ::syncline::Syncable>::NAME])
                        .on_delete(::syncline::OnDelete::SetNull),
                    ::syncline::Column::new(
                            "name",
                            "item",
                            <String as ::syncline::FieldValue>::NULLABLE,
                            <String as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
                        .default("'it''s'"),
                    ::syncline::Column::new(
                        "level",
                        "level",
                        <Option<i64> as ::syncline::FieldValue>::NULLABLE,
                        <Option<i64> as ::syncline::FieldValue>::COLUMN_TYPE,
                    ),
                ],
            )
            .local_columns(
                &[
                    ::syncline::Column::new(
                            "place",
                            "place",
                            <i64 as ::syncline::FieldValue>::NULLABLE,
                            <i64 as ::syncline::FieldValue>::COLUMN_TYPE,
                        )
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

#[test]
fn another_root() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(crate = crate, profile = Notes, model = "note")]
        struct Note { id: RecordId }
    }), @r#"
    #[automatically_derived]
    impl crate::Syncable for Note {
        type Profile = Notes;
        const NAME: &'static str = "note";
        const MODEL: &'static crate::Model = &crate::Model::new(
            Self::NAME,
            "note",
            &[
                crate::Column::new(
                    "id",
                    "id",
                    <RecordId as crate::FieldValue>::NULLABLE,
                    <RecordId as crate::FieldValue>::COLUMN_TYPE,
                ),
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
        );
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
            index: usize,
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
        fn record_id(&self) -> crate::RecordId {
            self.id
        }
        fn set_record_id(&mut self, id: crate::RecordId) {
            self.id = id;
        }
    }
    "#);
}

#[test]
fn a_mistake_leaves_a_stub() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(profile = Notes, modle = "note")]
        struct Note { id: RecordId, tags: Vec<String> }
    }), @r#"
    ::core::compile_error! {
        "unknown key `modle`; did you mean `model`?"
    }
    const _: bool = <RecordId as ::syncline::FieldValue>::NULLABLE;
    const _: bool = <Vec<String> as ::syncline::FieldValue>::NULLABLE;
    #[automatically_derived]
    impl ::syncline::Syncable for Note {
        type Profile = ::syncline::__private::AnyProfile;
        const NAME: &'static str = "Note";
        const MODEL: &'static ::syncline::Model = &::syncline::Model::new(
            Self::NAME,
            "Note",
            &[],
        );
        fn read(
            _: &impl ::syncline::Row,
        ) -> ::core::result::Result<Self, ::syncline::FieldError> {
            ::core::unreachable!("the model does not compile")
        }
        fn write_serialized(
            _: &impl ::syncline::Row,
            _: &mut ::std::string::String,
        ) -> ::core::result::Result<(), ::syncline::FieldError> {
            ::core::unreachable!("the model does not compile")
        }
        fn stored(
            &self,
            _: usize,
        ) -> ::core::option::Option<
            ::core::result::Result<::syncline::StoredValue<'_>, ::syncline::InvalidValue>,
        > {
            ::core::unreachable!("the model does not compile")
        }
        fn record_id(&self) -> ::syncline::RecordId {
            ::core::unreachable!("the model does not compile")
        }
        fn set_record_id(&mut self, _: ::syncline::RecordId) {
            ::core::unreachable!("the model does not compile")
        }
    }
    #[automatically_derived]
    impl ::syncline::Partitioned for Note {}
    "#);
}
