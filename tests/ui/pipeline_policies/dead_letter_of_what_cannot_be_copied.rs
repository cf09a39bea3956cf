use syncline::policy::Letter;
use syncline::{Collect, Halt, Transform, for_each, from_iter, pipeline};

struct Ticket(u64);

struct Check;

impl Transform for Check {
    type In = Ticket;
    type Out = Ticket;

    fn transform(&mut self, ticket: Ticket) -> Result<Option<Ticket>, Halt> {
        Ok(Some(ticket))
    }
}

pipeline! {
    Tickets() -> Vec<u64> {
        from_iter(0..10_u64)
            => map(|n| Ticket(n))
            => Check on_error dead_letter(for_each(|letter: Letter<Ticket>| { println!("{}", letter.item.0); Ok(()) }))
            => map(|ticket| ticket.0)
            => Collect::new()
    }
}

fn main() {}
