-- Makes up values that keep to a rule of check.lua, for records and credentials that nobody has given.

local check = require "patchbay.sandbox.check"
local json = require "patchbay.sandbox.json"
local store = require "patchbay.sandbox.store"

local sample = {}

local DIGITS = "0123456789"

-- Tries at a value before there is none.
local TRIES = 20

-- Members and entries of one value. Of schemas that contain themselves in several places there would be
-- millions; after so many, only those that have to be there are made.
local MOST_MEMBERS = 500

-- 555-0100 to 555-0199, in any area.
local function number_for_fiction(random)
  return (200 + random:below(700)) .. "55501" .. random:pick(DIGITS, 2)
end

local formats = {
  uuid = function(_, random) return random:uuid() end,
  uri = function(rule, random)
    local scheme, name = rule.scheme or "https", random:hex(6)
    if scheme == "sip" or scheme == "sips" then return scheme .. ":" .. name .. "@example.com" end
    return scheme .. "://example.com/" .. name
  end,
  e164 = function(_, random) return "+1" .. number_for_fiction(random) end,
  phone = function(_, random) return "1" .. number_for_fiction(random) end,
  ipv4 = function(_, random) return "192.0.2." .. random:below(256) end,
  ipv6 = function(_, random) return "2001:db8::" .. random:hex(4) end,
  ["date-time"] = function() return "2026-03-27T10:30:00Z" end,
}

local function fits(rule, value) return check.value(rule, value) == nil end

-- A text of a pattern, with characters added where it ends too early.
local function text(rule, random, try)
  if rule.format and formats[rule.format] then return formats[rule.format](rule, random) end
  local patterns = { rule.pattern }
  for _, more in ipairs(rule.all_of or {}) do patterns[#patterns + 1] = more.pattern end
  local parts = {}
  for index, pattern in ipairs(patterns) do parts[index] = pattern:sample(random) end
  local made = table.concat(parts)
  if not patterns[1] then made = rule.name or "text" end
  -- Only the first tries leave it as it is.
  if try > 2 or not patterns[1] then
    made = made .. random:hex(math.max(rule.min_length or 0, try > 2 and 12 or 0))
  end
  -- A later try differs at the end, which is kept.
  if rule.max_length and #made > rule.max_length then
    made = try > 2 and not patterns[1] and made:sub(-rule.max_length) or made:sub(1, rule.max_length)
  end
  return made
end

local function number(rule)
  local value = rule.minimum or rule.above and rule.above + 1 or rule.maximum and math.min(rule.maximum, 1)
    or rule.below and math.min(rule.below - 1, 1) or 1
  if rule.multiple_of then value = math.ceil(value / rule.multiple_of) * rule.multiple_of end
  return value
end

local makers = {
  boolean = function() return false end,
  number = number,
  integer = function(rule) return math.ceil(number(rule)) end,
  any = function() return json.null end,
  string = text,
  array = function(rule, random, _, left)
    local list = json.array {}
    local items = rule.items or { type = "any" }
    -- One entry says more than none.
    local more = items.type ~= "any" and left.members > 0
    local count = rule.min_items or more and math.min(1, rule.max_items or 1) or 0
    left.members = left.members - count
    for index = 1, count do list[index] = sample.value(items, random, nil, left) end
    return list
  end,
  object = function(rule, random, _, left)
    local object, required = {}, {}
    for _, name in ipairs(rule.required or {}) do required[name] = true end
    for _, field in ipairs(rule.fields or {}) do
      left.members = left.members - 1
      if left.members > 0 or required[field.name] then
        object[field.name] = sample.value(field, random, nil, left)
      end
    end
    return object
  end,
}

local function candidate(rule, random, try, left)
  if try == 1 then
    for _, given in ipairs { "example", "default" } do
      if rule[given] ~= nil then return store.copy(rule[given]) end
    end
  end
  if rule.enum then return rule.enum[1] end
  if rule.branches then
    return sample.value(rule.branches[(try - 1) % #rule.branches + 1], random, nil, left)
  end
  return makers[rule.type](rule, random, try, left)
end

-- A value that keeps to the rule; nil where none was found. `accepts(value)`: whether it will do, such as
-- that it is new. `left`: what a value around it has left of its members.
function sample.value(rule, random, accepts, left)
  for try = 1, TRIES do
    local value = candidate(rule, random, try, left or { members = MOST_MEMBERS })
    if fits(rule, value) and (not accepts or accepts(value)) then return value end
  end
  if rule.nullable then return json.null end
end

return sample
