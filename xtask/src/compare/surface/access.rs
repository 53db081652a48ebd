//! Servers and authentication.

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::openapi::{Pointer, array, entries, text};
use serde_json::{Map, Value};

use super::super::keywords;
use super::super::schema::listed;
use super::{Opened, Read, Reader, open};

/// More URLs of one server than any API has.
const MAX_URLS: usize = 64;

/// The longest URL in bytes, also after its variables are replaced. Variables may contain other variables.
const MAX_URL: usize = 2048;
const MAX_GROWTH: usize = 1 << 18;

/// More alternatives of authentication than any API has.
const MAX_ALTERNATIVES: usize = 64;

impl<'a> Reader<'a> {
    /// The URLs that users may choose from.
    pub(super) fn servers(&mut self, servers: Option<&'a Value>) -> Read {
        for server in array(servers) {
            let about = keywords::attributes(keywords::SERVER, server);
            for (url, attributes) in urls(server) {
                let attributes = about.clone().into_iter().chain(attributes).collect();
                self.add(format!("server {}", plain_url(&url)), &Pointer::of(["servers"]), attributes, None)?;
            }
        }
        Ok(())
    }

    /// The authentication schemes. With alternatives, a scheme that is missing in one of them is optional.
    pub(super) fn auth(&mut self, security: Option<&'a Value>) -> Read {
        if array(security).nth(MAX_ALTERNATIVES).is_some() {
            return Err(format!("there are more than {MAX_ALTERNATIVES} alternatives of `security`"));
        }
        let mut proofs: BTreeMap<String, (Pointer, Map<String, Value>)> = BTreeMap::new();
        // The places of each alternative, with their scopes.
        let mut alternatives: Vec<BTreeMap<String, String>> = Vec::new();
        for requirement in array(security) {
            let mut alternative = BTreeMap::new();
            for (name, scopes) in entries(Some(requirement)) {
                let (place, at, mut attributes) = self.scheme(name)?;
                let scopes = array(Some(scopes)).next().map(|_| listed(scopes, scopes));
                let named = scopes.as_ref().map_or_else(|| place.clone(), |scopes| format!("{place} {scopes}"));
                alternative.insert(place.clone(), named);
                attributes.extend(scopes.map(|scopes| ("scopes".to_owned(), scopes)));
                // Two schemes in the same place: keeps the statements of both.
                let (_, known) = proofs.entry(place).or_insert_with(|| (at, Map::new()));
                for (name, value) in attributes {
                    let both = known.get(&name).filter(|known| **known != value).map(|known| listed(known, &value));
                    known.insert(name, both.unwrap_or(value));
                }
            }
            alternatives.push(alternative);
        }
        for (place, (at, mut attributes)) in proofs {
            if alternatives.iter().any(|alternative| !alternative.contains_key(&place)) {
                attributes.insert("optional".into(), true.into());
            }
            self.add(place, &at, attributes, None)?;
        }
        let named: BTreeSet<Vec<String>> = alternatives.into_iter().map(|one| one.into_values().collect()).collect();
        if named.len() > 1 {
            self.whole.insert("alternatives".into(), named.into_iter().collect());
        }
        Ok(())
    }

    /// Place, pointer and attributes of a security scheme.
    fn scheme(&self, name: &str) -> Read<(String, Pointer, Map<String, Value>)> {
        let at = Pointer::of(["components", "securitySchemes", name]);
        let not_described = || format!("the security scheme `{name}` is named but not described");
        let scheme = self.spec.at(at.as_ref()).ok_or_else(not_described)?;
        let Opened { node: scheme, at, mut attributes } = open(self.spec, keywords::SECURITY_SCHEME, scheme, at)?;
        let said = |key| text(scheme, key).unwrap_or_default();
        let kind = said("type");
        let place = match (kind, said("in")) {
            ("apiKey", "header") => format!("auth header {}", said("name").to_lowercase()),
            ("apiKey", place) => format!("auth {place} {}", said("name")),
            ("http", _) => format!("auth http {}", said("scheme").to_lowercase()),
            (other, _) => format!("auth {other}"),
        };
        attributes.insert("type".into(), kind.into());
        attributes.extend(flows(scheme));
        Ok((place, at, attributes))
    }
}

/// The token URLs and scopes of the flows: `flow clientCredentials tokenUrl`.
fn flows(scheme: &Value) -> Map<String, Value> {
    let node = scheme.get("flows").filter(|node| node.is_object());
    let mut found = node.map(|node| keywords::attributes(keywords::OAUTH_FLOWS, node)).unwrap_or_default();
    for (flow, node) in entries(node).filter(|(flow, _)| keywords::row_of(keywords::OAUTH_FLOWS, flow).is_some()) {
        found.extend(keywords::of_part(&format!("flow {flow}"), keywords::attributes(keywords::OAUTH_FLOW, node)));
        let scopes: Vec<&str> = entries(node.get("scopes")).map(|(scope, _)| scope).collect();
        found.insert(format!("flow {flow} scopes"), scopes.into());
    }
    found
}

/// The URLs of a server, one for each value of its variables, with their attributes.
fn urls(server: &Value) -> Vec<(String, Map<String, Value>)> {
    let url = text(server, "url").unwrap_or_default();
    let (mut urls, mut taken_anyway, mut about) = (vec![url.to_owned()], url.to_owned(), Map::new());
    let is_used = |name: &str| url.len() <= MAX_URL && url.contains(&format!("{{{name}}}"));
    for (name, variable) in entries(server.get("variables")).filter(|(name, _)| is_used(name)) {
        let attributes = keywords::attributes(keywords::SERVER_VARIABLE, variable);
        about.extend(attributes.into_iter().map(|(key, value)| (format!("{key} of {name}"), value)));
        let values: Vec<&str> = array(variable.get("enum")).filter_map(Value::as_str).collect();
        let default = text(variable, "default").unwrap_or_default();
        let longest = values.iter().chain([&default]).map(|value| value.len()).max().unwrap_or_default();
        let url = urls.iter().chain([&taken_anyway]).map(String::len).max().unwrap_or_default();
        if values.is_empty() || values.len() * urls.len() > MAX_URLS || url * longest > MAX_GROWTH {
            let may_be = if values.is_empty() { default.into() } else { Value::from(values) };
            about.insert(format!("variable {name}"), may_be);
            continue;
        }
        let with = |url: &String, value: &str| url.replace(&format!("{{{name}}}"), value);
        urls = urls.iter().flat_map(|url| values.iter().map(|value| with(url, value))).collect();
        taken_anyway = with(&taken_anyway, default);
    }
    let is_choice = urls.len() > 1;
    let of_url = |url: String| {
        let chosen = (is_choice && url == taken_anyway).then(|| (CHOSEN.to_owned(), true.into()));
        (url, about.clone().into_iter().chain(chosen).collect())
    };
    urls.into_iter().map(of_url).collect()
}

/// The attribute of the default URL. A list of servers has no default.
pub(crate) const CHOSEN: &str = "taken unless chosen";

/// A URL for comparison: host in lower case, no default port, no trailing slash.
fn plain_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.trim_end_matches('/').to_owned() };
    let (scheme, cut) = (scheme.to_lowercase(), rest.find('/').unwrap_or(rest.len()));
    let (host, path) = rest.split_at(cut);
    let host = host.to_lowercase();
    let port = if scheme == "http" { ":80" } else { ":443" };
    let host = host.strip_suffix(port).unwrap_or(&host);
    format!("{scheme}://{host}{path}").trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_notations_of_a_url_are_equal() {
        for url in ["https://a.example/v", "HTTPS://A.Example/v/", "https://a.example:443/v"] {
            assert_eq!(plain_url(url), "https://a.example/v");
        }
        assert_eq!(plain_url("/V/"), "/V");
        assert_eq!(plain_url("http://a.example:443"), "http://a.example:443");
    }
}
