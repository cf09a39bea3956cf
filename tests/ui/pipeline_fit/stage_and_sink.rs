use syncline::{Collect, Halt, Transform, from_iter};

struct Loaded;
struct LookedUp;
struct Task<S>(u64, S);

struct LookUp;

impl Transform for LookUp {
    type In = Task<Loaded>;
    type Out = Task<LookedUp>;

    fn transform(&mut self, task: Task<Loaded>) -> Result<Option<Task<LookedUp>>, Halt> {
        Ok(Some(Task(task.0, LookedUp)))
    }
}

struct Update;

impl Transform for Update {
    type In = Task<LookedUp>;
    type Out = u64;

    fn transform(&mut self, task: Task<LookedUp>) -> Result<Option<u64>, Halt> {
        Ok(Some(task.0))
    }
}

syncline::pipeline! {
    pub Numbers() -> Vec<u64> {
        from_iter(0..10)
            => map(|n| Task(n, Loaded))
            => LookUp
            => Collect::<u64>::new()
    }
}

fn main() {}
