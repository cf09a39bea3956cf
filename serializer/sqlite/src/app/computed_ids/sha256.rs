//! SHA-256 (FIPS 180-4) as an SQL expression. Triggers need it, because other programs that write to the file have only
//! `SQLite`.
//!
//! The expression runs on `SQLite` 3.8.3, the first version with `WITH RECURSIVE`. The outer recursion goes over the
//! blocks of the message and carries the eight words of state, as text of ten decimal digits each. The inner recursion
//! computes one row for each round from the row before.
//!
//! * SQL has no variables but columns: an expression that is used twice is written, and evaluated, twice. So the two
//!   new words of a round are computed one row apart: a row holds `e` of its own round, and `a` of the round before,
//!   which depends on that `e`.
//! * There is no exclusive or. The exclusive or of three numbers is their sum minus twice the bits that at least two of
//!   them have in common.
//! * Numbers have 64 bits; the upper 32 are ignored until a word is complete. A rotation leaves arbitrary upper bits.
//!   No shift to the left exceeds 30 bits, so a sum of three words stays below 2^63, above which it would become a
//!   float.
//! * `<<`, `>>`, `&` and `|` have the same precedence, are left-associative, and bind less tightly than `+`.

use std::fmt::Write as _;

/// The bit mask of a word.
const WORD: u32 = u32::MAX;

/// The initial hash value.
const INITIAL: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The round constants.
#[rustfmt::skip]
const ROUNDS: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// Returns an SQL expression for the first half of the SHA-256 of the bytes of `message`, another SQL expression, as 32
/// lower-case hex digits.
///
/// The bytes of a text depend on the encoding of the database. Column names in `message` must be qualified with their
/// tables.
pub(crate) fn first_half(message: &str) -> String {
    // `m` is the rest of the padded message in hex, and `s` is the state.
    let padded = "y||'80'||substr(hex(zeroblob(64)),1,(238-length(y)%128)%128)||printf('%016X',4*length(y))";
    let state = |word: usize| decimal("s", &(10 * word).to_string());
    let digits = (0..4).map(state).collect::<Vec<_>>().join(",");
    format!(
        "(WITH RECURSIVE t(m,s) AS (SELECT {padded},'{}' FROM (SELECT hex(CAST({message} AS BLOB)) AS y) \
         UNION ALL SELECT substr(m,129),({}) FROM t WHERE m<>'') \
         SELECT printf('%08x%08x%08x%08x',{digits}) FROM t WHERE m='')",
        as_digits(&INITIAL),
        block(&state),
    )
}

/// The state after the first block of `m`. `s` is the state before.
fn block(state: &dyn Fn(usize) -> String) -> String {
    // `w0` to `w15` are the window of the message schedule up to the word of round `i`. `e` to `h` are the words at the
    // start of round `i`, and `x` is the former `h`. `a` to `d` are the words at the start of the round before. The row
    // before the first round has no word yet: its `h` is the first `e`, and its `d` and `c` are the first two values of
    // `a`.
    let window: Vec<String> = (0..16).map(|word| format!("w{word}")).collect();
    let (columns, shifted) = (window.join(","), window[1..].join(","));
    let next_word = format!(
        "CASE WHEN i<15 THEN {given} WHEN i<63 THEN w0+w9+{}+{}&{WORD} END",
        xor(&rotated("w1", 7), &rotated("w1", 18), "w1>>3"),
        xor(&rotated("w14", 17), &rotated("w14", 19), "w14>>10"),
        given = next_word_of_message(),
    );
    let e = format!(
        "CASE WHEN i<0 THEN h ELSE c+h+{}+(e&f|(g&~e))+{}+w15&{WORD} END",
        xor(&rotated("e", 6), &rotated("e", 11), &rotated("e", 25)),
        decimal(&format!("'{}'", as_digits(&ROUNDS)), "10*i"),
    );
    let a = format!(
        "CASE WHEN i>0 THEN e-d+{}+(a&b|(c&(a|b)))&{WORD} ELSE d END",
        xor(&rotated("a", 2), &rotated("a", 13), &rotated("a", 22)),
    );
    let zeros = "0,".repeat(16);
    let begin = [5, 6, 7, 4].map(state).join(",") + ",0," + &[2, 3, 0, 1].map(state).join(",");
    let mut sums = String::new();
    for (word, column) in ["a", "b", "c", "d", "f", "g", "h", "x"].into_iter().enumerate() {
        let _ = write!(sums, ",{}+{column}&{WORD}", state(word));
    }
    // The last row holds the last `a`. Its `f` is the last `e`.
    format!(
        "WITH RECURSIVE r(i,{columns},e,f,g,h,x,a,b,c,d) AS (SELECT -1,{zeros}{begin} \
         UNION ALL SELECT i+1,{shifted},{next_word},{e},e,f,g,h,{a},a,b,c FROM r WHERE i<65) \
         SELECT printf('{}'{sums}) FROM r WHERE i=65",
        "%010d".repeat(8),
    )
}

/// Word `i + 1` of the block.
fn next_word_of_message() -> String {
    let digit = |place: usize| {
        let value = format!("instr('123456789ABCDEF',substr(m,8*i+{},1))", place + 9);
        if place < 7 { format!("({value}<<{})", 28 - 4 * place) } else { value }
    };
    (0..8).map(digit).collect::<Vec<_>>().join("|")
}

/// The number of ten decimal digits in `text` at offset `position`.
fn decimal(text: &str, position: &str) -> String {
    format!("CAST(substr({text},{position}+1,10) AS INTEGER)")
}

fn as_digits(words: &[u32]) -> String {
    let mut digits = String::new();
    for word in words {
        let _ = write!(digits, "{word:010}");
    }
    digits
}

/// `column`, a word, rotated right by `bits`.
fn rotated(column: &str, bits: u32) -> String {
    format!("({column}>>{bits})|({column}<<{})", 32 - bits)
}

fn xor(x: &str, y: &str, z: &str) -> String {
    format!("({x})+({y})+({z})-2*(({x})&({y})|(({z})&(({x})|({y}))))")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;
    use rusqlite::Connection;
    use rusqlite::types::ToSql;
    use sha2::{Digest as _, Sha256};
    use syncline_serializer::record_id::RecordId;
    use uuid::Uuid;

    use super::first_half;

    struct Sql(Connection);

    impl Sql {
        fn new() -> Self {
            Self(Connection::open_in_memory().unwrap())
        }

        fn first_half(&self, message: &dyn ToSql) -> String {
            let sql = format!("SELECT {}", first_half("?1"));
            self.0.prepare_cached(&sql).unwrap().query_row([message], |row| row.get(0)).unwrap()
        }

        #[track_caller]
        fn check(&self, message: &[u8]) {
            let expected = RecordId::from(Uuid::from_slice(&Sha256::digest(message)[..16]).unwrap());
            assert_eq!(self.first_half(&message), expected.as_str(), "{message:?}");
        }
    }

    #[test]
    fn every_length_around_the_ends_of_blocks_is_padded() {
        let sql = Sql::new();
        let message: Vec<u8> = (0..=255).cycle().take(1100).collect();
        for length in (0..=200).chain([247, 248, 255, 256, 503, 504, 511, 512, 1000, 1024, 1100]) {
            sql.check(&message[..length]);
        }
        for byte in [0x00, 0x7f, 0x80, 0xff] {
            sql.check(&[byte; 55]);
            sql.check(&[byte; 64]);
            sql.check(&[byte; 120]);
        }
    }

    #[test]
    fn random_bytes_are_hashed() {
        let sql = Sql::new();
        let mut runner =
            TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() });
        let outcome = runner.run(&prop::collection::vec(any::<u8>(), 0..300), |message| {
            sql.check(&message);
            Ok(())
        });
        outcome.unwrap_or_else(|failure| panic!("{failure}"));
    }

    #[test]
    fn text_is_hashed_as_rust_hashes_it() {
        let sql = Sql::new();
        // The test vector of morango.md §18.
        let golden = sql.first_half(&"d1:user-ro:${id}::src1::facilityuser");
        assert_eq!(golden, "b52beb8b1b253efcae9319f3e52fd06f");
        for text in ["", "abc", "Größe 😀", "a\0b", "\0", "it's \"x\"", &"ä".repeat(500)] {
            assert_eq!(sql.first_half(&text), RecordId::hash(&[text]).as_str(), "{text:?}");
        }
        assert_eq!(sql.first_half(&-12), RecordId::hash(&["-12"]).as_str());
    }
}
