//! Reads OpenAPI: the one reader of the project. Nothing here judges or writes code; that is `lint` and `emit`.
//!
//! | file | what it does |
//! |---|---|
//! | `yaml.rs` | YAML to a JSON value, with the line of every node; neither too deep nor too large |
//! | `scalar.rs` | what a plain scalar of YAML is, as JSON |
//! | `read.rs` | [`Spec`]: a document, and from each pointer back to its line |
//! | `pointer.rs` | the names of nodes: [`Pointer`] |
//! | `constants.rs` | addresses, header names, limits, defaults and samples, each with a name |
//! | `direction.rs` | which schemas are sent, and which are read |
//! | `follow.rs` | where a `$ref` leads |
//! | `inline.rs` | names for objects and enums that are written where they are used |
//! | `node.rs` | what one node holds: [`entries`], [`array()`], [`text`], [`is_true`] |
//! | `views.rs` | operations, responses, schemas, open enums, documented errors, each with its pointer |
//! | `walk.rs` | every node that describes something |
//! | `vocabulary.rs` | the vocabulary: methods, limits, character classes, marks of evidence |
//! | `printable.rs` | text of others, made fit to be printed: [`printable()`] |
//! | `finding.rs` | what is wrong with a spec, where, and its help |
//!
//! ```
//! use cashfree_vkyc_codegen::openapi::{Spec, array, text};
//!
//! let spec = Spec::parse("my.yaml", "openapi: 3.0.3\ntags: [{ name: things }, { name: ' ' }]")?;
//! let names: Vec<_> = array(spec.at("/tags")).map(|tag| text(tag, "name")).collect();
//! assert_eq!(names, [Some("things"), None]);
//! assert_eq!(spec.place("/tags/1/name"), Some((2, 34)));
//! # Ok::<(), cashfree_vkyc_codegen::SpecError>(())
//! ```

mod constants;
mod direction;
mod finding;
mod follow;
mod inline;
mod node;
mod pointer;
mod printable;
mod read;
mod scalar;
mod views;
mod vocabulary;
mod walk;
mod yaml;

#[cfg(test)]
mod tests;

pub(crate) use constants::Constant;
pub(crate) use direction::Directions;
pub use finding::{Finding, SpecError};
pub use follow::{DeadEnd, Why};
pub use node::{array, entries, is_true, open_reference, reference_name, required_when_sent, text};
pub use pointer::Pointer;
pub use printable::{is_printable, printable};
pub use read::Spec;
pub use views::Operation;
pub(crate) use views::{Choice, OpenEnum, field_name, rust_name};
pub(crate) use vocabulary::{EVIDENCE, MEANINGS, NAMED, character_class};
pub use vocabulary::{LIMITS, METHODS};
pub(crate) use walk::walk;
