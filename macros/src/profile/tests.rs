//! Snapshots of expansions. The same declaration is compiled and run in `tests/it/expansions.rs` of the face crate.

use proc_macro2::TokenStream;
use quote::quote;

fn expanded(input: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(super::profile(input)).unwrap())
}

#[test]
fn two_models() {
    insta::assert_snapshot!(expanded(quote! {
        /// Everything that somebody wrote down.
        pub Notes = "notes" { Note, records::Notebook }
    }), @r#"
    /// Everything that somebody wrote down.
    #[derive(Debug, Clone, Copy)]
    pub struct Notes;
    const _: () = {
        const LISTING: ::syncline::__private::Listing<2> = ::syncline::__private::Listing::new(
            "notes",
            ["Note", "records::Notebook"],
            [
                <Note as ::syncline::Syncable>::PROFILES,
                <records::Notebook as ::syncline::Syncable>::PROFILES,
            ],
            [
                <Note as ::syncline::Syncable>::MODEL,
                <records::Notebook as ::syncline::Syncable>::MODEL,
            ],
        );
        #[automatically_derived]
        impl ::syncline::Profile for Notes {
            const NAME: &'static str = "notes";
            const MODELS: &'static [&'static ::syncline::Model] = &LISTING.in_order();
            fn visit<V: ::syncline::ModelVisitor>(
                index: usize,
                visitor: V,
            ) -> ::core::option::Option<V::Output> {
                const ORDER: [usize; 2] = LISTING.order();
                match *ORDER.get(index)? {
                    0 => {
                        ::core::option::Option::Some(
                            <Note as ::syncline::Syncable>::accept(visitor),
                        )
                    }
                    1 => {
                        ::core::option::Option::Some(
                            <records::Notebook as ::syncline::Syncable>::accept(visitor),
                        )
                    }
                    _ => ::core::option::Option::None,
                }
            }
        }
        impl ::syncline::Lists<Note> for Notes {}
        impl ::syncline::Lists<records::Notebook> for Notes {}
        #[automatically_derived]
        impl ::syncline::PartitionedProfile for Notes
        where
            for<'a> Note: ::syncline::Partitioned,
            for<'a> records::Notebook: ::syncline::Partitioned,
        {}
        const _: () = LISTING.check_model(0);
        const _: () = LISTING.check_model(1);
    };
    "#);
}

#[test]
fn a_mistake_leaves_a_stub() {
    insta::assert_snapshot!(expanded(quote! {
        Notes = "" { Note }
    }), @r#"
    ::core::compile_error! {
        "a profile name cannot be empty"
    }
    #[derive(Debug, Clone, Copy)]
    struct Notes;
    const _: () = {
        #[automatically_derived]
        impl ::syncline::Profile for Notes {
            const NAME: &'static str = "";
            const MODELS: &'static [&'static ::syncline::Model] = &[];
            fn visit<V: ::syncline::ModelVisitor>(
                _: usize,
                _: V,
            ) -> ::core::option::Option<V::Output> {
                ::core::option::Option::None
            }
        }
        impl<M> ::syncline::Lists<M> for Notes {}
        impl ::syncline::PartitionedProfile for Notes {}
    };
    "#);
}
