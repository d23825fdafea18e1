//! Weighbridge: opens machine-learning checkpoints without running them.
