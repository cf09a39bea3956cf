//! The cases of `rename_all`: conversions of a variant's name to its stored text.

use syn::LitStr;

/// A case that `rename_all` accepts, with serde's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    Upper,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
}

const CASES: [(&str, Case); 6] = [
    ("lowercase", Case::Lower),
    ("UPPERCASE", Case::Upper),
    ("camelCase", Case::Camel),
    ("snake_case", Case::Snake),
    ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
    ("kebab-case", Case::Kebab),
];

impl Case {
    pub(super) fn parse(text: &LitStr) -> syn::Result<Self> {
        let given = text.value();
        CASES.iter().find(|(name, _)| *name == given).map(|(_, case)| *case).ok_or_else(|| {
            let known = CASES.map(|(name, _)| format!("`{name}`")).join(", ");
            syn::Error::new_spanned(text, format!("`rename_all` takes {known}"))
        })
    }

    /// Converts `name` from upper camel case (`LikeThis`) to this case.
    pub(super) fn of(self, name: &str) -> String {
        match self {
            Self::Lower => name.to_lowercase(),
            Self::Upper => name.to_uppercase(),
            Self::Camel => {
                let mut characters = name.chars();
                let first = characters.next().into_iter().flat_map(char::to_lowercase);
                first.chain(characters).collect()
            }
            Self::Snake => separated(name, '_'),
            Self::ScreamingSnake => separated(name, '_').to_uppercase(),
            Self::Kebab => separated(name, '-'),
        }
    }
}

/// `name` in lower case, with `separator` before each capital except the first.
fn separated(name: &str, separator: char) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !text.is_empty() {
            text.push(separator);
        }
        text.extend(character.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::CASES;

    #[test]
    fn as_serde_has_them() {
        let renamed: Vec<_> = CASES.iter().map(|(_, case)| case.of("AdHocGroup")).collect();
        let expected =
            ["adhocgroup", "ADHOCGROUP", "adHocGroup", "ad_hoc_group", "AD_HOC_GROUP", "ad-hoc-group"];
        assert_eq!(renamed, expected);
    }
}
