//! Extracts the OpenAPI document from a page of Cashfree's.
//!
//! | input | how it is read |
//! |---|---|
//! | Mintlify Markdown (`….md`) | the fenced block with a document after the heading `## OpenAPI`; its info string names the operation, unless it holds only one |
//! | OpenAPI as YAML or JSON | as it is |
//! | anything else | refused with a hint; an empty comparison would look like "no change" |

use cashfree_vkyc_codegen::openapi::{Finding, METHODS, Spec, SpecError, entries};
use serde_json::Value;

/// Reads a page; messages call it `name`. Returns the document, and the method in lower case and the path if the page is about
/// one operation. An error says why nothing can be compared.
pub(super) fn read(name: &str, text: &str) -> Result<(Spec, Option<(String, String)>), String> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    // YAML allows a tab at the end of a line; the parser takes a tab after a key for indentation.
    let text = text.split('\n').map(|line| line.trim_end_matches(['\t', ' '])).collect::<Vec<_>>().join("\n");
    if text.trim().is_empty() {
        return Err("the page is empty".into());
    }
    if let Some(block) = openapi_block(&text)? {
        let document = parse(name, &block.in_place())?;
        let only = operation(block.info).map(|(method, address)| (method, path(&document, &address)));
        // A page with a single operation is the page of that operation.
        let only = only.or_else(|| match document.operations().as_slice() {
            [one] => Some((one.method.to_owned(), one.path.to_owned())),
            _ => None,
        });
        return Ok((document, only));
    }
    if text.trim_start().starts_with('<') {
        return Err("this is an HTML page; fetch its Markdown instead: add `.md` to the address".into());
    }
    if text.lines().any(|line| line.starts_with("# ") || line.starts_with("## ")) && !text.contains("openapi:") {
        return Err("there is no `## OpenAPI` section in this page; is it the page of an operation?".into());
    }
    Ok((parse(name, &text)?, None))
}

/// A fenced block: its info string, its text, and the number of lines above it.
struct Block<'a> {
    info: &'a str,
    text: &'a str,
    above: usize,
}

impl<'a> Block<'a> {
    /// The text at its original line numbers, for messages.
    fn in_place(&self) -> String {
        self.lines().fold("\n".repeat(self.above), |text, line| text + line + "\n")
    }

    /// The lines without the indentation of the first: a block may be inside an indented element.
    fn lines(&self) -> impl Iterator<Item = &'a str> {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let first = self.text.lines().find(|line| !line.trim().is_empty()).map_or(0, indent);
        self.text.lines().map(move |line| line.get(indent(line).min(first)..).unwrap_or(line))
    }

    /// Whether the block is an OpenAPI document and not a sample.
    fn is_document(&self) -> bool {
        let names = |line: &str| {
            let (key, rest) = line.split_once(':').unwrap_or_default();
            !rest.is_empty() && ["openapi", "swagger"].contains(&key.trim_end().trim_matches(['"', '\'']))
        };
        // In flow style, a key follows a brace or a comma, perhaps on a new line.
        match self.text.trim_start().starts_with('{') {
            true => self.text.split(['{', ',']).any(|entry| names(entry.trim_start())),
            false => self.lines().any(names),
        }
    }
}

/// The block after the heading. `None` without such a heading.
fn openapi_block(text: &str) -> Result<Option<Block<'_>>, String> {
    let mut behind = 0;
    // Each line with its number and its end.
    let mut lines = text.split_inclusive('\n').enumerate().map(|(n, line)| {
        behind += line.len();
        (n, behind, line)
    });
    let (mut in_section, mut found) = (false, None);
    while let Some((n, start, line)) = lines.next() {
        in_section |= is_heading(line);
        let Some((fence, info)) = fence(line) else { continue };
        let Some((_, end, last)) = lines.find(|(.., line)| closes(fence, line)) else {
            return match in_section {
                true => Err("a fenced block of the section `## OpenAPI` does not end; was the page cut short?".into()),
                false => Ok(None),
            };
        };
        let block = Block { info, text: text.get(start..end - last.len()).unwrap_or_default(), above: n + 1 };
        // Samples of calls may surround it.
        if in_section && block.is_document() && found.replace(block).is_some() {
            return Err("there are two sections `## OpenAPI`, or two documents in one; compare each as a file".into());
        }
    }
    let none = "the section `## OpenAPI` has no fenced block with a document; has Mintlify changed its form?";
    if in_section { found.map(Some).ok_or_else(|| none.into()) } else { Ok(None) }
}

/// A heading of any level that contains the word OpenAPI: `## OpenAPI`, `### OpenAPI spec`.
fn is_heading(line: &str) -> bool {
    let title = line.trim_start();
    let mut words = title.split(|c: char| !c.is_alphanumeric());
    title.starts_with("##") && words.any(|word| word.eq_ignore_ascii_case("openapi"))
}

/// The fence and the info string of a line that opens a block.
fn fence(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let mark = line.chars().next().filter(|mark| ['`', '~'].contains(mark))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    (length >= 3).then(|| line.split_at(length)).map(|(fence, info)| (fence, info.trim()))
}

/// Whether a line closes the block of a fence.
fn closes(fence: &str, line: &str) -> bool {
    let line = line.trim();
    line.len() >= fence.len() && line.chars().all(|c| fence.starts_with(c))
}

/// The operation in an info string: `yaml openapi/x.yaml get /vkyc`, perhaps with more text or a full URL.
fn operation(info: &str) -> Option<(String, String)> {
    let words: Vec<&str> = info.split_whitespace().collect();
    words.windows(2).rev().find_map(|pair| match pair {
        [method, address] if address.starts_with('/') || address.contains("://") => {
            let method = method.to_lowercase();
            METHODS.contains(&method.as_str()).then(|| (method, (*address).to_owned()))
        }
        _ => None,
    })
}

/// The path of a document that an address refers to: the longest path at its end. An input that is no URL is itself a path.
fn path(document: &Spec, address: &str) -> String {
    let Some((_, behind)) = address.split_once("://") else { return address.to_owned() };
    let whole = behind.find('/').and_then(|cut| behind.get(cut..)).unwrap_or("/");
    let whole = whole.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let paths = entries(document.root().get("paths")).map(|(path, _)| path);
    let ours = paths.filter(|path| whole.ends_with(path.trim_end_matches('/'))).max_by_key(|path| path.len());
    ours.unwrap_or(whole).to_owned()
}

fn parse(name: &str, text: &str) -> Result<Spec, String> {
    // JSON may be indented with tabs and has surrogate escapes; YAML knows neither.
    let is_only_json = text.trim_start().starts_with('{') && (text.contains('\t') || text.contains("\\ud"));
    let json = is_only_json.then(|| serde_json::from_str::<Value>(text).ok()).flatten().map(|json| json.to_string());
    let document = Spec::parse(name, json.as_deref().unwrap_or(text)).map_err(|error| words(&error))?;
    match document.root().get("openapi").and_then(Value::as_str) {
        Some(version) if version.starts_with("3.") => Ok(document),
        Some(version) => Err(format!("OpenAPI {version} is not understood; 3.0 and 3.1 are")),
        None if document.root().get("swagger").is_some() => Err("Swagger 2.0 is not understood; OpenAPI 3 is".into()),
        None => Err("this is neither an OpenAPI document nor a page with one".into()),
    }
}

/// The errors in a document, without the help texts, which are about our own spec.
fn words(error: &SpecError) -> String {
    let line = |finding: &Finding| match finding.place {
        Some((line, column)) => format!("{}:{line}:{column}: {}", finding.file, finding.message),
        None => format!("{}: {}", finding.file, finding.message),
    };
    error.findings().iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Long enough to never end with a time that grows faster than the length.
    const LONG: usize = 1 << 20;

    const DOCUMENT: &str = "openapi: 3.0.0\npaths:\n  /vkyc:\n    get: {responses: {}}\n";

    fn wrapped(fence: &str, info: &str) -> String {
        format!("# Title\n\n> Words.\n\n## OpenAPI\n\n{fence}{info}\n{DOCUMENT}{fence}\n\nMore.\n")
    }

    #[test]
    fn every_form_of_the_block_is_found() {
        let tagged = format!("<Info>New.</Info>\n{}", wrapped("````", "yaml get /vkyc"));
        assert!(read("p.md", &tagged).is_ok());
        for (fence, info) in [
            ("````", "yaml get /vkyc"),
            ("```", "yaml openapi/ppi/ppi.yaml get /vkyc"),
            ("~~~", "yaml GET /vkyc"),
            ("`````", "yaml a b c get /vkyc"),
        ] {
            let page = read("p.md", &wrapped(fence, info)).unwrap();
            assert_eq!(page.1, Some(("get".into(), "/vkyc".into())), "{info}");
        }
        for info in ["yaml get /vkyc theme={null}", "yaml title=\"x\" get /vkyc {3}"] {
            assert_eq!(read("p.md", &wrapped("````", info)).unwrap().1.unwrap().1, "/vkyc");
        }
        let around = wrapped("````", "yaml get /vkyc").replace("## OpenAPI\n", "## Openapi\n\n```bash\ncurl\n```\n");
        assert!(read("p.md", &around).unwrap().1.is_some());
        // The document has one operation, so the info string need not name it.
        assert_eq!(read("p.md", &wrapped("````", "yaml")).unwrap().1.unwrap().1, "/vkyc");
        let two = wrapped("````", "yaml").replace("    get:", "    put: {responses: {}}\n    get:");
        assert_eq!(read("p.md", &two).unwrap().1, None);
        let smile = r#"{"openapi": "3.0.0", "paths": {}, "x": "\ud83d\ude00 \\ud83d \u00e9 \\"}"#;
        assert_eq!(read("p.json", smile).unwrap().0.root()["x"], "\u{1f600} \\ud83d \u{e9} \\");
        assert_eq!(read("p.yaml", DOCUMENT).unwrap().1, None);
        let json = "{\n\t\"openapi\": \"3.1.0\",\n\t\"paths\": {}\n}";
        assert!(read("p.json", json).is_ok());
    }

    /// Forms that a person reads without effort. Each was once refused.
    #[test]
    fn a_page_is_read_as_a_person_would_read_it() {
        let plain = wrapped("````", "yaml get /vkyc");
        let indented = |by: &str| {
            let block: String =
                plain.split("## OpenAPI\n").nth(1).unwrap().lines().map(|line| format!("{by}{line}\n")).collect();
            format!("# Title\n\n## OpenAPI\n\n<Tabs>\n  <Tab title=\"OpenAPI\">\n{block}  </Tab>\n</Tabs>\n")
        };
        let heading = |heading: &str| plain.replace("## OpenAPI\n", &format!("{heading}\n"));
        let with = |before: &str, after: &str| {
            plain
                .replace("````yaml", &format!("{before}````yaml"))
                .replace("````\n\nMore", &format!("````\n{after}\nMore"))
        };
        let json = "```json 200\n{\"status\": \"RECEIVED\"}\n```\n\n";
        let curl = "<CodeGroup>\n  ```bash cURL\n  curl --request GET\n  ```\n</CodeGroup>\n\n";
        for text in [
            plain.replace('\n', "\r"),
            plain.replace("\n\n", "\n\r\n"),
            indented("    "),
            indented("\t"),
            indented("  ").replace("\n\n", "\n  \n"),
            indented("    ").replace("    ````", "  ````"),
            indented("").replace("````", "    ````"),
            heading("## OpenAPI spec"),
            heading("## OpenAPI specification"),
            heading("### The OpenAPI document"),
            heading("##  openapi 3.0  ##"),
            heading("## `OpenAPI`"),
            heading("## **OpenAPI**"),
            heading("## OpenAPI {#openapi}"),
            with(json, ""),
            with("", json),
            with(curl, json),
            with("```\nopenapi.json\n```\n", ""),
            with("", "## OpenAPI clients\n\nSoon.\n"),
            plain.replace("openapi: 3.0.0", "\"openapi\": \"3.0.0\""),
            plain.replace(DOCUMENT, "{openapi: 3.0.0, info: {title: T}, paths: {/vkyc: {get: {responses: {}}}}}\n"),
            plain.replace(
                DOCUMENT,
                "{\n  info: {title: T},\n  openapi: 3.0.0,\n  paths: {/vkyc: {get: {responses: {}}}}\n}\n",
            ),
            with("", "```yaml\n{a: {responses: {}}}\n```\n"),
            plain.replace(":\n", ":\t\n").replace("3.0.0\n", "3.0.0\t\n"),
            plain.replace('\n', " \t \n"),
            plain.replace("# Title\n", "# Title\n\n```\n## OpenAPI\n```\n"),
            plain.replace("get /vkyc", "get https://api.h.example/verification/vkyc?x=1"),
        ] {
            let page = read("p.md", &text).map_err(|error| format!("{error}\n{text}")).unwrap();
            assert_eq!(page.1, Some(("get".into(), "/vkyc".into())), "{text}");
        }
    }

    #[test]
    fn a_page_without_a_document_is_refused_with_a_cure() {
        let twice = DOCUMENT.replace("    get:", "    get: {responses: {}}\n    get:");
        for (text, says) in [
            ("", "empty"),
            (" \n", "empty"),
            ("<!DOCTYPE html><html></html>", "HTML"),
            ("\u{feff}\n<html>", "HTML"),
            ("<!-- cached -->\n<html>", "HTML"),
            ("---\ntitle: T\nopenapi: \"get /vkyc\"\n---\n", "more than one YAML document"),
            ("# Title\n\nWords.\n", "no `## OpenAPI` section"),
            ("# T\n\n## OpenAPI\n\nSoon.\n", "no fenced block"),
            ("# T\n\n## OpenAPI\n\n````yaml get /vkyc\nopenapi: 3.0.0\n", "does not end"),
            ("404: Not Found", "OpenAPI document"),
            ("swagger: '2.0'\n", "Swagger 2.0"),
            ("openapi: 4.0.0\n", "OpenAPI 4.0.0"),
            ("a: [1", "not valid YAML"),
            ("# T\n\n## OpenAPI\n\n```bash\ncurl x\n```\n", "no fenced block with a document"),
            ("# T\n\n## OpenAPI\n\n```json\n{\"a\": 1}\n```\n", "no fenced block with a document"),
            (
                &wrapped("````", "yaml get /vkyc").replace("\n\nMore.", &format!("\n\n```yaml\n{DOCUMENT}```\n")),
                "two documents",
            ),
            (&(wrapped("````", "yaml get /vkyc") + &wrapped("````", "yaml get /vkyc")), "two sections"),
            (&twice, "this key occurs twice"),
        ] {
            let error = read("page", text).unwrap_err();
            assert!(error.contains(says), "{text:?}: {error}");
        }
    }

    #[test]
    fn errors_have_the_line_numbers_of_the_page() {
        let broken = wrapped("````", "yaml get /vkyc").replace("    get: {", "    get: [");
        assert!(read("p.md", &broken).unwrap_err().contains("p.md:1"), "{}", read("p.md", &broken).unwrap_err());
    }
    /// Pages of the maximum size with the most expensive contents. With quadratic time, this test would run for hours.
    #[test]
    fn reading_time_is_linear_in_the_length_of_a_page() {
        let fill = |start: &str, item: &str| start.to_owned() + &item.repeat((LONG - start.len()) / item.len());
        let section = "# T\n\n## OpenAPI\n\n";
        for (page, says) in [
            (fill(section, "```\n```\n"), "no fenced block with a document"),
            (fill(section, "~~~\nopen\n~~~ x\n~~~\n\n"), "no fenced block with a document"),
            (fill(section, "```\n"), "does not end"),
            (fill(section, "````\n```\n````\n"), "no fenced block with a document"),
            (fill(section, "`"), "does not end"),
            (fill(section, "```` "), "does not end"),
            (fill(&format!("{section}```"), " get /"), "does not end"),
            (fill(&format!("{section}```\n"), "``\n"), "does not end"),
            (fill(section, "<Tab>\n"), "no fenced block with a document"),
            (fill(section, "| a "), "no fenced block with a document"),
            (fill("", "# a\n"), "no `## OpenAPI` section"),
            (fill("# a\n", "#"), "no `## OpenAPI` section"),
            (fill("", "---\n"), "more than one YAML document"),
            (fill("---\n", "a: b\n---"), "this key occurs twice"),
            (fill("", "<"), "HTML"),
            (fill("", "\r\n"), "empty"),
            (fill("", "\u{feff}"), "empty"),
            (fill("{\"a\": \"", "\\"), "not valid YAML"),
            (fill("{\"a\": \"", "\\ud83d"), "not valid YAML"),
            (fill("{", "\t\n"), "not valid YAML"),
            (fill(&format!("{section}```yaml get /vkyc\n{DOCUMENT}"), "# x\n") + "```\n", ""),
        ] {
            let outcome = read("p.md", &page);
            let start: String = page.chars().take(40).collect();
            let error = outcome.err().unwrap_or_default();
            assert!(error.contains(says), "{start:?}: {error}");
        }
    }
}
