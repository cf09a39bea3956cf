//! The stream runtime of syncline: sources, stages and sinks in constant memory.
