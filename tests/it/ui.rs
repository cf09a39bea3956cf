//! Compiler messages for wrong declarations: a folder for each theme, a file for each mistake, and one file with several.

#[test]
fn mistakes_are_reported_in_the_words_of_the_dsl() {
    let cases = trybuild::TestCases::new();
    for theme in [
        "model_shape",
        "model_keys",
        "model_fields",
        "flatten",
        "field_value",
        "references",
        "rules",
        "partition",
        "identity",
        "evolution",
        "profile",
        "pipeline_shape",
        "pipeline_operators",
        "pipeline_fit",
        "pipeline_inference",
        "pipeline_parts",
        "pipeline_policies",
    ] {
        cases.compile_fail(format!("tests/ui/{theme}/*.rs"));
    }
    cases.pass("tests/ui/pass/*.rs");
}
