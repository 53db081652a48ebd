//! The JSON schemas of hand-written types (feature `schemars`).

/// Writes the schema of a type. With `inline: true`, a schema that uses the type repeats it instead of naming it.
macro_rules! json_schema {
    ($name:ident, inline: $inline:literal, $schema:tt) => {
        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                $inline
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($schema)
            }
        }
    };
}

pub(crate) use json_schema;
