"""An OpenAPI document (Swagger 2.0, OpenAPI 3.0, 3.1) as specs look at it: operations with their bodies, and
schemas turned into JSON Schema 2020-12. Knows nothing of Patchbay."""

import copy
import json
import urllib.parse

import jsonschema

LIMITS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
SINGLE = ("not", "additionalProperties", "items", "contains", "propertyNames", "if", "then", "else",
          "additionalItems", "unevaluatedProperties")
LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
MAPS = ("properties", "patternProperties", "dependentSchemas", "definitions", "$defs")

TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")

FORMATS = jsonschema.FormatChecker([name for name in ("uri", "uuid", "ipv4", "ipv6", "date")
                                    if name in jsonschema.FormatChecker.checkers])


class Document:
    def __init__(self, text):
        self.root = json.loads(text)
        self.version = str(self.root.get("openapi") or self.root.get("swagger"))
        self.is_31 = self.version.startswith("3.1")
        self.converted = {}

    # ---- references ----

    def at(self, pointer):
        node = self.root
        for part in urllib.parse.unquote(pointer).lstrip("#").lstrip("/").split("/"):
            part = part.replace("~1", "/").replace("~0", "~")
            node = node[int(part)] if isinstance(node, list) else node[part]
        return node

    def target(self, pointer):
        """What a reference names; True, which any value obeys, where the document has no such thing."""
        try:
            return self.at(pointer)
        except (KeyError, IndexError, TypeError, ValueError):
            return True

    def resolve(self, node):
        seen = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if node["$ref"] in seen:
                return {}
            seen.add(node["$ref"])
            target = self.target(node["$ref"])
            if self.is_31 and len(node) > 1 and isinstance(target, dict):
                target = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
            node = target
        return node

    # ---- schemas ----

    def convert(self, schema, response):
        """The schema in JSON Schema 2020-12, with references into "#/$defs"."""
        if not isinstance(schema, dict):
            return schema
        result = {}
        if "$ref" in schema:
            name = ("r" if response else "q") + schema["$ref"]
            if name not in self.converted:
                self.converted[name] = True
                self.converted[name] = self.convert(self.target(schema["$ref"]), response)
            result["$ref"] = "#/$defs/" + name.replace("~", "~0").replace("/", "~1")
            if not self.is_31:
                return result
        for key, value in schema.items():
            if key in SINGLE:
                result[key] = self.convert(value, response)
            elif key in LISTS and isinstance(value, list):
                result[key] = [self.convert(entry, response) for entry in value]
            elif key in MAPS and isinstance(value, dict):
                result[key] = {name: self.convert(entry, response) for name, entry in value.items()}
            elif key in LIMITS and isinstance(value, bool):
                if value and LIMITS[key] in schema:
                    result[key] = schema[LIMITS[key]]
            elif key in ("type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
                         "multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems",
                         "uniqueItems", "minProperties", "maxProperties", "required", "format",
                         "dependentRequired"):
                result[key] = copy.deepcopy(value)
        self.mend(schema, result, response)
        return result

    def mend(self, schema, result, response):
        for key, limit in LIMITS.items():
            if isinstance(schema.get(key), bool) and schema[key]:
                result.pop(limit, None)
        if isinstance(result.get("required"), bool):
            del result["required"]
        if "required" in result:
            result["required"] = [name for name in result["required"]
                                  if not self.is_only(schema, name, "writeOnly" if response else "readOnly")]
        if isinstance(result.get("type"), str) and result["type"] not in TYPES:
            del result["type"]
        if not self.is_31 and (schema.get("nullable") is True or schema.get("x-nullable") is True):
            if isinstance(result.get("type"), str):
                result["type"] = [result["type"], "null"]
            if "enum" in result and None not in result["enum"]:
                result["enum"] = result["enum"] + [None]
        if "pattern" in result and not readable(result["pattern"]):
            del result["pattern"]

    def is_only(self, schema, name, mark):
        """Whether a property has that mark (readOnly, writeOnly), also within allOf."""
        for part in [schema] + list(schema.get("allOf") or []):
            part = self.resolve(part)
            if isinstance(part, dict):
                rule = self.resolve((part.get("properties") or {}).get(name) or {})
                if isinstance(rule, dict) and rule.get(mark) is True:
                    return True
        return False

    def validator(self, schema, response=False):
        converted = self.convert(schema, response)
        return jsonschema.Draft202012Validator({**converted, "$defs": self.converted}, format_checker=FORMATS)

    # ---- operations ----

    def operation(self, method, path):
        return self.root["paths"][path][method.lower()]

    def parameters(self, method, path):
        """The parameters of an operation by name and place."""
        found = {}
        for part in (self.root["paths"][path], self.operation(method, path)):
            for parameter in part.get("parameters") or []:
                parameter = self.resolve(parameter)
                found[parameter["name"], parameter["in"]] = parameter
        return found

    def body(self, method, path):
        """Media type ("json", "form", …) and schema of the request's body, with its examples; or None."""
        if not self.version.startswith("2"):
            body = self.resolve(self.operation(method, path).get("requestBody") or {})
            return self.content(body.get("content") or {})
        form = {}
        for (name, place), parameter in self.parameters(method, path).items():
            if place == "body":
                return "json", parameter.get("schema") or {}, examples_of(parameter)
            if place == "formData":
                form[name] = parameter
        if not form:
            return None
        return "form", {"type": "object", "properties": form,
                        "required": [name for name, one in form.items() if one.get("required") is True]}, []

    def content(self, content):
        for media, part in content.items():
            if media.split(";")[0].strip().endswith("json"):
                return "json", part.get("schema") or {}, examples_of(part, self)
        for media, part in content.items():
            if media.startswith("application/x-www-form-urlencoded"):
                return "form", part.get("schema") or {}, examples_of(part, self)
        for media, part in content.items():
            return media, part.get("schema") or {}, []
        return None

    def answer(self, method, path):
        """Status, schema and examples of the first success; schema None where it has no content."""
        for status, response in sorted(self.operation(method, path).get("responses", {}).items()):
            if not str(status).startswith("2"):
                continue
            response = self.resolve(response)
            if self.version.startswith("2"):
                return status, response.get("schema"), list((response.get("examples") or {}).values())
            content = self.content(response.get("content") or {})
            if content and content[0] == "json":
                return status, content[1], content[2]
            return status, None, []
        return None, None, []


def readable(pattern):
    import re
    try:
        re.compile(pattern)
        return True
    except (re.error, TypeError, OverflowError):
        return False


def examples_of(part, document=None):
    found = []
    if "example" in part:
        found.append(part["example"])
    examples = part.get("examples")
    if isinstance(examples, dict):
        for example in examples.values():
            example = document.resolve(example) if document else example
            if isinstance(example, dict) and "value" in example:
                found.append(example["value"])
    schema = part.get("schema")
    if document and isinstance(schema, dict):
        schema = document.resolve(schema)
        if isinstance(schema, dict) and "example" in schema:
            found.append(schema["example"])
        if isinstance(schema, dict) and isinstance(schema.get("examples"), list):
            found.extend(schema["examples"])
    return found
