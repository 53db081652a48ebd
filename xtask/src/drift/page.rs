//! A page of Cashfree's, down to the OpenAPI document in it.
//!
//! | what it may be | how it is read |
//! |---|---|
//! | Mintlify Markdown (`….md`) | the fenced block after the heading `## OpenAPI`; its info string names the operation |
//! | OpenAPI as YAML or JSON | as it is |
//! | anything else | refused, with what to fetch instead; an empty comparison would pass for "no change" |

use cashfree_vkyc_codegen::openapi::{Finding, METHODS, Spec, SpecError};
use serde_json::Value;

/// A document, and the one operation that the page is about, if it says so.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) document: Spec,
    /// Method in lower case, and path.
    pub(super) only: Option<(String, String)>,
}

/// Reads a page; `name` is what messages call it. An error says why nothing can be compared.
pub(super) fn read(name: &str, text: &str) -> Result<Page, String> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    if text.trim().is_empty() {
        return Err("the page is empty".into());
    }
    if let Some(block) = openapi_block(&text)? {
        return Ok(Page { document: parse(name, &block.in_place())?, only: operation(block.info) });
    }
    if text.trim_start().starts_with('<') {
        return Err("this is an HTML page; take its Markdown, at the same address with `.md` at the end".into());
    }
    if let Some(operation) = front_matter_operation(&text) {
        return Err(format!(
            "this is the old form of Mintlify: it names `{operation}` and leaves the document out; take the page at its \
             public address with `.md` at the end, or the OpenAPI file itself"
        ));
    }
    if text.lines().any(|line| line.starts_with("# ") || line.starts_with("## ")) && !text.contains("openapi:") {
        return Err("there is no `## OpenAPI` section in this page; is it the page of an operation?".into());
    }
    Ok(Page { document: parse(name, &text)?, only: None })
}

/// A fenced block: its info string, its text, and how many lines of the page stand before that.
struct Block<'a> {
    info: &'a str,
    text: &'a str,
    above: usize,
}

impl Block<'_> {
    /// The text on the lines where it stands in the page.
    fn in_place(&self) -> String {
        "\n".repeat(self.above) + self.text
    }

    /// Whether it begins as an OpenAPI document does.
    fn is_document(&self) -> bool {
        let is_key = |line: &str| line.starts_with("openapi:") || line.starts_with("swagger:");
        self.text.trim_start().starts_with('{') || self.text.lines().any(is_key)
    }
}

/// The block after the heading. `None` when there is no such heading.
fn openapi_block(text: &str) -> Result<Option<Block<'_>>, String> {
    let mut behind = 0;
    // Each line with its number and where it ends.
    let mut lines = text.split_inclusive('\n').enumerate().map(|(n, line)| {
        behind += line.len();
        (n, behind, line)
    });
    if !lines.any(|(.., line)| is_heading(line)) {
        return Ok(None);
    }
    let mut found = None;
    while let Some((n, start, line)) = lines.next() {
        if is_heading(line) {
            return Err(
                "there are two sections `## OpenAPI`; compare them one by one, each as a file of its own".into()
            );
        }
        let Some((fence, info)) = fence(line) else { continue };
        let closes = |line: &str| line.len() >= fence.len() && line.chars().all(|c| fence.starts_with(c));
        let Some((_, end, last)) = lines.find(|(.., line)| closes(line.trim())) else {
            return Err("a fenced block of the section `## OpenAPI` does not end; was the page cut short?".into());
        };
        let block = Block { info, text: text.get(start..end - last.len()).unwrap_or_default(), above: n + 1 };
        // Samples of calls may stand around it.
        if found.is_none() && block.is_document() {
            found = Some(block);
        }
    }
    let none = "the section `## OpenAPI` has no fenced block with a document; has Mintlify changed its form?";
    found.map(Some).ok_or_else(|| none.into())
}

fn is_heading(line: &str) -> bool {
    line.starts_with("##") && line.trim_start_matches('#').trim().eq_ignore_ascii_case("openapi")
}

/// The fence and the info string of a line that opens a block.
fn fence(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    let mark = line.chars().next().filter(|mark| ['`', '~'].contains(mark))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    (length >= 3).then(|| line.split_at(length)).map(|(fence, info)| (fence, info.trim()))
}

/// The operation in an info string: `yaml openapi/x.yaml get /vkyc`, perhaps with more behind it.
fn operation(info: &str) -> Option<(String, String)> {
    let words: Vec<&str> = info.split_whitespace().collect();
    words.windows(2).rev().find_map(|pair| match pair {
        [method, path] if path.starts_with('/') => {
            let method = method.to_lowercase();
            METHODS.contains(&method.as_str()).then(|| (method, (*path).to_owned()))
        }
        _ => None,
    })
}

/// `openapi: "get /vkyc"` between the dashes at the top.
fn front_matter_operation(text: &str) -> Option<&str> {
    let matter = text.trim_start().strip_prefix("---\n")?.split("\n---").next()?;
    let value = matter.lines().find_map(|line| line.strip_prefix("openapi:"))?.trim().trim_matches(['"', '\'']);
    (!value.starts_with('3')).then_some(value)
}

fn parse(name: &str, text: &str) -> Result<Spec, String> {
    // JSON may be indented with tabs, which YAML forbids.
    let json = text.trim_start().starts_with('{');
    let untabbed: String =
        if json { text.lines().map(|line| line.trim_start().to_owned() + "\n").collect() } else { text.into() };
    let text = if json { whole_characters(&untabbed) } else { untabbed };
    let document = Spec::parse(name, &text).map_err(|error| words(&error))?;
    match document.root().get("openapi").and_then(Value::as_str) {
        Some(version) if version.starts_with("3.") => Ok(document),
        Some(version) => Err(format!("OpenAPI {version} is not understood; 3.0 and 3.1 are")),
        None if document.root().get("swagger").is_some() => {
            Err("Swagger 2.0 is not understood; OpenAPI 3.0 and 3.1 are".into())
        }
        None => Err("this is no OpenAPI document, and no page with one".into()),
    }
}

/// JSON writes what lies beyond 16 bits as two escapes, which YAML does not know: `\ud83d\ude00`.
fn whole_characters(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let unit = |text: &str| text.strip_prefix('u').and_then(|hex| u16::from_str_radix(hex.get(..4)?, 16).ok());
        let second = after.get(5..).and_then(|text| text.strip_prefix('\\'));
        let pair = unit(after).zip(second.and_then(unit)).map(|(high, low)| [high, low]);
        let whole = pair.and_then(|pair| char::decode_utf16(pair).next()?.ok()).filter(|c| *c > '\u{ffff}');
        if let (Some(whole), Some(behind)) = (whole, after.get(11..)) {
            out.push(whole);
            rest = behind;
        } else {
            // The escaped character with it: it may be a backslash itself.
            let end = after.chars().next().map_or(0, char::len_utf8);
            out.push('\\');
            out.push_str(after.get(..end).unwrap_or_default());
            rest = after.get(end..).unwrap_or_default();
        }
    }
    out + rest
}

/// What is wrong with a document, without cures: those are for our own spec.
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
    use crate::fetch::MAX_BYTES;

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
            assert_eq!(page.only, Some(("get".into(), "/vkyc".into())), "{info}");
        }
        for info in ["yaml get /vkyc theme={null}", "yaml title=\"x\" get /vkyc {3}"] {
            assert_eq!(read("p.md", &wrapped("````", info)).unwrap().only.unwrap().1, "/vkyc");
        }
        let around = wrapped("````", "yaml get /vkyc").replace("## OpenAPI\n", "## Openapi\n\n```bash\ncurl\n```\n");
        assert!(read("p.md", &around).unwrap().only.is_some());
        assert_eq!(read("p.md", &wrapped("````", "yaml")).unwrap().only, None);
        let smile = r#"{"openapi": "3.0.0", "paths": {}, "x": "\ud83d\ude00 \\ud83d \u00e9 \\"}"#;
        assert_eq!(read("p.json", smile).unwrap().document.root()["x"], "\u{1f600} \\ud83d \u{e9} \\");
        assert_eq!(read("p.yaml", DOCUMENT).unwrap().only, None);
        let json = "{\n\t\"openapi\": \"3.1.0\",\n\t\"paths\": {}\n}";
        assert!(read("p.json", json).is_ok());
    }

    #[test]
    fn what_holds_no_document_says_what_to_do() {
        let twice = DOCUMENT.replace("    get:", "    get: {responses: {}}\n    get:");
        for (text, says) in [
            ("", "empty"),
            (" \n", "empty"),
            ("<!DOCTYPE html><html></html>", "HTML"),
            ("\u{feff}\n<html>", "HTML"),
            ("<!-- cached -->\n<html>", "HTML"),
            ("---\ntitle: T\nopenapi: \"get /vkyc\"\n---\n", "old form of Mintlify: it names `get /vkyc`"),
            ("# Title\n\nWords.\n", "no `## OpenAPI` section"),
            ("# T\n\n## OpenAPI\n\nSoon.\n", "no fenced block"),
            ("# T\n\n## OpenAPI\n\n````yaml get /vkyc\nopenapi: 3.0.0\n", "does not end"),
            ("404: Not Found", "OpenAPI document"),
            ("swagger: '2.0'\n", "Swagger 2.0"),
            ("openapi: 4.0.0\n", "OpenAPI 4.0.0"),
            ("a: [1", "not valid YAML"),
            ("# T\n\n## OpenAPI\n\n```bash\ncurl x\n```\n", "no fenced block with a document"),
            (&(wrapped("````", "yaml get /vkyc") + &wrapped("````", "yaml get /vkyc")), "two sections"),
            (&twice, "this key stands twice"),
        ] {
            let error = read("page", text).unwrap_err();
            assert!(error.contains(says), "{text:?}: {error}");
        }
    }

    #[test]
    fn lines_are_those_of_the_page() {
        let broken = wrapped("````", "yaml get /vkyc").replace("    get: {", "    get: [");
        assert!(read("p.md", &broken).unwrap_err().contains("p.md:1"), "{}", read("p.md", &broken).unwrap_err());
    }
    /// The largest page there may be, of whatever costs most. Were any of this quadratic, it would run for hours.
    #[test]
    fn no_page_takes_longer_than_its_length() {
        let fill = |start: &str, item: &str| start.to_owned() + &item.repeat((MAX_BYTES - start.len()) / item.len());
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
            (fill("---\n", "a: b\n---"), "this key stands twice"),
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
