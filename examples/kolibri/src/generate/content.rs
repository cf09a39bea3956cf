//! Generated resources: videos, documents and exercises.

use super::random::Random;

/// A resource.
#[derive(Debug)]
pub(super) struct Content {
    pub(super) node: String,
    pub(super) id: String,
    pub(super) channel: String,
    pub(super) kind: &'static str,
    /// The ids of its questions. Empty if it is no exercise.
    pub(super) items: Vec<String>,
}

/// Makes 300 resources of two channels. Half are exercises.
pub(super) fn library(random: &mut Random) -> Vec<Content> {
    let channels = [random.id(), random.id()];
    (0..300)
        .map(|number| {
            let kind = match number % 20 {
                0..10 => "exercise",
                10..15 => "video",
                15..18 => "document",
                18 => "html5",
                _ => "audio",
            };
            let items = random.between(5, 20);
            Content {
                node: random.id(),
                id: random.id(),
                channel: random.pick(&channels).clone(),
                kind,
                items: (0..items).map(|_| random.id()).collect(),
            }
        })
        .collect()
}
