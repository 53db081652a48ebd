//! The only OpenAPI reader of the project. Rules are in `lint`, and code generation is in `emit`.
//!
//! | file | contents |
//! |---|---|
//! | `yaml.rs` | YAML to a JSON value, with the line of every node, and with limits on depth and size |
//! | `read.rs` | [`Spec`]: a document, with the line of each pointer |
//! | `direction.rs` | which schemas are sent, and which are read |
//! | `inline.rs` | names for inline objects and enums |
//! | `node.rs` | readers of one node: [`entries`], [`array()`], [`text`], [`is_true`]; names of the spec in Rust |
//! | `views.rs` | operations, responses, schemas, open enums, documented errors, constants, each with its pointer |
//! | `walk.rs` | a traversal of every node that describes something; resolution of `$ref`s |
//! | `vocabulary.rs` | methods, limits, character classes, values of our own keys |
//! | `finding.rs` | problems of a spec: [`Finding`]; JSON pointers: [`Pointer`]; text from outside, made safe to print: [`printable()`] |
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

mod direction;
mod finding;
mod inline;
mod node;
mod read;
mod views;
mod vocabulary;
mod walk;
mod yaml;

#[cfg(test)]
mod tests;

pub(crate) use direction::Directions;
pub use finding::{Finding, Pointer, SpecError, is_printable, printable};
pub use node::{array, entries, is_true, open_reference, reference_name, required_when_sent, text};
pub(crate) use node::{field_name, is_identifier, property, rust_name};
pub use read::Spec;
pub use views::Operation;
pub(crate) use views::{Choice, Constant, OpenEnum};
pub(crate) use vocabulary::{EVIDENCE, MEANINGS, character_class};
pub use vocabulary::{LIMITS, METHODS};
pub use walk::{DeadEnd, Why};
pub(crate) use walk::{Described, walk};
