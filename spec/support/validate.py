"""Holds bodies against the schemas of spec/data, with Python's JSON reader and the package jsonschema.

Standard input has a line for each body: file and name of its schema, and the body as it was sent, with tabs
between. Standard output gets a line for each: "ok", or what is wrong.
"""

import json
import sys

import jsonschema


def unique(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name stands twice")
    return members


def no_number(text):
    raise ValueError(text + " is no JSON")


checker = jsonschema.FormatChecker(["uri", "uuid"])
if "uri" not in checker.checkers:
    sys.exit("formats are not checked: the package rfc3987 is missing")

files, validators = {}, {}


def validator(path, name):
    if path not in files:
        with open(path, encoding="utf-8") as file:
            files[path] = json.load(file)
    if (path, name) not in validators:
        schema = files[path][name]
        jsonschema.Draft7Validator.check_schema(schema)
        validators[path, name] = jsonschema.Draft7Validator(schema, format_checker=checker)
    return validators[path, name]


def verdict(path, name, body):
    try:
        value = json.loads(body, object_pairs_hook=unique, parse_constant=no_number)
    except ValueError as error:
        return "no JSON: " + str(error)
    found = sorted(validator(path, name).iter_errors(value), key=lambda error: list(map(str, error.path)))
    return "; ".join(error.message for error in found) or "ok"


for line in sys.stdin.buffer.read().decode("utf-8").rstrip("\n").split("\n"):
    print(verdict(*line.split("\t", 2)).replace("\n", " "))
