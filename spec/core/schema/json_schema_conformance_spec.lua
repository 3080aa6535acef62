-- The public JSON Schema test suite, draft 4 (which OpenAPI 3.0's schemas come from), in spec/data: what
-- of it holds here, what is refused, and what is different.

local core = require "patchbay.core"
local system = require "spec.support.system"
local compile, check, json = core.schema.compile, core.schema.check, core.json

local FOLDER = "spec/data/json_schema_test_suite/"

-- The type that each rule applies to. Descriptions give the type too; the suite's schemas often leave it out.
local types = {
  pattern = "string", format = "string", minLength = "string", maxLength = "string", enum = "string",
  minimum = "number", maximum = "number", multipleOf = "number",
  uniqueItems = "array", minProperties = "object", maxProperties = "object",
  exclusiveMinimum = "number", exclusiveMaximum = "number", items = "array", minItems = "array",
    maxItems = "array",
  properties = "object", required = "object", additionalProperties = "object",
}

local function is_list(value) return getmetatable(value) == json.array_mt end

local function sorted(names)
  local list = {}
  for name in pairs(names) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local function kind_of(value)
  if value == json.null then return "null" end
  if type(value) == "userdata" then return "number" end
  if type(value) ~= "table" then return type(value) end
  return is_list(value) and "array" or "object"
end

-- A description that says what the schema says. The words are the same, but for: `properties` is a list; what
-- `required` names must be described; an object that describes its members is closed unless told otherwise.
local function description_of(schema)
  if type(schema) ~= "table" then return schema end
  local made = {}
  for word, value in pairs(schema) do
    if word ~= "$comment" then made[word] = value end
  end
  -- Draft 4 has a flag beside the limit.
  for flag, limit in pairs { exclusiveMinimum = "minimum", exclusiveMaximum = "maximum" } do
    if type(schema[flag]) == "boolean" then
      made[flag], made[limit] = schema[flag] and schema[limit] or nil, not schema[flag] and schema[limit]
        or nil
    end
  end
  for _, word in ipairs { "oneOf", "anyOf" } do
    if schema[word] then
      made[word] = {}
      for i, branch in ipairs(schema[word]) do made[word][i] = description_of(branch) end
    end
  end
  if schema.items ~= nil and not is_list(schema.items) then made.items = description_of(schema.items) end
  if type(schema.additionalProperties) == "table" then
    made.additionalProperties = description_of(schema.additionalProperties)
  end
  if schema.properties or schema.required then
    local described = {}
    for name, member in pairs(schema.properties or {}) do described[name] = description_of(member) end
    for _, name in ipairs(schema.required or {}) do described[name] = described[name] or {} end
    made.properties = {}
    for _, name in ipairs(sorted(described)) do
      described[name][1] = name
      made.properties[#made.properties + 1] = described[name]
    end
    if made.additionalProperties == nil then made.additionalProperties = true end
  end
  for _, value in ipairs(schema.enum or {}) do made.type = made.type or kind_of(value) end
  for _, word in ipairs(sorted(made)) do
    made.type = made.type or not made.oneOf and not made.anyOf and types[word] or nil
  end
  return made
end

-- The suite says that a rule holds for every value of another type; here the type is part of the rule.
local function of_another_type(schema, description, value)
  return schema.type == nil and description.type ~= nil and schema.enum == nil
    and kind_of(value) ~= description.type
end

-- The suite's files: how many cases are decided here, how many are about a value of another type, and how
-- many have a schema that is refused when it is compiled.
local files = {
  additionalItems = { 0, 0, 17 },
  additionalProperties = { 6, 0, 10 },
  allOf = { 0, 0, 27 },
  anyOf = { 10, 0, 5 },
  default = { 7, 0, 0 },
  definitions = { 0, 0, 2 },
  dependencies = { 0, 0, 29 },
  enum = { 29, 0, 20 },
  format = { 0, 24, 12 },
  ["format_date-time"] = { 27, 6, 0 },
  format_email = { 0, 0, 20 },
  format_hostname = { 0, 0, 30 },
  ["format_ipv4"] = { 35, 6, 0 },
  ["format_ipv6"] = { 36, 6, 0 },
  format_unknown = { 0, 0, 7 },
  format_uri = { 40, 6, 0 },
  format_uuid = { 22, 6, 0 },
  ["infinite-loop-detection"] = { 0, 0, 2 },
  items = { 5, 2, 14 },
  maxItems = { 3, 1, 0 },
  maxLength = { 4, 1, 0 },
  maxProperties = { 5, 3, 0 },
  maximum = { 12, 2, 0 },
  minItems = { 3, 1, 0 },
  minLength = { 4, 1, 0 },
  minProperties = { 3, 5, 0 },
  minimum = { 14, 3, 0 },
  multipleOf = { 10, 1, 0 },
  ["not"] = { 0, 0, 20 },
  oneOf = { 14, 0, 9 },
  optional_bignum = { 5, 0, 4 },
  ["optional_ecmascript-regex"] = { 46, 0, 28 },
  ["optional_float-overflow"] = { 1, 0, 0 },
  optional_id = { 0, 0, 3 },
  ["optional_non-bmp-regex"] = { 7, 0, 5 },
  optional_zeroTerminatedFloats = { 1, 0, 0 },
  pattern = { 3, 6, 0 },
  patternProperties = { 0, 0, 18 },
  properties = { 11, 4, 9 },
  ref = { 2, 0, 43 },
  required = { 10, 7, 0 },
  type = { 50, 0, 29 },
  uniqueItems = { 43, 0, 26 },
}

-- Why a schema is refused: a part of the error, and the reason. What cannot be checked is never passed over.
local refusals = {
  { "additionalItems is not supported", "lists have one rule for all their items" },
  { "a list, where a table of rules is expected", "`items` as a list: OpenAPI 3.0 has it not either" },
  { "patternProperties is not supported", "OpenAPI 3.0 has it not either" },
  { "dependencies is not supported", "OpenAPI 3.0 has it not either" },
  { "definitions is not supported", "descriptions share Lua tables instead" },
  { "$ref is not supported", "descriptions share Lua tables instead" },
  { 'allOf is for type = "string"', "allOf joins rules for texts, each with words of its own for the error" },
  { "oneOf and anyOf: a union has one of them", "rules beside oneOf stand in its branches" },
  { "type: the branches of ", "as above" },
  { 'is for type = "', "as above, and values of enumerations are scalars" },
  { "not is not supported", "no vendor's page needs it; an error could not say which value is valid" },
  { 'unknown type "null"', "null is `nullable`, as in OpenAPI 3.0" },
  { "type must be a string", "one type a field, as in OpenAPI 3.0; without one, any JSON value" },
  { "a value of enum must be a ", "values of one type, that of the field" },
  { 'unknown format "', "formats that no vendor's page has; none is passed over as unknown" },
  { "maximum must be a number", "a limit is a double; this one is none exactly" },
  { "minimum must be a number", "a limit is a double; this one is none exactly" },
  { "exclusiveMaximum must be a number", "a limit is a double; this one is none exactly" },
  { "exclusiveMinimum must be a number", "a limit is a double; this one is none exactly" },
  { "\\c is not supported", "patterns: write \\xHH" },
  { "Unicode properties (\\p, \\P) are not supported", "patterns: their tables are larger than the core" },
}

-- Cases that are decided otherwise: file, case, reason.
local different = {
  { "optional_zeroTerminatedFloats", "a float is not an integer even without fractional part",
    "1.0 is an integer, as later drafts say; most Luas have one kind of numbers" },
  { "type", "an object is not an array", "an empty table that nothing marks may be either" },
}

local function read(name)
  local groups, err = json.decode(assert(system.read(FOLDER .. name .. ".json")))
  return groups or error(name .. ": " .. err.message)
end

local function is_different(name, case)
  for _, entry in ipairs(different) do
    if entry[1] == name and entry[2] == case then
      entry.seen = true
      return true
    end
  end
  return false
end

local function is_listed(message)
  for _, entry in ipairs(refusals) do
    if message:find(entry[1], 1, true) then
      entry.seen = true
      return true
    end
  end
  return false
end

-- The counts of one file, and a list of what was decided as it should not have been.
local function run(name)
  local counts, wrong = { 0, 0, 0 }, {}
  for _, group in ipairs(read(name)) do
    local description = description_of(group.schema)
    local compiled, schema = pcall(compile, description)
    if not compiled and not is_listed(schema) then
      wrong[#wrong + 1] = ("%s: refused for no reason in the list: %s"):format(group.group, schema)
    end
    for _, test in ipairs(group.tests) do
      local case, value, valid = test[1], test[2], test[3]
      local kind = not compiled and 3 or of_another_type(group.schema, description, value) and 2 or 1
      counts[kind] = counts[kind] + 1
      local decided = kind == 1 and check(schema, value)
      if kind == 1 and (decided == valid) == is_different(name, case) then
        wrong[#wrong + 1] = ("%s: %s: %s"):format(group.group, case, json.encode(value))
      end
    end
  end
  return counts, wrong
end

describe("the JSON Schema test suite", function()
  for _, name in ipairs(sorted(files)) do
    it(("decides %s"):format(name), function()
      local counts, wrong = run(name)
      assert.same({}, wrong)
      assert.same(files[name], counts)
    end)
  end

  it("is all there, and each exception is one", function()
    local total = { 0, 0, 0 }
    for file in system.output("ls " .. FOLDER):gmatch "[^\n]+" do
      local name = file:match "^(.*)%.json$"
      assert(not name or files[name], file .. " is not run")
    end
    for name in pairs(files) do
      for i, count in ipairs((run(name))) do total[i] = total[i] + count end
    end
    for _, entry in ipairs(refusals) do assert.is_true(entry.seen, entry[1]) end
    for _, entry in ipairs(different) do assert.is_true(entry.seen, entry[2]) end
    assert.same({ 468, 91, 389 }, total)
  end)
end)
