//! Serialises a Kolibri database into its sync store, as Morango does.
fn main() {}
