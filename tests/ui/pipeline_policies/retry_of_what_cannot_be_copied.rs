use std::time::Duration;

use syncline::{Collect, Halt, Transform, from_iter, pipeline};

struct Ticket(u64);

struct Check;

impl Transform for Check {
    type In = Ticket;
    type Out = u64;

    fn transform(&mut self, ticket: Ticket) -> Result<Option<u64>, Halt> {
        Ok(Some(ticket.0))
    }
}

pipeline! {
    Tickets() -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| Ticket(n))
            => Check on_error retry(3, Duration::ZERO)
            => Collect::new()
    }
}

fn main() {}
