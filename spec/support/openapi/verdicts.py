"""Holds what went out against the document's own schemas.

    verdicts.py DOCUMENT <bodies

Each line of standard input is METHOD<tab>PATH<tab>MEDIA<tab>BODY, the path as the document has it. Standard
output has a line for each: "ok", or what is wrong."""

import json
import sys
from urllib.parse import parse_qsl

from document import Document
from generate import Generator


def unique(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def no_number(text):
    raise ValueError(text + " is no JSON")


def typed(text, rule):
    kinds = rule.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds or []
    if "integer" in kinds:
        return int(text)
    if "number" in kinds:
        return float(text)
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    return text


def of_form(body, flat, generator):
    value = {}
    for name, text in parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body)):
        rule = generator.flat((flat.get("properties") or {}).get(name) or {})
        if rule.get("type") == "array":
            value.setdefault(name, []).append(typed(text, generator.flat(rule.get("items") or {})))
        elif name in value:
            raise ValueError("%s stands twice" % name)
        else:
            value[name] = typed(text, rule)
    return value


def verdict(document, generator, method, path, media, body):
    _, schema, _ = document.body(method, path)
    flat = generator.flat(schema)
    try:
        if media == "form":
            value = of_form(body, flat, generator)
        else:
            value = json.loads(body, object_pairs_hook=unique, parse_constant=no_number)
    except ValueError as problem:
        return "no %s: %s" % (media, problem)
    found = [error.message for error in document.validator(schema).iter_errors(value)]
    for name in value if isinstance(value, dict) else []:
        rule = generator.flat((flat.get("properties") or {}).get(name) or {})
        if rule.get("readOnly") is True:
            found.append("%s is readOnly" % name)
        elif name not in (flat.get("properties") or {}) and flat.get("properties") \
                and not flat.get("additionalProperties") and not (flat.get("oneOf") or flat.get("anyOf")):
            found.append("%s is not among the properties" % name)
    return "; ".join(found)[:400] or "ok"


def main():
    sys.setrecursionlimit(20000)
    with open(sys.argv[1], encoding="utf-8") as file:
        document = Document(file.read())
    generator = Generator(document)
    for line in sys.stdin.buffer.read().decode("utf-8").split("\n"):
        if line:
            print(verdict(document, generator, *line.split("\t", 3)).replace("\n", " "))


main()
