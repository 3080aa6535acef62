"""Values that obey a schema: minimal ones, with what is required alone, and full ones, with every member. Each
is held against the schema's validator, so that a mistake here is no body."""

import re

try:
    from re import _parser as sre
except ImportError:
    import sre_parse as sre

DEEPEST = 9
FORMATS = {
    "uri": "https://example.com/hook", "url": "https://example.com/hook", "uuid": "3f2c9b1e-6d3a-4c53-9d52-0b7e5a1c2d4f",
    "date-time": "2026-03-04T05:06:07Z", "date": "2026-03-04", "time": "05:06:07Z", "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7", "email": "desk@example.com", "hostname": "pbx.example.com", "byte": "aGVsbG8=",
    "phone-number": "+15550100001", "e164": "+15550100001",
}


class Impossible(Exception):
    pass


def matching(pattern):
    """A text that a pattern matches, as short as its repeats allow."""
    def write(parts):
        out = ""
        for name, value in parts:
            name = str(name)
            if name == "LITERAL":
                out += chr(value)
            elif name == "NOT_LITERAL":
                out += "b" if value == ord("a") else "a"
            elif name == "ANY":
                out += "a"
            elif name == "IN":
                out += member(value)
            elif name == "BRANCH":
                out += write(value[1][0])
            elif name == "SUBPATTERN":
                out += write(value[-1])
            elif name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
                out += write(value[2]) * min(max(value[0], 1), value[1])
            elif name in ("AT", "ASSERT", "ASSERT_NOT"):
                pass
            else:
                raise Impossible(name)
        return out

    def member(items):
        negated = str(items[0][0]) == "NEGATE"
        candidates = [chr(code) for code in range(ord("0"), ord("~"))] + [" ", "#", "+", "*", "-", "!"]
        for candidate in candidates:
            hit = False
            for name, value in items:
                name = str(name)
                if name == "LITERAL":
                    hit = hit or ord(candidate) == value
                elif name == "RANGE":
                    hit = hit or value[0] <= ord(candidate) <= value[1]
                elif name == "CATEGORY":
                    hit = hit or category(str(value), candidate)
            if hit != negated:
                return candidate
        raise Impossible("class")

    def category(name, candidate):
        positive = {"DIGIT": r"\d", "WORD": r"\w", "SPACE": r"\s"}[name.split("_")[-1]]
        return bool(re.match(positive, candidate)) != ("NOT" in name)

    return write(sre.parse(pattern))


class Generator:
    def __init__(self, document):
        self.document = document

    def flat(self, schema, depth=0):
        """The schema without references and allOf."""
        schema = self.document.resolve(schema)
        if not isinstance(schema, dict):
            return {} if schema is not False else {"enum": []}
        if "allOf" not in schema or depth > DEEPEST:
            return schema
        result = {key: value for key, value in schema.items() if key != "allOf"}
        result["properties"] = dict(result.get("properties") or {})
        result["required"] = list(result.get("required") or [])
        for part in schema["allOf"]:
            part = self.flat(part, depth + 1)
            for name, rule in (part.get("properties") or {}).items():
                known = result["properties"].get(name)
                result["properties"][name] = {"allOf": [known, rule]} if known is not None else rule
            result["required"] += [name for name in part.get("required") or [] if name not in result["required"]]
            for key, value in part.items():
                if key in ("minLength", "minimum", "minItems") and key in result:
                    result[key] = max(result[key], value)
                elif key in ("maxLength", "maximum", "maxItems") and key in result:
                    result[key] = min(result[key], value)
                elif key not in ("properties", "required"):
                    result.setdefault(key, value)
        if not result["properties"]:
            del result["properties"]
        if not result["required"]:
            del result["required"]
        return result

    def value(self, schema, full, response=False, depth=0):
        """A value for a schema. Raises Impossible where none was found."""
        flat = self.flat(schema)
        validator = self.document.validator(schema, response)
        for candidate in self.candidates(flat, full, response, depth):
            if validator.is_valid(candidate):
                return candidate
        if "example" in flat and validator.is_valid(flat["example"]):
            return flat["example"]
        raise Impossible(str(flat)[:200])

    def candidates(self, flat, full, response, depth):
        if "const" in flat:
            yield flat["const"]
            return
        if isinstance(flat.get("enum"), list):
            yield from flat["enum"]
            return
        for key in ("oneOf", "anyOf"):
            for branch in flat.get(key) or []:
                joined = {name: value for name, value in flat.items() if name not in ("oneOf", "anyOf")}
                merged = self.flat({"allOf": [joined, branch]}) if joined.get("properties") else branch
                try:
                    yield self.value(merged, full, response, depth + 1)
                except Impossible:
                    continue
        kinds = flat.get("type") or self.guess(flat)
        kinds = [kinds] if isinstance(kinds, str) else kinds
        for kind in [one for one in kinds if one != "null"] + [one for one in kinds if one == "null"]:
            yield from self.of_type(kind, flat, full, response, depth)

    def guess(self, flat):
        if "properties" in flat or "additionalProperties" in flat:
            return "object"
        if "items" in flat:
            return "array"
        if "minimum" in flat or "maximum" in flat:
            return "integer"
        return "string"

    def of_type(self, kind, flat, full, response, depth):
        if kind == "boolean":
            yield full
        elif kind == "null":
            yield None
        elif kind in ("integer", "number"):
            yield from self.numbers(flat, kind)
        elif kind == "array":
            yield from self.arrays(flat, full, response, depth)
        elif kind == "object":
            yield self.object(flat, full, response, depth)
        else:
            yield from self.texts(flat)

    def numbers(self, flat, kind):
        step = flat.get("multipleOf") or 1
        lowest = flat.get("minimum", flat.get("exclusiveMinimum"))
        highest = flat.get("maximum", flat.get("exclusiveMaximum"))
        lowest = 0 if isinstance(lowest, bool) else lowest
        highest = 0 if isinstance(highest, bool) else highest
        for value in (lowest, None if lowest is None else lowest + step, highest,
                      None if highest is None else highest - step, step * 3, 1, 0, 0.5):
            if value is not None and not (kind == "integer" and value % 1 != 0):
                yield value

    def texts(self, flat):
        shortest, longest = flat.get("minLength") or 0, flat.get("maxLength")
        made = []
        if isinstance(flat.get("pattern"), str):
            try:
                made.append(matching(flat["pattern"]))
            except (Impossible, re.error, KeyError):
                pass
        if flat.get("format") in FORMATS:
            made.append(FORMATS[flat["format"]])
        made += ["value", "5", "true", "+15550100001", "a"]
        for one in made:
            if len(one) < shortest:
                yield one + one[-1:] * (shortest - len(one))
            if longest is not None and len(one) > longest:
                yield one[:longest]
            yield one

    def arrays(self, flat, full, response, depth):
        count = max(flat.get("minItems") or 0, 1 if full and depth < DEEPEST else 0)
        entries = []
        try:
            for index in range(count):
                value = self.value(flat.get("items") or {"type": "string"}, full, response, depth + 1)
                if flat.get("uniqueItems") and value in entries and isinstance(value, (str, int)):
                    value = value + (str(index) if isinstance(value, str) else index)
                entries.append(value)
        except Impossible:
            if flat.get("minItems"):
                raise
            entries = []
        yield entries

    def object(self, flat, full, response, depth):
        result, required = {}, set(flat.get("required") or [])
        for name, rule in (flat.get("properties") or {}).items():
            resolved = self.flat(rule)
            if resolved.get("writeOnly" if response else "readOnly") is True:
                continue
            if name not in required and (not full or depth >= DEEPEST):
                continue
            try:
                result[name] = self.value(rule, full, response, depth + 1)
            except Impossible:
                if name in required:
                    raise
        more = flat.get("additionalProperties")
        for name in required - set(result):
            if name not in (flat.get("properties") or {}):
                result[name] = self.value(more if isinstance(more, dict) else {}, full, response, depth + 1)
        missing = max((flat.get("minProperties") or 0) - len(result), 0)
        if full and not result and isinstance(more, dict) and depth < DEEPEST:
            missing = max(missing, 1)
        for name, rule in (flat.get("properties") or {}).items():
            if missing > 0 and name not in result and self.flat(rule).get("readOnly") is not True:
                result[name] = self.value(rule, full, response, depth + 1)
                missing -= 1
        for index in range(missing):
            result["extra%d" % index] = self.value(more if isinstance(more, dict) else {}, full, response, depth + 1)
        return result
