-- The sandbox's rules for values beside the client's, which share no code: made at random, they must agree on
-- which values a field takes.
--
-- PB_SEED: where chance begins.

local check = require "patchbay.sandbox.check"
local core = require "patchbay.core"
local json = require "patchbay.sandbox.json"
local random = require "patchbay.sandbox.random"
local rules = require "patchbay.sandbox.generic.rules"
local sample = require "patchbay.sandbox.sample"

local SEED = tonumber(os.getenv "PB_SEED") or os.time() % 1000000
local ROUNDS = 3000

local numbers

local function one_of(list) return list[numbers:below(#list) + 1] end
local function maybe(value) return numbers:below(3) == 0 and value or nil end

local TEXTS = { "", "a", "ab", "abc", "é", "éé", "+15550100", "15550100", "https://example.com/x",
  "sip:a@b.c", "wss://a.b", "192.0.2.1", "256.1.1.1", "01.2.3.4", "2001:db8::1", "::", "1::2::3", "12345:1::",
  "::ffff:1.2.3.4", "550e8400-e29b-41d4-a716-446655440000", "550e8400e29b41d4a716446655440000",
  "2026-03-27T10:30:00Z",
  "2026-02-30T10:30:00Z", "2026-03-27T24:30:00Z", "2026-03-27 10:30:00Z", "2026-03-27T10:30:00.5+02:00" }
local VALUES = { 0, 1, 2, 5, -1, 0.5, 0.75, 1.5, 100, true, false }
local FORMATS = { "uuid", "ipv4", "ipv6", "e164", "date-time", "uri" }
local PATTERNS = { "^a", "b$", "^[a-z]{2}$", "^$", "\\d", "^(a|é)+$" }

local make

local function list_of(count, item)
  local list = core.json.array {}
  for index = 1, count do list[index] = item() end
  return list
end

local kinds = {
  string = function()
    return { type = "string", minLength = maybe(numbers:below(3)), maxLength = maybe(2 + numbers:below(30)),
      pattern = maybe(one_of(PATTERNS)), format = maybe(one_of(FORMATS)),
      enum = maybe { one_of(TEXTS), "another" } }
  end,
  integer = function()
    return { type = "integer", minimum = maybe(numbers:below(3)), maximum = maybe(3 + numbers:below(3)),
      multipleOf = maybe(1 + numbers:below(3)) }
  end,
  number = function()
    return { type = "number", exclusiveMinimum = maybe(numbers:below(2)),
      exclusiveMaximum = maybe(2 + numbers:below(4)), multipleOf = maybe(0.25) }
  end,
  boolean = function() return { type = "boolean" } end,
  array = function(depth)
    return { type = "array", items = make(depth - 1), minItems = maybe(numbers:below(2)),
      maxItems = maybe(1 + numbers:below(3)), uniqueItems = maybe(true) }
  end,
  object = function(depth)
    local properties = {}
    for index = 1, 1 + numbers:below(3) do
      properties[index] = make(depth - 1)
      properties[index][1] = ("abc"):sub(index, index)
    end
    return { type = "object", properties = properties, required = maybe { "a" },
      additionalProperties = maybe(make(depth - 1)), minProperties = maybe(1), maxProperties = maybe(2) }
  end,
}

function kinds.union(depth)
  local branches = {}
  for index = 1, 2 + numbers:below(3) do branches[index] = make(depth - 1) end
  return { [one_of { "oneOf", "anyOf" }] = branches }
end

function make(depth)
  local kind = one_of(depth > 0 and { "string", "integer", "number", "boolean", "array", "object", "union" }
    or { "string", "integer", "number", "boolean" })
  local described = kinds[kind](depth)
  described.nullable = maybe(true)
  return described
end

local function any_value(depth)
  local kind = numbers:below(depth > 0 and 6 or 3)
  if kind == 0 then return one_of(VALUES) end
  if kind == 1 then return one_of(TEXTS) end
  if kind == 2 then return core.json.null end
  if kind <= 3 then return list_of(1 + numbers:below(3), function() return any_value(0) end) end
  local object = {}
  for _, name in ipairs { "a", "b", "c", "d" } do
    if numbers:below(2) == 0 then object[name] = any_value(depth - 1) end
  end
  return next(object) and object or { a = any_value(0) }
end

local near

-- A value that nearly keeps to a rule, so that single limits decide.
function near(rule)
  if rule.branches and numbers:below(2) == 0 then return near(one_of(rule.branches)) end
  local value = sample.value(rule, numbers)
  if rule.type == "string" and value ~= nil and value ~= json.null and numbers:below(2) == 0 then
    value = value .. one_of { "a", "b", "" }
  elseif rule.type == "integer" or rule.type == "number" then
    local limits = { 1 }
    for _, limit in ipairs { "minimum", "maximum", "above", "below", "multiple_of" } do
      limits[#limits + 1] = rule[limit]
    end
    value = one_of(limits) + one_of { -1, 0, 1, 0.25 }
  end
  return value
end

-- A described field for a message: its name among its keywords.
local function named(described)
  local copy = { name = described[1] }
  for keyword, value in pairs(described) do
    if type(keyword) == "string" then copy[keyword] = value end
  end
  if copy.items then copy.items = named(copy.items) end
  for _, keyword in ipairs { "oneOf", "anyOf" } do
    if copy[keyword] then
      copy[keyword] = json.array {}
      for index, branch in ipairs(described[keyword]) do copy[keyword][index] = named(branch) end
    end
  end
  if copy.properties then
    copy.properties = json.array {}
    for index, property in ipairs(described.properties) do copy.properties[index] = named(property) end
  end
  return copy
end

-- Whether the client takes the value, as JSON says it.
local function client_takes(schema, text)
  return (core.schema.check(schema, core.json.decode(text), "x")) and true or false
end

describe("the sandbox's rules for values", function()
  it("agree with the client's about rules and values made at random #slow", function()
    numbers = random.new(SEED)
    local taken = 0
    for round = 1, ROUNDS do
      local described = make(2)
      described[1] = "field"
      local schema = core.schema.compile { type = "object", properties = { described } }
      local rule = rules.rule(described)
      for _ = 1, 4 do
        local value
        if numbers:below(2) == 0 then value = near(rule) else value = any_value(2) end
        if value ~= nil then
          local text = '{"field":' .. json.encode(value) .. "}"
          local mine = check.value(rule, json.decode(text).field) == nil
          taken = taken + (mine and 1 or 0)
          if client_takes(schema, text) ~= mine then
            assert.equal("the same", ("seed %d, round %d: the sandbox says %s of %s by %s"):format(SEED,
              round, tostring(mine), text, json.encode(named(described))))
          end
        end
      end
    end
    assert.is_true(taken > ROUNDS / 2, taken)
  end)
end)
