//! Symmetry.
