--- Checks the keywords of a field together: rules that contradict each other, keywords of another
-- type, patterns that cannot be compiled, names that stand for two fields. The field is a valid copy made by
-- vendor/reader.lua.

local core = require "patchbay.core"
local faults = require "patchbay.vendor.faults"
local language = require "patchbay.vendor.field_language"
local unions = require "patchbay.vendor.unions"

local field_rules = {}

-- Keyword -> the type that a field with it has.
local TYPE_OF = {}
for _, property in ipairs(language.field.properties) do
  if property.for_type then TYPE_OF[property[1]] = property.for_type end
end

local SCALAR = { string = true, integer = true, number = true, boolean = true }

local function fits_type(type_name, wanted)
  if wanted == "scalar" then return SCALAR[type_name] end
  return type_name == wanted or wanted == "number" and type_name == "integer"
end

local function check_types(found, field, path)
  for _, keyword in ipairs(faults.names(field)) do
    local wanted = TYPE_OF[keyword]
    local union = field.oneOf and "oneOf" or field.anyOf and "anyOf"
    if wanted and field.type and not union and not fits_type(field.type, wanted) then
      found:add(faults.at(path, keyword), 'it is for type = %s, and the type is "%s"; take it out',
        wanted == "scalar" and "\"string\", \"integer\", \"number\" or \"boolean\"" or '"' .. wanted .. '"',
        field.type)
    elseif wanted and union then
      found:add(faults.at(path, keyword), "it is a rule for one type, and cannot stand beside %s; write it "
        .. "in the branch of that type", union)
    elseif wanted and not field.type and not found.incomplete[field] then
      found:add(faults.at(path, "type"), "missing; %s is a rule for one type; write type = %s", keyword,
        wanted == "scalar" and '"string", "number" or another' or '"' .. wanted .. '"')
    end
  end
end

-- Lower and upper limits of the same thing.
local LIMITS = {
  { "minLength", "maxLength" }, { "minimum", "maximum" }, { "minItems", "maxItems" },
  { "minProperties", "maxProperties" },
  { "exclusiveMinimum", "maximum", true }, { "minimum", "exclusiveMaximum", true },
  { "exclusiveMinimum", "exclusiveMaximum", true },
}

local function check_limits(found, field, path)
  for _, pair in ipairs(LIMITS) do
    local least, most, open = field[pair[1]], field[pair[2]], pair[3]
    if least and most and (least > most or open and least == most) then
      found:add(faults.at(path, pair[1]), "%s is above %s = %s, so that no value is valid; exchange the two",
        tostring(least), pair[2], tostring(most))
    end
  end
  if field.multipleOf and field.multipleOf <= 0 then
    found:add(faults.at(path, "multipleOf"), "expected a number above 0, got %s", tostring(field.multipleOf))
  end
end

-- The message of the core about a schema that it cannot compile; nil: it can.
local function problem_of_schema(schema)
  local ok, message = pcall(core.schema.compile, schema)
  if ok then return nil end
  return tostring(message):gsub("^description: ", "")
end

local function is_of_type(value, type_name)
  if type_name == "integer" then return type(value) == "number" and value % 1 == 0 end
  return type(value) == type_name
end

-- Keywords with which each value of an enumeration has to agree.
local WITH_ENUM = { "pattern", "minLength", "maxLength", "format", "minimum", "maximum" }

local function check_values(found, field, path)
  local at = faults.at(path, field.enum and "enum" or "const")
  local rules, has_rules = { type = field.type }, false
  for _, keyword in ipairs(WITH_ENUM) do
    rules[keyword] = field[keyword]
    has_rules = has_rules or field[keyword] ~= nil
  end
  local schema = has_rules and not problem_of_schema(rules) and core.schema.compile(rules)
  for _, value in ipairs(field.enum or { field.const }) do
    local shown = type(value) == "string" and faults.quote(value) or tostring(value)
    if field.type and SCALAR[field.type] and not is_of_type(value, field.type) then
      found:add(at, "%s is no %s; each value is of the field's type; write it as one, or change the "
        .. "type", shown, field.type)
    elseif schema then
      local ok, message = core.schema.check(schema, value, "x")
      if not ok then
        found:add(at, "the value %s breaks the field's other rules: %s", shown, (message:gsub("^x: ", "")))
      end
    end
  end
  if field.enum and field.const ~= nil then
    found:add(faults.at(path, "const"), "const and enum both say which values are valid; take one of them "
      .. "out")
  end
end

local function check_texts(found, field, path)
  local fits = field.type == "string"
  if field.pattern and fits then
    local problem = problem_of_schema { type = "string", pattern = field.pattern }
    if problem then found:add(faults.at(path, "pattern"), "%s", (problem:gsub('^pattern ".-": ', ""))) end
  end
  if field.scheme and field.format ~= "uri" then
    found:add(faults.at(path, "scheme"), 'it is for format = "uri"; write format = "uri" too, or take it out')
  end
  for i, rule in ipairs(field.allOf or {}) do
    if rule.type and rule.type ~= "string" then
      found:add(faults.at(faults.at(path, "allOf"), i), 'expected a rule for texts, got type = "%s"',
        rule.type)
    end
  end
end

local function check_marks(found, field, path)
  if field.readOnly and field.writeOnly then
    found:add(faults.at(path, "writeOnly"), "a field cannot be both readOnly and writeOnly: nothing could be "
      .. "done with it; take one of the two out")
  end
  if field.discriminator and not field.oneOf and not field.anyOf then
    found:add(faults.at(path, "discriminator"), "it is for oneOf and anyOf; write the branches in one of "
      .. "them, or take it out")
  end
  if field.oneOf or field.anyOf then unions.check(found, field, path) end
end

-- The properties of an object: their names are of one field each, and required ones exist.
local function check_object(found, field, path)
  local names, list = {}, {}
  for i, property in ipairs(field.properties or {}) do
    names[property[1]], list[i] = true, property[1]
  end
  for _, name in ipairs(field.required or {}) do
    if field.properties and not names[name] then
      found:add(faults.at(path, "required"), "%s is no property; each name is one of properties; %s",
        faults.quote(name), found:suggestion(name, list, "its properties"))
    elseif not field.properties then
      found:add(faults.at(path, "required"), "it names properties, and there are none; write properties = { "
        .. "… }")
      break
    end
  end
end

--- Adds the faults of names that responses use for two of `fields`: a name, or one of `also`.
function field_rules.check_names(found, fields, path)
  local owner = {}
  for _, field in ipairs(fields) do owner[field[1]] = field[1] end
  for _, field in ipairs(fields) do
    for _, name in ipairs(field.also or {}) do
      if owner[name] and owner[name] ~= field[1] then
        found:add(faults.at(faults.at(path, field[1]), "also"), "%s is a name of %s already; a name in "
          .. "responses stands for one field; take it out", faults.quote(name), faults.quote(owner[name]))
      end
      owner[name] = owner[name] or field[1]
    end
  end
end

--- Adds the faults of `field`, and of all that lies in it, to `found`. `seen`: the tables that have been
-- checked.
function field_rules.check(found, field, path, seen)
  if seen[field] then return end
  seen[field] = true
  check_types(found, field, path)
  check_limits(found, field, path)
  if field.enum or field.const ~= nil then check_values(found, field, path) end
  check_texts(found, field, path)
  check_marks(found, field, path)
  if field.type == "object" then check_object(found, field, path) end
  if field.properties then
    field_rules.check_all(found, field.properties, faults.at(path, "properties"), seen)
  end
  if field.items then field_rules.check(found, field.items, faults.at(path, "items"), seen) end
  if type(field.additionalProperties) == "table" then
    field_rules.check(found, field.additionalProperties, faults.at(path, "additionalProperties"), seen)
  end
  for _, keyword in ipairs { "allOf", "oneOf", "anyOf" } do
    for i, rule in ipairs(field[keyword] or {}) do
      local own = rule
      -- A rule for texts need not repeat the type.
      if keyword == "allOf" and not rule.type then
        own = { type = "string" }
        for name, value in pairs(rule) do own[name] = value end
      end
      field_rules.check(found, own, faults.at(faults.at(path, keyword), i), seen)
    end
  end
end

--- Adds the faults of a list of fields.
function field_rules.check_all(found, fields, path, seen)
  if seen[fields] then return end
  seen[fields] = true
  field_rules.check_names(found, fields, path)
  for _, field in ipairs(fields) do
    local at = faults.at(path, field[1])
    field_rules.check(found, field, at, seen)
    if field.on_create then
      local own = {}
      for keyword, value in pairs(field) do own[keyword] = value end
      own.on_create, found.incomplete[own] = nil, found.incomplete[field]
      for keyword, value in pairs(field.on_create) do
        if value == false and keyword ~= "undocumented" and keyword ~= "readOnly" then value = nil end
        own[keyword] = value
      end
      field_rules.check(found, own, faults.at(at, "on_create"), seen)
    end
  end
end

return field_rules
