//! The only OpenAPI reader of the project. Rules are in `lint`, and code generation is in `emit`.
//!
//! | file | contents |
//! |---|---|
//! | `yaml.rs` | YAML to a JSON value, with the line of every node and with limits on depth and size |
//! | `scalar.rs` | the JSON value of a plain YAML scalar |
//! | `read.rs` | [`Spec`]: a document, with the line of each pointer |
//! | `pointer.rs` | JSON pointers: [`Pointer`] |
//! | `constants.rs` | addresses, header names, limits, defaults and samples, each with a name |
//! | `direction.rs` | which schemas are sent, and which are read |
//! | `follow.rs` | resolution of `$ref`s |
//! | `inline.rs` | names for objects and enums that are written where they are used |
//! | `node.rs` | readers of one node: [`entries`], [`array()`], [`text`], [`is_true`] |
//! | `rust_names.rs` | names of the spec in Rust |
//! | `views.rs` | operations, responses, schemas, open enums, documented errors, each with its pointer |
//! | `walk.rs` | a traversal of every node that describes something |
//! | `vocabulary.rs` | the vocabulary: methods, limits, character classes, values of our own keys |
//! | `printable.rs` | text from outside, made safe to print: [`printable()`] |
//! | `finding.rs` | problems of a spec: [`Finding`] |
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
mod rust_names;
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
pub(crate) use node::property;
pub use node::{array, entries, is_true, open_reference, reference_name, required_when_sent, text};
pub use pointer::Pointer;
pub use printable::{is_printable, printable};
pub use read::Spec;
pub(crate) use rust_names::{field_name, is_identifier, rust_name};
pub use views::Operation;
pub(crate) use views::{Choice, OpenEnum};
pub(crate) use vocabulary::{EVIDENCE, MEANINGS, NAMED, character_class};
pub use vocabulary::{LIMITS, METHODS};
pub(crate) use walk::{Described, walk};
