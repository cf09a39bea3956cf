syncline::profile! {
    pub Notes = "notes" {}
}

fn main() {}
