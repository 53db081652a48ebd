"""Checks that generated Python models accept the API's responses and webhooks.

    models.py SPEC MODULE

MODULE has the models and is in the working directory. The values are the examples of responses and webhooks in the spec, also with
each nullable field as null, a new value for each open enum, and an unknown field. A model must accept each value and return it
unchanged. The last line counts the values that pass.
"""

import importlib
import json
import os
import sys


def read(path):
    """The spec, read by the installed YAML library."""
    with open(path, encoding="utf-8") as file:
        try:
            import yaml
        except ImportError:
            from ruamel.yaml import YAML

            return json.loads(json.dumps(YAML(typ="safe").load(file), default=str))
        return json.loads(json.dumps(yaml.safe_load(file), default=str))


def resolved(spec, node):
    """The target of a `$ref`."""
    while "$ref" in node:
        steps = node["$ref"].removeprefix("#/").split("/")
        node = spec
        for step in steps:
            node = node[step.replace("~1", "/").replace("~0", "~")]
    return node


def samples(spec):
    """(schema, where, value) of every example of a response or webhook."""
    bodies = []
    for path, item in spec["paths"].items():
        for method, operation in item.items():
            for status, response in operation["responses"].items():
                bodies.append((f"{method} {path} {status}", resolved(spec, response)))
    for name, item in spec.get("x-webhooks", {}).items():
        bodies.append((name, item["post"]["requestBody"]))
    for where, body in bodies:
        for content in body.get("content", {}).values():
            schema = content["schema"]["$ref"].rsplit("/", 1)[-1]
            yield schema, where, {}
            for name, example in content.get("examples", {}).items():
                yield schema, f"{where} {name}", example["value"]


def fields(spec, schema):
    """The fields of a named schema, each with its node and the name of its own schema."""
    for name, node in resolved(spec, {"$ref": f"#/components/schemas/{schema}"}).get("properties", {}).items():
        parts = node.get("allOf", node.get("anyOf", [node]))
        target = next((part["$ref"].rsplit("/", 1)[-1] for part in parts if "$ref" in part), None)
        yield name, node, target


def variants(spec, schema, value):
    """The value with one field changed, in every way that the spec allows."""
    yield "as it is", value
    yield "a new field", {**value, "field_that_is_new": {"deep": [None]}}
    for name, node, target in fields(spec, schema):
        if node.get("nullable") or "type" not in node and target is None and "oneOf" not in node:
            yield f"{name}: null", {**value, name: None}
        if target is None:
            continue
        if spec["components"]["schemas"][target].get("x-open-enum"):
            yield f"{name}: new", {**value, name: "VALUE_THAT_IS_NEW"}
        elif spec["components"]["schemas"][target].get("type") == "object" and name not in value:
            yield f"{name}: without a field", {**value, name: {}}
        elif isinstance(value.get(name), dict):
            for what, inner in variants(spec, target, value[name]):
                yield f"{name}.{what}", {**value, name: inner}


def taken(module, schema, value):
    """The value after decoding and encoding by its model."""
    model = getattr(module, schema)
    if hasattr(model, "model_validate"):
        return model.model_validate(value).model_dump(mode="json", exclude_unset=True, by_alias=True)
    return model.from_dict(value).to_dict()


def main():
    spec = read(sys.argv[1])
    sys.path.insert(0, os.getcwd())
    package = sys.argv[2]
    module = importlib.import_module(f"{package}.models" if os.path.isdir(package) else package)
    seen, refused = set(), 0
    for schema, where, sample in samples(spec):
        for what, value in variants(spec, schema, sample):
            key = (schema, json.dumps(value, sort_keys=True))
            # A webhook always has `data`.
            required = spec["components"]["schemas"][schema].get("required", [])
            if key in seen or any(name not in value for name in required):
                continue
            seen.add(key)
            try:
                back = taken(module, schema, value)
                problem = None if back == value else f"comes back as {back}"
            except Exception as error:  # Any exception means that the model refused the value.
                problem = f"{type(error).__name__}: {error}"
            if problem:
                refused += 1
                print(f"{schema} ({where}; {what}): {problem}")
    print(f"{len(seen) - refused} of {len(seen)} values taken as they are")
    return 1 if refused or not seen else 0


sys.exit(main())
