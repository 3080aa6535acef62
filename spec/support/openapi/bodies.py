"""Bodies for the operations of a document, made from the document alone.

    bodies.py DOCUMENT <operations

Each line of standard input is METHOD<tab>PATH. Standard output has one line of JSON for each: media type, the
names of the body's members and which are required, a minimal and a full body, the path's parameters, the
request's examples, and answers: the document's examples, or one made of its schema."""

import json
import sys

from document import Document
from generate import Generator, Impossible


def attempt(work, *arguments):
    try:
        return work(*arguments)
    except (Impossible, RecursionError, KeyError, TypeError, ValueError) as problem:
        return {"impossible": "%s: %s" % (type(problem).__name__, problem)}


def bodies(document, method, path):
    generator = Generator(document)
    result = {"method": method, "path": path, "parameters": {}}
    for (name, place), parameter in document.parameters(method, path).items():
        if place == "path":
            schema = parameter.get("schema") or {key: parameter[key] for key in ("type", "format", "pattern",
                                                 "enum", "minimum") if key in parameter}
            result["parameters"][name] = attempt(generator.value, schema, True)
    body = document.body(method, path)
    if body:
        media, schema, examples = body
        flat = generator.flat(schema)
        result["media"], result["examples"] = media, examples
        names = list(flat.get("properties") or {})
        for branch in (flat.get("oneOf") or []) + (flat.get("anyOf") or []):
            names += [name for name in generator.flat(branch).get("properties") or {} if name not in names]
        result["names"] = [name for name in names
                           if generator.flat((flat.get("properties") or {}).get(name) or {}).get("readOnly") is not True]
        result["required"] = [name for name in flat.get("required") or [] if name in result["names"]]
        validator = document.validator(schema)
        result["examples_valid"] = [next((error.message for error in validator.iter_errors(one)), "ok")
                                    for one in examples]
        result["minimal"] = attempt(generator.value, schema, False)
        result["full"] = attempt(generator.value, schema, True)
    status, schema, examples = document.answer(method, path)
    result["status"], result["answers"] = status, examples
    if not examples and schema:
        made = attempt(generator.value, schema, True, True)
        result["answers"] = [] if isinstance(made, dict) and "impossible" in made else [made]
    return result


def main():
    sys.setrecursionlimit(20000)
    with open(sys.argv[1], encoding="utf-8") as file:
        document = Document(file.read())
    for line in sys.stdin:
        method, path = line.rstrip("\n").split("\t")
        print(json.dumps(bodies(document, method, path)))


main()
