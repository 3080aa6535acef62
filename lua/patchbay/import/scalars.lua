--- Rules of a schema for single values: enumerations, limits, patterns and formats, as descriptions have
-- them. Each function takes the schema's node, the rules that are made and a `notes` table that counts
-- dropped rules; it returns the problem for which the schema cannot be said, or nil.

local budgets = require "patchbay.import.budgets"
local core = require "patchbay.core"
local members = require "patchbay.import.members"
local patterns = require "patchbay.import.patterns"
local prose = require "patchbay.import.prose"
local types = require "patchbay.import.types"

local scalars = {}

local null = core.json.null

-- Beyond this a description's counts do not go, and no value does either.
local LARGEST_COUNT = 999999999

-- Formats with a meaning in descriptions.
local FORMATS = { uri = true, uuid = true, ipv4 = true, ipv6 = true, ["date-time"] = true, e164 = true }

--- Whether a format has a meaning here.
function scalars.knows_format(format) return FORMATS[format] or format == "password" end

local function count(notes, what) notes[what] = (notes[what] or 0) + 1 end

-- ---- values ----

local function type_of(value)
  local kind = type(value)
  if kind == "number" then return value % 1 == 0 and "integer" or "number" end
  return kind
end

local function fits(value, type_name)
  local kind = type_of(value)
  return kind == type_name or kind == "integer" and type_name == "number"
end

-- The values of an enumeration by type: { string = { … }, … }, and whether null is one; or nil and the
-- problem.
local function sorted_values(list)
  local by_type, order, has_null, seen = {}, {}, false, {}
  for _, value in ipairs(list) do
    local kind = type_of(value)
    if value == null then
      has_null = true
    elseif kind ~= "string" and kind ~= "boolean" and kind ~= "integer" and kind ~= "number" then
      return nil, "its enum has a value that is no text, number or boolean"
    elseif kind == "string" and not prose.is_visible(value) then
      return nil, "its enum has a text with characters that cannot be seen"
    elseif not seen[value] then
      seen[value] = true
      if kind == "integer" then kind = "number" end
      if not by_type[kind] then by_type[kind], order[#order + 1] = {}, kind end
      table.insert(by_type[kind], value)
    end
  end
  return by_type, order, has_null
end

local function all_integers(values)
  for _, value in ipairs(values) do
    if value % 1 ~= 0 then return false end
  end
  return true
end

-- The type of values whose schema names none.
local function type_for(kind, values)
  if kind == "number" and all_integers(values) then return "integer" end
  return kind
end

--- `enum` and `const`. Without a type the values show it; values of several types make a union.
function scalars.values(node, rules)
  local list = node.enum
  if node.const ~= nil then list = core.json.array { node.const } end
  if list == nil then return nil end
  if not members.is_list(list) then return "its enum is no list of values" end
  if list[1] == nil then return types.NOTHING end
  if #list > budgets.MOST_VALUES then
    return ("its enum has %d values, and %d are read at most"):format(#list, budgets.MOST_VALUES)
  end
  local by_type, order, has_null = sorted_values(list)
  if not by_type then return order end
  if rules.type then
    local kept = {}
    for _, kind in ipairs(order) do
      for _, value in ipairs(by_type[kind]) do
        if fits(value, rules.type) then kept[#kept + 1] = value end
      end
    end
    if not kept[1] then return "no value of its enum is of its type" end
    rules.enum = kept
  elseif not order[1] then
    return types.ONLY_NULL
  elseif not order[2] then
    rules.type, rules.enum = type_for(order[1], by_type[order[1]]), by_type[order[1]]
    rules.nullable = rules.nullable or has_null or nil
  else
    rules.oneOf = {}
    for i, kind in ipairs(order) do
      rules.oneOf[i] = { type = type_for(kind, by_type[kind]), enum = by_type[kind] }
    end
    rules.nullable = rules.nullable or has_null or nil
  end
end

-- ---- limits ----

--- A count such as maxLength. Counts beyond the limit of a description are dropped.
function scalars.count(node, rules, keyword, notes)
  local value = node[keyword]
  if value == nil then return nil end
  if type(value) ~= "number" or value < 0 or value % 1 ~= 0 then
    if type(value) == "number" or type(value) == "userdata" or type(value) == "table" then
      count(notes, "limits")
      return nil
    end
    return keyword .. " is no count"
  end
  if value > LARGEST_COUNT then
    if keyword:find "^min" then return keyword .. " is larger than any value" end
    count(notes, "limits")
    return nil
  end
  if value > 0 or keyword:find "^max" then rules[keyword] = math.floor(value) end
end

-- A limit that Lua's numbers cannot hold is beyond all values.
local function limit(value, notes)
  if type(value) == "number" then return value end
  if value ~= nil then count(notes, "limits") end
end

--- Limits of numbers. In OpenAPI 3.0 `exclusiveMinimum` is a boolean beside `minimum`.
function scalars.limits(node, rules, notes)
  rules.minimum, rules.maximum = limit(node.minimum, notes), limit(node.maximum, notes)
  for keyword, inclusive in pairs { exclusiveMinimum = "minimum", exclusiveMaximum = "maximum" } do
    local value = node[keyword]
    if value == true then
      rules[keyword], rules[inclusive] = rules[inclusive], nil
    elseif value ~= nil and value ~= false then
      rules[keyword] = limit(value, notes)
    end
  end
  local multiple = node.multipleOf
  if multiple ~= nil then
    if type(multiple) ~= "number" or multiple <= 0 then return "multipleOf is no number above 0" end
    rules.multipleOf = multiple
  end
end

-- ---- texts ----

--- `pattern` and `format`. `known_patterns`: see patterns.of.
function scalars.text(node, rules, notes, known_patterns)
  local pattern, format = node.pattern, node.format
  if type(pattern) == "string" and pattern ~= "" then
    if not prose.is_visible(pattern) then return "its pattern has characters that cannot be seen" end
    local made, problem = patterns.of(known_patterns, pattern)
    if not made then return "its pattern cannot be checked: " .. problem end
    rules.pattern = made
  elseif pattern ~= nil and pattern ~= "" then
    return "its pattern is no text"
  end
  if format == "password" then
    rules.secret = true
  elseif FORMATS[format] then
    rules.format = format
  elseif format ~= nil then
    count(notes, "formats")
  end
end

-- ---- all of it ----

-- Keywords that each value of an enumeration has to obey.
local WITH_ENUM = { "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum",
  "exclusiveMaximum", "multipleOf" }

-- Lower and upper limits.
local PAIRS = { { "minLength", "maxLength" }, { "minItems", "maxItems" }, { "minimum", "maximum" },
  { "minProperties", "maxProperties" }, { "exclusiveMinimum", "maximum", true },
  { "minimum", "exclusiveMaximum", true }, { "exclusiveMinimum", "exclusiveMaximum", true } }

--- Whether there are limits of both kinds, which may exclude each other.
function scalars.has_limits(rules)
  local least = rules.minLength or rules.minItems or rules.minimum or rules.minProperties
    or rules.exclusiveMinimum
  return least and (rules.maxLength or rules.maxItems or rules.maximum or rules.maxProperties
    or rules.exclusiveMaximum) ~= nil
end

--- Removes from an enumeration the values that break the other rules, which say nothing more then. Of an
-- empty result, and of limits that no value can obey, returns the problem.
function scalars.settle(rules)
  for _, pair in ipairs(scalars.has_limits(rules) and PAIRS or {}) do
    local least, most = rules[pair[1]], rules[pair[2]]
    if least and most and (least > most or pair[3] and least == most) then
      return ("no value obeys both %s and %s"):format(pair[1], pair[2])
    end
  end
  if not rules.enum then return nil end
  local others, any = { type = rules.type }, false
  for _, keyword in ipairs(WITH_ENUM) do
    others[keyword], any = rules[keyword], any or rules[keyword] ~= nil
    rules[keyword] = nil
  end
  if not any and not rules.allOf then return nil end
  others.allOf, rules.allOf = rules.allOf, nil
  local schema, kept = core.schema.compile(others), {}
  for _, value in ipairs(rules.enum) do
    if core.schema.check(schema, value, "x") then kept[#kept + 1] = value end
  end
  if not kept[1] then return "no value of its enum obeys its other rules" end
  rules.enum = kept
end

return scalars
