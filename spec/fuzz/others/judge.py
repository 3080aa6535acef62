"""Judges JSON texts and values against schemas, with Python's json and the package jsonschema.

Each line of standard input is a case, its parts in hexadecimal with a space between:
    json TEXT WRITTEN      WRITTEN is the core's rendering of TEXT; empty: the core refuses the text
    schema SCHEMA VALUE
Standard output gets a line for each: same, differs, refused; or good, bad.
"""

import decimal
import json
import sys

import jsonschema

sys.set_int_max_str_digits(0)


def no_number(text):
    raise ValueError(text)


def number(text):
    try:
        return decimal.Decimal(text)
    except decimal.InvalidOperation:  # an exponent beyond its own
        return text


def whole(value):
    """The value; raises for half a surrogate pair in it."""
    json.dumps(value, ensure_ascii=False, default=str).encode("utf-8")
    return value


def members(pairs):
    """An object; a member of the same name further on hides none that is wrong."""
    return dict(whole(pairs))


def read(data):
    text = data.decode("utf-8")
    return whole(json.loads(text, parse_float=number, parse_constant=no_number, object_pairs_hook=members))


def of_json(text, written):
    try:
        value = read(text)
    except (ValueError, UnicodeError):
        return "refused"
    except RecursionError:
        return "unknown"
    return "same" if written and read(written) == value else "differs"


validators = {}

# Remainders of numbers up to 1e300 by 0.001 have as many digits.
decimal.getcontext().prec = 1000


def exact(text):
    """A number by its digits: of doubles, 0.3 would be no multiple of 0.1."""
    value = decimal.Decimal(text)
    return int(value) if value == value.to_integral_value() else value


def of_schema(schema, value):
    if schema not in validators:
        validators[schema] = jsonschema.Draft7Validator(json.loads(schema, parse_float=exact))
    return "good" if validators[schema].is_valid(json.loads(value, parse_float=exact)) else "bad"


for line in sys.stdin:
    kind, *parts = line.rstrip("\n").split(" ")
    judge = {"json": of_json, "schema": of_schema}[kind]
    print(judge(*map(bytes.fromhex, parts)))
