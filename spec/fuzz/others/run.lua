-- The core beside other implementations: JSON beside Python's, schemas beside the Python package jsonschema,
-- patterns beside JavaScript's. Cases are made by chance, and judged in batches by a process of the other:
--
--   lua spec/fuzz/others/run.lua SECONDS [SEED]
--
-- Prints how many cases there were; a disagreement is printed with its case, and fails the run. One that is
-- missing on the machine is left out.

local core = require "patchbay.core"
local system = require "spec.support.system"

local BATCH = 4000 -- cases

local random = math.random

local function one_of(list) return list[random(#list)] end

local function hex(text) return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

-- ---- JSON ----

local scraps = { '"', "\\", "\\u", "D83D", "\\uD83D\\uDE00", "\\uDC00", "{", "}", "[", "]", ",", ":",
  "0", "-", ".", "e", "E+", "1", "9007199254740993", "1e400", "true", "false", "null", "nul", " ", "\t",
  "\n", "\f", "\0", "\127", "\128", "\195\169", "\240\159\152\128", "\237\160\128", "\239\187\191", "NaN",
  "Infinity", "'a'", "/", "/**/" }
local strings = { '""', '"a"', '"\\n"', '"\\u00e9"', '"\\ud83d\\ude00"', '"é"', '"\\/"', '"a\\u0000b"' }
local numbers = { "0", "-0", "1", "-1.5", "1e2", "1E-7", "12345678901234567890", "0.1", "1.0",
  "100000000000000000000.5", "4.9e-324", "1.7976931348623157e308", "1e309", "-0.0e5" }

local function json_value(depth)
  local kind = random(depth > 0 and 6 or 4)
  if kind == 1 then return one_of(strings) end
  if kind == 2 then return one_of(numbers) end
  if kind <= 4 then return one_of { "true", "false", "null", "0" } end
  local parts = {}
  for i = 1, random(0, 3) do
    parts[i] = (kind == 5 and one_of(strings) .. ":" or "") .. json_value(depth - 1)
  end
  local inside = table.concat(parts, one_of { ",", ", ", "\n," })
  return kind == 5 and "{" .. inside .. "}" or "[" .. inside .. "]"
end

local function json_case()
  local text = json_value(4)
  for _ = 1, one_of { 0, 0, 1, 1, 2, 3 } do
    local at = random(0, #text)
    text = text:sub(1, at) .. one_of(scraps) .. text:sub(at + 1 + random(0, 1))
  end
  local value, err = core.json.decode(text)
  local written = (value ~= nil or not err) and core.json.encode(value) or ""
  return ("json %s %s"):format(hex(text), hex(written)), written == "" and "refused" or "same", text
end

-- ---- schemas ----

local names = { "a", "b", "é", "x-y" }
local texts = { "", "a", "ab", "abc", "é", "😀😀", "12", "A-1" }

local function count(schema, least, most)
  if random(3) == 1 then schema[least] = random(0, 2) end
  if random(3) == 1 then schema[most] = random(1, 3) end
end

local schema_pair

-- A union of types, and of objects that their member "kind" tells apart.
local function union_pair(depth)
  local ours, theirs = { oneOf = {} }, { oneOf = core.json.array {} }
  local function add(branch, other)
    ours.oneOf[#ours.oneOf + 1], theirs.oneOf[#theirs.oneOf + 1] = branch, other
  end
  for _, kind in ipairs { "string", "number", "boolean", "array" } do
    if random(2) == 1 then add(schema_pair(depth - 1, kind)) end
  end
  if #ours.oneOf == 0 or random(2) == 1 then
    ours.discriminator = { propertyName = "kind" }
    for i = 1, random(1, 3) do
      local property, other = schema_pair(depth - 1)
      property[1] = "a"
      local word = ({ "one", "two", "three" })[i]
      add({ type = "object", properties = { { "kind", type = "string", const = word }, property } },
        { type = "object", properties = { kind = { const = word }, a = other }, additionalProperties = false,
          required = core.json.array { "kind" } })
    end
  end
  return ours, theirs
end

-- A description, and the same as JSON Schema. `kind`: the type, or nil for any.
function schema_pair(depth, kind)
  kind = kind or one_of(depth > 0 and { "string", "integer", "number", "boolean", "array", "object", "union" }
    or { "string", "integer", "number", "boolean" })
  if kind == "union" then return union_pair(depth) end
  local ours, theirs = { type = kind }, { type = kind }
  local function both(rules) for key, value in pairs(rules) do ours[key], theirs[key] = value, value end end
  local rules = {}
  if kind == "string" then
    count(rules, "minLength", "maxLength")
    if random(4) == 1 then rules.enum = core.json.array { one_of(texts), "zz" } end
    if random(4) == 1 then rules.pattern = one_of { "^a", "b$", "^[a-z]+$", "^.{2}$", "é", "^$", "[^a]" } end
  elseif kind == "integer" or kind == "number" then
    if random(2) == 1 then rules.minimum = one_of { -1, 0, 0.5, 2 } end
    if random(2) == 1 then rules.maximum = one_of { 0, 1.5, 3, 1e300 } end
    if random(4) == 1 then rules.exclusiveMinimum = one_of { -1, 0, 0.5 } end
    if random(4) == 1 then rules.exclusiveMaximum = one_of { 0.5, 2, 3 } end
    if random(3) == 1 then rules.multipleOf = one_of { 0.1, 0.01, 2, 0.5, 0.7, 1e-300, 3e10 } end
    if random(5) == 1 then
      rules.enum = core.json.array(kind == "integer" and { 0, 2, 4 } or { 0.5, 2, 0.3 })
    elseif random(8) == 1 then
      rules.const = one_of { 0, 2, kind == "integer" and 3 or 0.7 }
    end
  elseif kind == "boolean" then
    if random(3) == 1 then rules.const = random(2) == 1 end
  elseif kind == "array" then
    count(rules, "minItems", "maxItems")
    if random(3) > 1 then ours.items, theirs.items = schema_pair(depth - 1) end
    if random(3) == 1 then rules.uniqueItems = true end
  elseif kind == "object" and random(4) > 1 then
    ours.properties, theirs.properties, theirs.additionalProperties = {}, {}, false
    local required = core.json.array {}
    for i = 1, random(1, 3) do
      local property, other = schema_pair(depth - 1)
      property[1] = names[i]
      ours.properties[i], theirs.properties[names[i]] = property, other
      if random(4) == 1 then required[#required + 1] = names[i] end
    end
    if #required > 0 then ours.required, theirs.required = required, required end
    if random(3) == 1 then
      ours.additionalProperties, theirs.additionalProperties = schema_pair(depth - 1)
    end
  elseif kind == "object" and random(2) == 1 then
    ours.properties, theirs.properties = {}, {}
    ours.additionalProperties, theirs.additionalProperties = schema_pair(depth - 1)
  end
  if kind == "object" then count(rules, "minProperties", "maxProperties") end
  both(rules)
  return ours, theirs
end

-- No empty object: in the core {} may stand for an empty list too.
local function value_like(theirs, depth)
  if theirs.oneOf then
    local branch = one_of(theirs.oneOf)
    local value = value_like(branch, depth - 1)
    local object = type(value) == "table" and getmetatable(value) ~= core.json.array_mt
    if branch.type == "object" and object and random(4) > 1 then
      value.kind = one_of { branch.properties.kind.const, branch.properties.kind.const, "one", "two", "x" }
    end
    return value
  end
  if theirs.enum and theirs.type ~= "string" and random(2) == 1 then return one_of(theirs.enum) end
  if theirs.const ~= nil and random(2) == 1 then return theirs.const end
  local kind = random(8) == 1 and one_of { "string", "integer", "boolean", "array" } or theirs.type
  if kind == "string" then return one_of(theirs.enum and { theirs.enum[1], "zz", "a" } or texts) end
  if kind == "integer" then return one_of { -1, 0, 1, 2, 3, 4.0, 0.5, 7, 70, 3e10, 123456789 } end
  if kind == "number" then
    return one_of { -1.5, 0, 0.5, 1.5, 2, 1e300, 7, 0.3, 0.7, 1.1, 0.29, 4.35, 0.1 + 0.2, 1e-300, 2.1, 1e23 }
  end
  if kind == "boolean" then return random(2) == 1 end
  local value = {}
  if kind == "array" then
    for i = 1, random(0, 4) do value[i] = value_like(theirs.items or { type = "string" }, depth - 1) end
    return core.json.array(value)
  end
  for name, property in pairs(theirs.properties or {}) do
    if random(5) > 1 then value[name] = value_like(property, depth - 1) end
  end
  local more = theirs.additionalProperties
  if type(more) ~= "table" then more = { type = "string" } end
  if next(value) == nil or random(6) == 1 then value.more = value_like(more, depth - 1) end
  return value
end

local function schema_case()
  local ours, theirs = schema_pair(3)
  local value = core.json.encode(value_like(theirs, 3))
  local good = core.schema.check(core.schema.compile(ours), core.json.decode(value), "")
  local schema = core.json.encode(theirs)
  return ("schema %s %s"):format(hex(schema), hex(value)), good and "good" or "bad", schema .. " " .. value
end

-- ---- patterns ----

local atoms = { "a", "b", ".", "\\d", "\\D", "\\w", "\\W", "\\s", "\\S", "[ab]", "[^a]", "[a-c]", "[^]", "[]",
  "é", "😀", "[é-😀]", "\\u0061", "\\u{1F600}", "\\x62", "\\.", "\\b", "\\B", "^", "$", "[\\d-]", "[\\w😀]",
  "-", "\\/" }

local function pattern_of(depth)
  local parts = {}
  for i = 1, random(0, 3) do
    local atom = depth > 0 and random(3) == 1 and one_of { "(", "(?:" } .. pattern_of(depth - 1) .. ")"
      or one_of(atoms)
    parts[i] = atom .. one_of { "", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "??" }
  end
  local text = table.concat(parts)
  return depth > 0 and random(4) == 1 and text .. "|" .. pattern_of(depth - 1) or text
end

local letters = { "a", "b", "c", "1", " ", "\n", "_", "é", "😀", "-", ".", "\226\128\168", "/" }

local function pattern_case()
  local parts, first, last = {}, one_of { "^", "", "" }, one_of { "$", "", "" }
  local pattern = first .. pattern_of(3) .. last
  for i = 1, random(0, 6) do parts[i] = one_of(letters) end
  local good, schema = pcall(core.schema.compile, { type = "string", pattern = pattern })
  if not good or pattern == "" then return nil end -- refused: a subset is understood
  local text = table.concat(parts)
  local matches = core.schema.check(schema, text, "")
  local case = ("pattern %s %s"):format(hex(pattern), hex(text))
  return case, matches and "good" or "bad", pattern .. "  " .. text
end

-- ---- the others ----

local PYTHON, NODE = "python3 spec/fuzz/others/judge.py", "node spec/fuzz/others/judge.mjs"
local kinds = {
  { name = "JSON beside Python's", make = json_case, judge = PYTHON,
    probe = "python3 -c 'import jsonschema'" },
  { name = "schemas beside jsonschema", make = schema_case, judge = PYTHON,
    probe = "python3 -c 'import jsonschema'" },
  { name = "patterns beside JavaScript's", make = pattern_case, judge = NODE, probe = "node --version" },
}

local function batch(kind)
  local lines, expected, shown = {}, {}, {}
  while #lines < BATCH do
    local line, verdict, case = kind.make()
    if line then
      lines[#lines + 1], expected[#expected + 1], shown[#shown + 1] = line, verdict, case
    end
  end
  local path = os.tmpname()
  system.write(path, table.concat(lines, "\n"), "\n")
  local out, err, status = system.run(kind.judge .. " <" .. system.quote(path))
  os.remove(path)
  assert(status == 0, err)
  local at, wrong = 0, 0
  for verdict in out:gmatch "[^\n]+" do
    at = at + 1
    if verdict ~= expected[at] and verdict ~= "unknown" then
      wrong = wrong + 1
      if wrong <= 5 then
        io.stderr:write(("%s: the core says %s, the other %s: %s\n"):format(kind.name, expected[at], verdict,
          shown[at]))
      end
    end
  end
  assert(at == #lines, "a verdict for each case")
  return wrong
end

local seconds, seed = tonumber(arg[1]) or 10, tonumber(arg[2]) or os.time()
math.randomseed(seed)
local failed = 0
for _, kind in ipairs(kinds) do
  local _, _, status = system.run(kind.probe)
  if status ~= 0 then
    print(kind.name .. ": left out, the other is not installed")
  else
    local before, cases = core.system.clock(), 0
    repeat
      failed = failed + batch(kind)
      cases = cases + BATCH
    until core.system.clock() - before > seconds
    print(("%s: %d cases, seed %d"):format(kind.name, cases, seed))
  end
end
os.exit(failed == 0 and 0 or 1)
