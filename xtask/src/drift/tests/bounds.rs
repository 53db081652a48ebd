//! Expensive pages: each is compared or refused in a number of steps that its length bounds, within the usual stack size.

use super::*;

/// A page about our operation, with this response and these components.
fn page_with(schema: &str, rest: &str) -> String {
    let answer = format!("{{ description: D., content: {{ application/json: {{ schema: {schema} }} }} }}");
    page(&format!("openapi: 3.0.3\npaths:\n  /thing: {{ get: {{ responses: {{ '200': {answer} }} }} }}\n{rest}"))
}

fn components(schemas: &str) -> String {
    format!("components:\n  schemas:\n{schemas}")
}

fn list(count: usize, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(", ")
}

#[test]
fn no_page_expands_beyond_the_budget() {
    // Each schema contains the next one twice: sixteen thousand steps for the first.
    let doubling: String = (0..13)
        .map(|n| format!("    D{n}: {{ allOf: [{{ $ref: '#/components/schemas/D{0}' }}, {{ $ref: '#/components/schemas/D{0}' }}] }}\n", n + 1))
        .collect::<String>() + "    D13: { type: string }\n";
    let costly = components(&doubling);
    let of_d = |n: usize| format!("f{n}: {{ $ref: '#/components/schemas/D0' }}");
    let one_of = |count: usize, item: &dyn Fn(usize) -> String| format!("{{ oneOf: [{}] }}", list(count, item));
    let shared = |schema: String| components(&format!("    S: {schema}\n"));
    let of_s = |n: usize| format!("f{n}: {{ $ref: '#/components/schemas/S' }}");
    let fields = |count: usize, item: &dyn Fn(usize) -> String| {
        format!("{{ type: object, properties: {{ {} }} }}", list(count, item))
    };
    let names_others =
        |n: usize| format!("v{n}: {{ default: a, enum: ['{}'] }}", format!("{{v{}}}", n + 1).repeat(100));
    let urls = list(20, |n| format!("{{v{n}}}")).replace(", ", "");
    let (large, endless) = ("too large", "expands without end");
    for (name, text, says) in [
        ("fields of what doubles", page_with(&fields(4000, &of_d), &costly), endless),
        (
            "values in alternatives",
            page_with(&fields(1000, &of_s), &shared(one_of(4000, &|n| format!("{{ enum: [v{n}] }}")))),
            endless,
        ),
        (
            "alternatives that are not understood",
            page_with(&fields(1000, &of_s), &shared(one_of(4000, &|_| "{ not: { type: string } }".into()))),
            large,
        ),
        (
            "values that all have",
            page_with(
                &format!(
                    "{{ allOf: [{}] }}",
                    list(20, |_| format!("{{ enum: [{}] }}", list(4000, |n| format!("v{n}"))))
                ),
                "",
            ),
            "",
        ),
        ("fields of fields", page_with(&fields(400, &of_s), &shared(fields(400, &|n| format!("f{n}: {{}}")))), large),
        (
            "answers",
            page(&format!(
                "openapi: 3.0.3\npaths: {{ /thing: {{ get: {{ responses: {{ {} }} }} }} }}\n{}",
                list(4000, |n| format!("s{n}: {{ $ref: '#/components/responses/R' }}")),
                format_args!(
                    "components: {{ responses: {{ R: {{ content: {{ a/b: {{ schema: {} }} }} }} }} }}\n",
                    fields(4000, &|n| format!("f{n}: {{}}"))
                )
            )),
            large,
        ),
        (
            "ways to prove who calls",
            page_with(
                "{}",
                &format!(
                    "security: [{}]\ncomponents: {{ securitySchemes: {{ K: {{ type: oauth2 }} }} }}\n",
                    list(4000, |n| format!("{{ K: [s{n}] }}"))
                ),
            ),
            "more than 64 alternatives of `security`",
        ),
        (
            "URLs that name each other",
            page_with("{}", &format!("servers: [{{ url: '{urls}', variables: {{ {} }} }}]\n", list(20, names_others))),
            "too long a name",
        ),
        (
            "a long URL",
            page_with(
                "{}",
                &format!("servers: [{{ url: '{}', variables: {{ a: {{ enum: [b] }} }} }}]\n", "{a}".repeat(99_999)),
            ),
            "too long a name",
        ),
        (
            "a long name",
            page_with(&nested(8, |n| format!("{{ properties: {{ {}{n}: ", "x".repeat(100)), " } }"), ""),
            "too long a name",
        ),
    ] {
        let failure = against_page(&known(), "page.md", &text).failure.unwrap_or_default();
        assert!(failure.contains(says) && says.is_empty() == failure.is_empty(), "{name}: {failure}");
    }
}

/// Nested schemas.
fn nested(depth: usize, open: impl Fn(usize) -> String, close: &str) -> String {
    (0..depth).map(open).collect::<String>() + "{ type: string }" + &close.repeat(depth)
}

/// Uses the smallest stack of a main thread: one megabyte, on Windows.
#[test]
fn no_page_overflows_the_stack() {
    let chain = |count: usize, schema: &dyn Fn(usize) -> String| {
        components(&(0..count).map(|n| format!("    C{n}: {}\n", schema(n + 1))).collect::<String>())
            + &format!("    C{count}: {{ type: string }}\n")
    };
    let to = |n: usize| format!("{{ $ref: '#/components/schemas/C{n}' }}");
    let first = to(0);
    let mut texts = Vec::new();
    for depth in [10, 20, 39, 40, 60, 1000] {
        let few = depth.min(22);
        texts.extend([
            page_with(&nested(depth.min(45), |_| "{ oneOf: [{ type: string }, ".into(), "] }"), ""),
            page_with(&nested(few, |_| "{ type: array, items: { anyOf: [".into(), "] } }"), ""),
            page_with(
                &nested(
                    few,
                    |n| format!("{{ type: object, properties: {{ a{n}: {{ allOf: [").as_str().to_owned(),
                    "] } } }",
                ),
                "",
            ),
            page_with(&first, &chain(depth, &|n| format!("{{ properties: {{ a: {} }} }}", to(n)))),
            page_with(&first, &chain(depth, &|n| format!("{{ allOf: [{{ oneOf: [{}] }}] }}", to(n)))),
            page_with(
                &first,
                &chain(depth, &|n| format!("{{ properties: {{ a: {{ anyOf: [{{ allOf: [{}] }}] }} }} }}", to(n))),
            ),
            page_with(&first, &chain(depth, &to)),
        ]);
    }
    let work = move || {
        for text in texts {
            let report = against_page(&known(), "page.md", &text);
            assert!(report.exit_code() > 0 && !report.text().is_empty() && !report.json().to_string().is_empty());
        }
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
}
