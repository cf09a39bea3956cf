//! Snapshots of expansions.

use proc_macro2::TokenStream;
use quote::quote;

use crate::formatted::formatted;

#[track_caller]
fn expanded(input: TokenStream) -> String {
    formatted(super::derive(input))
}

#[test]
fn newtype() {
    insta::assert_snapshot!(expanded(quote! {
        struct Title(String);
    }), @r"
    #[automatically_derived]
    impl ::syncline::FieldValue for Title {
        const NULLABLE: ::core::primitive::bool = <String as ::syncline::FieldValue>::NULLABLE;
        const COLUMN_TYPE: ::syncline::ColumnType = <String as ::syncline::FieldValue>::COLUMN_TYPE;
        const CHECKS: &'static [::syncline::Check] = <String as ::syncline::FieldValue>::CHECKS;
        const EMPTY_VALUES: ::syncline::EmptyValues = <String as ::syncline::FieldValue>::EMPTY_VALUES;
        fn read(
            value: ::syncline::ColumnValue<'_>,
        ) -> ::core::result::Result<Self, ::syncline::InvalidValue> {
            ::core::result::Result::Ok(Self {
                0: <String as ::syncline::FieldValue>::read(value)?,
            })
        }
        fn check(
            value: ::syncline::ColumnValue<'_>,
        ) -> ::core::result::Result<(), ::syncline::InvalidValue> {
            <String as ::syncline::FieldValue>::check(value)
        }
        fn write_json(
            value: ::syncline::ColumnValue<'_>,
            json: &mut ::std::string::String,
        ) -> ::core::result::Result<(), ::syncline::InvalidValue> {
            <String as ::syncline::FieldValue>::write_json(value, json)
        }
        fn from_json(
            value: &::syncline::JsonValue<'_>,
        ) -> ::core::result::Result<
            ::syncline::StoredValue<'static>,
            ::syncline::FieldFault,
        > {
            <String as ::syncline::FieldValue>::from_json(value)
        }
        fn to_column(
            &self,
        ) -> ::core::result::Result<::syncline::StoredValue<'_>, ::syncline::InvalidValue> {
            <String as ::syncline::FieldValue>::to_column(&self.0)
        }
    }
    ");
}

#[test]
fn generic_newtype() {
    insta::assert_snapshot!(expanded(quote! {
        struct Marked<T> { inner: Option<T> }
    }), @r"
    #[automatically_derived]
    impl<T> ::syncline::FieldValue for Marked<T>
    where
        Option<T>: ::syncline::FieldValue,
    {
        const NULLABLE: ::core::primitive::bool = <Option<
            T,
        > as ::syncline::FieldValue>::NULLABLE;
        const COLUMN_TYPE: ::syncline::ColumnType = <Option<
            T,
        > as ::syncline::FieldValue>::COLUMN_TYPE;
        const CHECKS: &'static [::syncline::Check] = <Option<
            T,
        > as ::syncline::FieldValue>::CHECKS;
        const EMPTY_VALUES: ::syncline::EmptyValues = <Option<
            T,
        > as ::syncline::FieldValue>::EMPTY_VALUES;
        fn read(
            value: ::syncline::ColumnValue<'_>,
        ) -> ::core::result::Result<Self, ::syncline::InvalidValue> {
            ::core::result::Result::Ok(Self {
                inner: <Option<T> as ::syncline::FieldValue>::read(value)?,
            })
        }
        fn check(
            value: ::syncline::ColumnValue<'_>,
        ) -> ::core::result::Result<(), ::syncline::InvalidValue> {
            <Option<T> as ::syncline::FieldValue>::check(value)
        }
        fn write_json(
            value: ::syncline::ColumnValue<'_>,
            json: &mut ::std::string::String,
        ) -> ::core::result::Result<(), ::syncline::InvalidValue> {
            <Option<T> as ::syncline::FieldValue>::write_json(value, json)
        }
        fn from_json(
            value: &::syncline::JsonValue<'_>,
        ) -> ::core::result::Result<
            ::syncline::StoredValue<'static>,
            ::syncline::FieldFault,
        > {
            <Option<T> as ::syncline::FieldValue>::from_json(value)
        }
        fn to_column(
            &self,
        ) -> ::core::result::Result<::syncline::StoredValue<'_>, ::syncline::InvalidValue> {
            <Option<T> as ::syncline::FieldValue>::to_column(&self.inner)
        }
    }
    ");
}

#[test]
fn texts() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(rename_all = "kebab-case")]
        enum State { InProgress, #[syncable(value = "finished")] Done }
    }), @r#"
    #[automatically_derived]
    impl ::syncline::FieldValue for State {
        const COLUMN_TYPE: ::syncline::ColumnType = ::syncline::ColumnType::Text;
        const CHECKS: &'static [::syncline::Check] = &[
            ::syncline::Check::TextOf(&["in-progress", "finished"]),
        ];
        const EMPTY_VALUES: ::syncline::EmptyValues = ::syncline::EmptyValues::Text;
        fn read(
            value: ::syncline::ColumnValue<'_>,
        ) -> ::core::result::Result<Self, ::syncline::InvalidValue> {
            match value {
                ::syncline::ColumnValue::Text("in-progress") => {
                    ::core::result::Result::Ok(Self::InProgress)
                }
                ::syncline::ColumnValue::Text("finished") => {
                    ::core::result::Result::Ok(Self::Done)
                }
                other => {
                    ::core::result::Result::Err(
                        ::syncline::__private::none_of(other, &["in-progress", "finished"]),
                    )
                }
            }
        }
        fn check(
            value: ::syncline::ColumnValue<'_>,
        ) -> ::core::result::Result<(), ::syncline::InvalidValue> {
            ::syncline::__private::is_of_a_kind(
                value,
                <Self as ::syncline::FieldValue>::CHECKS,
            )
        }
        fn write_json(
            value: ::syncline::ColumnValue<'_>,
            json: &mut ::std::string::String,
        ) -> ::core::result::Result<(), ::syncline::InvalidValue> {
            ::syncline::write_as_stored(value, json)
        }
        fn from_json(
            value: &::syncline::JsonValue<'_>,
        ) -> ::core::result::Result<
            ::syncline::StoredValue<'static>,
            ::syncline::FieldFault,
        > {
            ::syncline::__private::text_of(value, <Self as ::syncline::FieldValue>::CHECKS)
        }
        fn to_column(
            &self,
        ) -> ::core::result::Result<::syncline::StoredValue<'_>, ::syncline::InvalidValue> {
            let text = match self {
                Self::InProgress => "in-progress",
                Self::Done => "finished",
            };
            ::core::result::Result::Ok(
                ::syncline::StoredValue::Text(::std::borrow::Cow::Borrowed(text)),
            )
        }
    }
    "#);
}

#[test]
fn numbers() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(integer, crate = crate)]
        enum Urgency { Someday = 1, Now = 5 }
    }), @r"
    #[automatically_derived]
    impl crate::FieldValue for Urgency {
        const COLUMN_TYPE: crate::ColumnType = crate::ColumnType::Integer;
        const CHECKS: &'static [crate::Check] = &[
            crate::Check::IntegerOf(
                &[
                    Self::Someday as ::core::primitive::i64,
                    Self::Now as ::core::primitive::i64,
                ],
            ),
        ];
        fn read(
            value: crate::ColumnValue<'_>,
        ) -> ::core::result::Result<Self, crate::InvalidValue> {
            match value {
                crate::ColumnValue::Integer(
                    number,
                ) if number == Self::Someday as ::core::primitive::i64 => {
                    ::core::result::Result::Ok(Self::Someday)
                }
                crate::ColumnValue::Integer(
                    number,
                ) if number == Self::Now as ::core::primitive::i64 => {
                    ::core::result::Result::Ok(Self::Now)
                }
                other => {
                    ::core::result::Result::Err(
                        crate::__private::no_number_of(
                            other,
                            &[
                                Self::Someday as ::core::primitive::i64,
                                Self::Now as ::core::primitive::i64,
                            ],
                        ),
                    )
                }
            }
        }
        fn check(
            value: crate::ColumnValue<'_>,
        ) -> ::core::result::Result<(), crate::InvalidValue> {
            crate::__private::is_of_a_kind(value, <Self as crate::FieldValue>::CHECKS)
        }
        fn write_json(
            value: crate::ColumnValue<'_>,
            json: &mut ::std::string::String,
        ) -> ::core::result::Result<(), crate::InvalidValue> {
            crate::write_as_stored(value, json)
        }
        fn from_json(
            value: &crate::JsonValue<'_>,
        ) -> ::core::result::Result<crate::StoredValue<'static>, crate::FieldFault> {
            crate::__private::integer_of(value, <Self as crate::FieldValue>::CHECKS)
        }
        fn to_column(
            &self,
        ) -> ::core::result::Result<crate::StoredValue<'_>, crate::InvalidValue> {
            let number = match self {
                Self::Someday => Self::Someday as ::core::primitive::i64,
                Self::Now => Self::Now as ::core::primitive::i64,
            };
            ::core::result::Result::Ok(crate::StoredValue::Integer(number))
        }
    }
    ");
}

#[test]
fn a_mistake_leaves_a_stub() {
    insta::assert_snapshot!(expanded(quote! {
        enum State { Open, Done(u8) }
    }), @r#"
    ::core::compile_error! {
        "a variant with fields is more than one column: let a field hold it as JSON, `syncline::Json<..>`"
    }
    #[automatically_derived]
    impl ::syncline::FieldValue for State {
        const COLUMN_TYPE: ::syncline::ColumnType = ::syncline::ColumnType::Text;
        fn read(
            _: ::syncline::ColumnValue<'_>,
        ) -> ::core::result::Result<Self, ::syncline::InvalidValue> {
            ::core::unreachable!("the type does not compile")
        }
        fn write_json(
            _: ::syncline::ColumnValue<'_>,
            _: &mut ::std::string::String,
        ) -> ::core::result::Result<(), ::syncline::InvalidValue> {
            ::core::unreachable!("the type does not compile")
        }
        fn from_json(
            _: &::syncline::JsonValue<'_>,
        ) -> ::core::result::Result<
            ::syncline::StoredValue<'static>,
            ::syncline::FieldFault,
        > {
            ::core::unreachable!("the type does not compile")
        }
        fn to_column(
            &self,
        ) -> ::core::result::Result<::syncline::StoredValue<'_>, ::syncline::InvalidValue> {
            ::core::unreachable!("the type does not compile")
        }
    }
    "#);
}
