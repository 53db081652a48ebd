//! The operations of the spec by method and path.

use http::Method;

use crate::model::generated::{ROUTES, Route};

/// The operation of a request.
pub(super) fn find(method: &Method, path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method == method.as_str() && matches(route.path, path))
}

/// Whether a path matches one of the spec, whose arguments are in braces.
fn matches(pattern: &str, path: &str) -> bool {
    let part_matches = |(pattern, part): (&str, &str)| pattern == part || (name(pattern).is_some() && !part.is_empty());
    pattern.split('/').count() == path.split('/').count() && pattern.split('/').zip(path.split('/')).all(part_matches)
}

/// The arguments in a path, with their names in the spec, still encoded.
pub(super) fn arguments<'a>(pattern: &'a str, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    pattern.split('/').zip(path.split('/')).filter_map(|(pattern, part)| Some((name(pattern)?, part)))
}

fn name(pattern: &str) -> Option<&str> {
    pattern.strip_prefix('{')?.strip_suffix('}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_with_its_arguments() {
        for (pattern, path, found) in [
            ("/user", "/user", true),
            ("/user", "/user/", false),
            ("/user", "/users", false),
            ("/agent/{agent_id}/desk", "/agent/7/desk", true),
            ("/agent/{agent_id}/desk", "/agent//desk", false),
            ("/agent/{agent_id}", "/agent/7/desk", false),
        ] {
            assert_eq!(matches(pattern, path), found, "{path}");
        }
        let found: Vec<_> = arguments("/agent/{agent_id}/desk/{desk}", "/agent/7/desk/a%20b").collect();
        assert_eq!(found, [("agent_id", "7"), ("desk", "a%20b")]);
    }
}
