use syncline::policy::{Letter, dead_letter, dead_letter_by};
use syncline::{Collect, Pipeline, from_iter, pipeline};

pipeline! {
    Parsed(texts: Vec<String>) -> Vec<u64> {
        from_iter(texts)
            => try_map(|text| Ok(text.parse()?)) on_error dead_letter(Collect::new())
            => Collect::new()
    }
}

pipeline! {
    Named(texts: Vec<String>, letters: Collect<Letter<u64>>) -> Vec<u64> {
        from_iter(texts)
            => map(|text| text.len() as u64)
            => Collect::new() on_error skip(1) on_error dead_letter(letters)
    }
}

pipeline! {
    Routed(texts: Vec<String>) -> Vec<u64> {
        from_iter(texts)
            => try_map(|text| Ok(text.parse()?)) on_error dead_letter(route([Collect::new()], |_| 0))
            => Collect::new()
    }
}

fn main() {
    let numbers = Pipeline::new("collected", from_iter(["1", "x"])).try_map(|text| Ok(text.parse::<u64>()?));
    let letters = dead_letter(Collect::new());
    numbers.on_error(letters).end(Collect::new()).run().unwrap();
    let numbers = Pipeline::new("keys", from_iter(["1", "x"])).try_map(|text| Ok(text.parse::<u64>()?));
    let letters = dead_letter_by(|text: &&str| text.len(), Collect::new());
    numbers.on_error(letters).end(Collect::new()).run().unwrap();
}
