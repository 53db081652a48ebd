//! A row of the generated field tables, such as `VideoKyc::FIELDS`.

/// A field of a response, for programs that print records.
///
/// A table lists the fields in the order of the spec. A field that Cashfree adds later appears in it as soon as the spec has it:
///
/// ```
/// use cashfree_vkyc::VideoKyc;
///
/// let vkyc = VideoKyc::default();
/// let values = serde_json::to_value(&vkyc)?;
/// for field in VideoKyc::FIELDS {
///     let value = values.get(field.name).map_or("none".to_owned(), ToString::to_string);
///     println!("{}: {}", field.label, if field.is_sensitive { "[redacted]" } else { &value });
/// }
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The name in the JSON.
    pub name: &'static str,
    /// The name in words.
    pub label: &'static str,
    /// Whether the value must not be printed. A nested record or a list is sensitive unless the spec says otherwise, because it
    /// may contain a sensitive value.
    pub is_sensitive: bool,
}

impl Field {
    pub(super) const fn new(name: &'static str, label: &'static str, is_sensitive: bool) -> Self {
        Self { name, label, is_sensitive }
    }
}
