--- The description of fields: the keywords of a field, and of the rules within it, in the language of
-- descriptions itself (docs/descriptions.md). Beyond that language it says of a keyword
--
--   for_type = "string"   the type that a field with it has ("number" includes "integer")
--   prose = true          text for people, whose white space does not count
--   ignored = true        the keyword informs people; nothing reads its value
--   plain = true          the value is any data, and not checked; only the sandbox reads it
--   keys = {…}            the rule for the names of members that `properties` does not name
--
-- and a name may be the number 1: the position at which a field has its name. `field.properties` leads to
-- `field` again, so these tables refer to themselves, which a vendor's may not.

local language = {}

-- Longer names fill messages, and are no vendor's.
local LONGEST_NAME = 200

-- In bytes; longer texts are not for people.
local LONGEST_TEXT = 20000

local function with(more, rules)
  for keyword, value in pairs(more or {}) do rules[keyword] = value end
  return rules
end

--- The name of a member in JSON. `more`: further keywords.
function language.member(more)
  return with(more, { type = "string", minLength = 1, maxLength = LONGEST_NAME, visible = true })
end

--- A name that stands in Lua code. `more`: further keywords.
function language.identifier(more)
  return with(more, { type = "string", pattern = "^[A-Za-z_][A-Za-z0-9_]*$", maxLength = LONGEST_NAME,
    expected = 'a name of letters, digits and _, such as "account_sid"' })
end

--- Text for people.
function language.prose(more)
  return with(more, { type = "string", minLength = 1, maxLength = LONGEST_TEXT, prose = true })
end

--- A list of at least `least` (1) entries of one kind.
function language.list(items, more, least)
  return with(more, { type = "array", items = items, minItems = least or 1 })
end

--- A field of this description: `rules` with a name.
function language.named(name, rules)
  rules[1] = name
  return rules
end

local named, member, prose, list = language.named, language.member, language.prose, language.list

-- Rules for a value: those of a field, of entries, of members and of the branches of a union.
local schema = { type = "object", title = "a field" }

-- The same with a name, among the properties of an object.
local nested = { type = "object", title = "a field", required = { 1 }, example = '{ "Name", type = "string" '
  .. '}' }

local function count(name, for_type)
  return { name, type = "integer", minimum = 0, maximum = 999999999, for_type = for_type }
end

local function bound(name) return { name, type = "number", for_type = "number" } end

local function flag(name, more) return named(name, with(more, { type = "boolean" })) end

local scalar = { oneOf = { { type = "string", visible = true }, { type = "number" }, { type = "boolean" } } }

-- Keywords that say which values are valid.
local function rules_for_values()
  return {
    { "type", type = "string", enum = { "string", "boolean", "integer", "number", "array", "object" },
      remedy = 'write one type, and nullable = true where null is valid' },
    named("enum", list(scalar, { for_type = "scalar", uniqueItems = true })),
    { "const", oneOf = scalar.oneOf, for_type = "scalar" },
    { "format", type = "string", for_type = "string",
      enum = { "uri", "uuid", "ipv4", "ipv6", "date-time", "e164", "phone" } },
    { "pattern", type = "string", minLength = 1, visible = true, for_type = "string" },
    count("minLength", "string"), count("maxLength", "string"),
    bound "minimum", bound "maximum", bound "exclusiveMinimum", bound "exclusiveMaximum",
    bound "multipleOf",
    { "items", refers_to = schema, for_type = "array", example = 'items = { type = "string" }' },
    count("minItems", "array"), count("maxItems", "array"),
    flag("uniqueItems", { for_type = "array" }),
    named("properties", { type = "array", items = nested, for_type = "object", of_names = true,
      example = 'properties = { { "Name", type = "string" } }' }),
    named("required", { type = "array", items = member(), for_type = "object", uniqueItems = true,
      remedy = "it lists the properties that an object has to have; fields that an operation needs stand in "
        .. "its own required" }),
    { "additionalProperties", oneOf = { { type = "boolean" }, { refers_to = schema } }, for_type = "object" },
    count("minProperties", "object"), count("maxProperties", "object"),
    named("allOf", list({ refers_to = schema }, { for_type = "string" })),
    named("oneOf", list({ refers_to = schema }, {}, 2)), named("anyOf", list({ refers_to = schema }, {}, 2)),
    { "discriminator", type = "object", title = "a discriminator", required = { "propertyName" },
      properties = { named("propertyName", member()) } },
    flag "nullable",
    { "scheme", type = "string", pattern = "^[a-z][a-z0-9+.-]*$", for_type = "string",
      expected = 'the scheme of an address in lower case, such as "wss"' },
    flag("phone", { for_type = "string" }),
    named("expected", prose()),
  }
end

-- Those of them that a value in a path may have: see path_rules in record/key.lua.
local IN_PATHS = { type = true, format = true, pattern = true, enum = true, const = true, minimum = true,
  maximum = true, exclusiveMinimum = true, exclusiveMaximum = true, multipleOf = true, minLength = true,
  maxLength = true, allOf = true, expected = true }

local function rules_for_paths()
  local rules = {}
  for _, property in ipairs(rules_for_values()) do
    if IN_PATHS[property[1]] then rules[#rules + 1] = property end
  end
  return rules
end

-- Keywords of OpenAPI that inform people.
local function notes()
  return {
    named("description", prose()),
    { "title", ignored = true }, { "default", plain = true }, { "example", plain = true },
    { "examples", ignored = true }, { "deprecated", ignored = true }, { "externalDocs", ignored = true },
    { "xml", ignored = true },
  }
end

-- Keywords that say how a record's field is assigned, shown and read.
local function marks()
  return {
    flag "readOnly", flag "writeOnly", flag "secret", flag "undocumented",
    flag("unordered", { for_type = "array" }),
    named("remedy", prose()),
    named("refused", prose()),
    named("also", list(member(), { uniqueItems = true })),
    { "echo", oneOf = { { type = "boolean" }, { type = "string", enum = { "empty", "other" } } } },
    { "unreliable", oneOf = { { type = "boolean" }, { type = "string", enum = { "null", "form" } } } },
  }
end

-- The properties in the given lists, one behind the other.
local function joined(...)
  local all = {}
  for _, group in ipairs { ... } do
    for _, property in ipairs(group) do all[#all + 1] = property end
  end
  return all
end
language.joined = joined

--- The name of a field, at its position 1. `rules`: those of the name.
local function at_1(rules) return { named(1, rules) } end

local extensions = "x-"

--- Rules for a value that has no name.
language.rules = schema

-- A list of rules where one is expected has rules at the position of the name.
local name_of_schema = with({ remedy = 'rules stand in the table itself; write { type = "string", … }' },
  member())

schema.properties = joined(at_1(name_of_schema), rules_for_values(), marks(), notes())
nested.properties = schema.properties
schema.extensions, nested.extensions = extensions, extensions

local function takes_boolean(property)
  local kind = property.oneOf and property.oneOf[1].type
  return kind == "boolean"
end

-- The keyword `property` as `on_create` has it: false takes the keyword away.
local function or_false(property)
  local changed = {}
  for keyword, value in pairs(property) do changed[keyword] = value end
  changed.for_type = nil -- the type may be that of the field
  local takes_false = property.type == "boolean" or property.ignored or property.plain
    or takes_boolean(property)
  if takes_false then return changed end
  local branches = { { type = "boolean", const = false } }
  for _, branch in ipairs(property.oneOf or { property }) do
    if branch.type ~= "boolean" then branches[#branches + 1] = branch end
  end
  return { changed[1], oneOf = branches }
end

local on_create = { "on_create", type = "object", title = "on_create", extensions = extensions,
  properties = {} }
for _, property in ipairs(joined(rules_for_values(), marks(), notes())) do
  on_create.properties[#on_create.properties + 1] = or_false(property)
end

--- A field of a resource.
language.field = {
  type = "object", title = "a field", required = { 1 }, extensions = extensions, example = nested.example,
  properties = joined(schema.properties, { on_create, named("verified", language.identifier()) }),
}

--- A query parameter of a list, by its name.
language.parameter = {
  type = "object", title = "a parameter", required = { 1 }, extensions = extensions,
  properties = joined(at_1(member()), rules_for_values(), { flag "secret" }, notes()),
}

--- A parameter in the paths of a resource.
language.within = {
  type = "object", title = "a parameter of within", required = { 1 }, extensions = extensions,
  example = '{ "AccountSid", type = "string" }',
  properties = joined(at_1 { type = "string", pattern = "^[A-Za-z_][A-Za-z0-9_.-]*$",
    maxLength = LONGEST_NAME, expected = 'the name in {} in the paths, such as "AccountSid"' },
    rules_for_paths(), { named("option", language.identifier()) }, notes()),
}

--- An option of a client.
language.option = {
  type = "object", title = "an option", required = { 1 }, extensions = extensions,
  properties = joined(at_1(language.identifier()), rules_for_values(),
    { flag "secret", { "annotation", type = "string", minLength = 1, visible = true } }, notes()),
}

--- A credential: an option that the environment may give.
language.credential = {
  type = "object", title = "a credential", required = { 1, "type" }, extensions = extensions,
  example = '{ "api_key", type = "string", secret = true }',
  properties = joined(language.option.properties, {
    { "env", type = "string", quoted = false, pattern = "^[A-Za-z_][A-Za-z0-9_]*$", maxLength = LONGEST_NAME,
      expected = 'the name of a variable, such as "ACME_API_KEY"' } }),
}

return language
