//! A small file must not overflow the stack, or take unbounded memory or time.

use super::*;

/// The maximum nesting of a document.
const LIMIT: usize = 100;

/// Half of the smallest stack of a build script: 1 MiB on Windows, 8 MiB on Linux.
const SMALL_STACK: usize = 512 * 1024;

fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(SMALL_STACK).spawn(work).unwrap().join().unwrap();
}

/// Reads a document and recurses over it: walk, clone, print, compare and drop.
fn read(text: &str) -> Result<(), SpecError> {
    let spec = Spec::parse("s.yaml", text)?;
    let mut nodes = 0;
    walk(spec.root(), &mut |_| nodes += 1);
    let (copy, text) = (spec.root().clone(), spec.root().to_string());
    assert!(nodes > 0 && copy == *spec.root() && !text.is_empty());
    Ok(())
}

/// Every way to nest, with `depth` nested mappings and lists, including the document.
fn nested(depth: usize) -> Vec<(&'static str, String)> {
    let inner = depth - 1;
    let around =
        |open: &str, within: &str, close: &str| format!("a: {}{within}{}\n", open.repeat(inner), close.repeat(inner));
    let mut indented: String = (0..depth.min(3000)).map(|n| " ".repeat(n) + "a:\n").collect();
    indented.insert_str(indented.len() - 1, " x");
    let ladder = (1..inner).map(|n| format!("a{n}: &a{n} [*a{}]\n", n - 1)).collect::<String>();
    let mappings = (1..inner).map(|n| format!("a{n}: &a{n} {{a: *a{}}}\n", n - 1)).collect::<String>();
    vec![
        ("flow lists", around("[", "", "]")),
        ("flow mappings", around("{a: ", "x", "}")),
        ("JSON", format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth))),
        ("pairs in flow lists", format!("a: {}x{}\n", "[a: ".repeat(inner / 2), "]".repeat(inner / 2))),
        ("block lists", format!("a:\n{}x\n", "- ".repeat(inner))),
        ("block mappings", indented),
        ("mappings in lists", format!("a:\n{}b: x\n", "- ".repeat(inner - 1))),
        ("tags", around("!t [", "", "]")),
        ("anchors", around("&b [", "", "]")),
        ("aliases of lists", format!("a0: &a0 [x]\n{ladder}")),
        ("aliases of mappings", format!("a0: &a0 {{x: 1}}\n{mappings}")),
    ]
}

#[test]
fn the_maximum_nesting_is_read_on_a_small_stack() {
    on_a_small_stack(|| {
        for (name, text) in nested(LIMIT) {
            read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    });
}

#[test]
fn a_deeper_nesting_is_an_error_with_a_place() {
    for depth in [LIMIT + 1, 256, 300, 5000, 1_000_000] {
        on_a_small_stack(move || {
            for (name, text) in nested(depth) {
                let Err(error) = read(&text) else { panic!("{name}: {depth} levels are read") };
                let [finding] = error.findings() else { panic!("{name}: {error}") };
                // The parser limits brackets to 255 before their nodes are counted.
                let says = ["too deep", "recursion limit"].iter().any(|words| finding.message.contains(words));
                assert!(finding.place.is_some() && says, "{name} {depth}: {finding}");
            }
        });
    }
}

/// A small file that would expand to more than any memory.
#[test]
fn an_alias_bomb_is_an_error_before_it_is_expanded() {
    let tenfold = |n: usize| format!("a{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(10));
    let doubled = |n: usize| format!("a{n}: &a{n} {{<<: *a{0}, k{n}: *a{0}}}\n", n - 1);
    let many = |item: &str| item.repeat(50_000);
    let below_long_keys =
        |within: &str| format!("{}{within}{}", format!("{{{}: ", "x".repeat(500)).repeat(90), "}".repeat(90));
    for (name, text) in [
        ("ten times ten times ten", "a0: &a0 x\n".to_owned() + &(1..30).map(tenfold).collect::<String>()),
        ("merged and kept", "a0: &a0 {x: 1}\n".to_owned() + &(1..60).map(doubled).collect::<String>()),
        ("a long text, many times", format!("a: &a {}\nb: [{}]\n", many("x"), many("*a, "))),
        ("a long list, many times", format!("a: &a [{}]\nb: [{}]\n", many("1, "), many("*a, "))),
        ("a long key above many nodes", format!("a: &a {}\n*a : [{}]\n", many("x"), many("1, "))),
        ("long keys above many nodes", below_long_keys(&format!("[{}]", many("1, ")))),
        ("many nodes", format!("a: [{}]\n", many("1, ").repeat(6))),
    ] {
        let Err(error) = Spec::parse("s.yaml", &text) else { panic!("{name} is read") };
        assert!(
            error.findings()[0].message.starts_with("the document is too large") && error.findings()[0].place.is_some(),
            "{name}: {error}"
        );
    }
    let text = format!("a: {}{}{}\n", "&a [".repeat(98), many("1, "), "]".repeat(98));
    assert!(Spec::parse("s.yaml", &text).is_ok());
}

/// Text that a parser may read more than once. With quadratic time, the test would run for many minutes.
#[test]
fn every_text_is_read_in_linear_time() {
    let fill = |start: &str, item: &str| start.to_owned() + &item.repeat(640 * 1024 / item.len());
    let keys: String = (0..20_000).map(|n| format!("k{n}: {{ type: string, enum: [a] }}\n")).collect();
    for (text, is_read) in [
        (keys, true),
        (fill("a: ", "b "), true),
        (fill("a: b", "\n"), true),
        (fill("a: |\n", "  b\n\n"), true),
        (fill("a: \"", "b\n "), false),
        (fill("a: 1 #", "x"), true),
        (fill("a: x", "1"), true),
        (fill("a: &", "x") + " b", true),
        (fill("a: !", "x") + " b", false),
        (fill("", "- "), false),
        (fill("", "? "), false),
        (fill("", "---\n"), false),
        (fill("", "%X y\n"), false),
    ] {
        let start: String = text.chars().take(20).collect();
        assert_eq!(Spec::parse("s.yaml", &text).is_ok(), is_read, "{start:?}");
    }
}
