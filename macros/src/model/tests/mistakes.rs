//! Tests of the stub that follows a mistake.

use quote::quote;

use super::expanded;

#[test]
fn a_mistake_leaves_a_stub() {
    insta::assert_snapshot!(expanded(quote! {
        #[syncable(profile = Notes, modle = "note")]
        struct Note { id: RecordId, tags: Vec<String> }
    }), @r#"
    ::core::compile_error! {
        "unknown key `modle`; did you mean `model`?"
    }
    const _: ::core::primitive::bool = <RecordId as ::syncline::FieldValue>::NULLABLE;
    const _: ::core::primitive::bool = <Vec<String> as ::syncline::FieldValue>::NULLABLE;
    #[automatically_derived]
    impl ::syncline::Syncable for Note {
        type Profile = ::syncline::__private::AnyProfile;
        const NAME: &'static ::core::primitive::str = "Note";
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
            _: ::core::primitive::usize,
        ) -> ::core::option::Option<
            ::core::result::Result<::syncline::StoredValue<'_>, ::syncline::InvalidValue>,
        > {
            ::core::unreachable!("the model does not compile")
        }
        fn check(
            _: ::core::primitive::usize,
            _: ::syncline::ColumnValue<'_>,
        ) -> ::core::result::Result<(), ::syncline::InvalidValue> {
            ::core::unreachable!("the model does not compile")
        }
        fn receive(
            _: ::core::primitive::usize,
            _: ::core::option::Option<&::syncline::JsonValue<'_>>,
        ) -> ::core::result::Result<
            ::syncline::StoredValue<'static>,
            ::syncline::FieldFault,
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
