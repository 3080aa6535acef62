-- Schemas and values, both made from the input: the core decides as the rules say, said once more here; a
-- field takes in an assignment what the check takes, and the check for texts that are keys agrees with it.

local core = require "patchbay.core"
local input = require "spec.support.fuzz_input"

local null, is_array_mark = core.json.null, core.json.array_mt

local number_type = rawget(math, "type")

-- ---- the rules once more ----

local patterns = {
  { "^[0-9]+$", function(text) return text:find "^[0-9]+$" end },
  { "a", function(text) return text:find("a", 1, true) end },
  { "^.{2}$", function(text) return #text:gsub("[\128-\191]", "") == 2 and not text:find "[\r\n]" end },
  { "^(AID|DID)-", function(text) return text:find "^AID%-" or text:find "^DID%-" end },
  { "[^\\w]", function(text) return text:find "[^%w_]" end },
}
local formats = {
  { "e164", function(text) return #text <= 16 and text:find "^%+[1-9]%d*$" end },
  { "uuid", function(text)
    return #text == 36 and text:find("^" .. ("%x"):rep(8) .. (("%-" .. ("%x"):rep(4)):rep(3)) .. "%-")
      and text:find "%-%x+$" and not text:sub(25):find "%X"
  end },
  { "ipv4", function(text)
    local parts = { text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$" }
    for _, part in ipairs(parts) do
      if #part > 3 or tonumber(part) > 255 or part:find "^0." then return false end
    end
    return #parts == 4
  end },
}
local texts = { "", "a", "ab", "12", "+61255501234", "AID-1", "DID-", "192.0.2.1", "192.0.2.256", "UDP",
  "udp", "\195\169\195\169", "\240\159\152\128", "550e8400-e29b-41d4-a716-446655440000", "\255", "a\0b" }

local function is_text(value) return (pcall(core.json.encode, value)) end

local function text_good(rules, text)
  if not is_text(text) then return false end
  local length = #text:gsub("[\128-\191]", "")
  if length < (rules.minLength or 0) or length > (rules.maxLength or math.huge) then return false end
  if rules.pattern and not patterns[rules["x-pattern"]][2](text) then return false end
  if rules.format and not formats[rules["x-format"]][2](text) then return false end
  if rules.enum then
    local found = false
    for _, value in ipairs(rules.enum) do found = found or value == text end
    if not found then return false end
  end
  for _, rule in ipairs(rules.allOf or {}) do
    if not text_good(rule, text) then return false end
  end
  return true
end

-- "array", "object" or "empty" (either).
local function table_kind(value)
  if value[1] ~= nil or getmetatable(value) == is_array_mark then return "array" end
  return next(value) == nil and "empty" or "object"
end

local function writable(value)
  if type(value) == "string" then return is_text(value) end
  if type(value) ~= "table" then return true end
  for name, member in pairs(value) do
    if not writable(name) or not writable(member) then return false end
  end
  return true
end

-- A number next to `limit` for one of many digits and a fraction that is as a double the same, on its side.
local function number_beside(text, limit)
  if not limit or tonumber(text) ~= limit then return nil end
  local whole, exact = text:match "^%d+", ("%.0f"):format(limit)
  local above = #whole > #exact or #whole == #exact and whole >= exact
  return above and limit * (1 + 2 ^ -50) or limit * (1 - 2 ^ -50)
end

-- The digits of a number and its exponent, without zeros at the end: "1.50e3" is "15", 2.
local function decimal_of(value)
  local text = type(value) == "number" and ("%.17g"):format(value) or tostring(value)
  if type(value) == "number" then
    for digits = 1, 17 do
      local shorter = ("%%.%dg"):format(digits):format(value)
      if tonumber(shorter) == value then
        text = shorter
        break
      end
    end
  end
  if number_type and number_type(value) == "integer" then text = tostring(value) end
  local mantissa, exponent = text:match "^%-?([%d.]+)[eE]?([-+]?%d*)$"
  local whole, fraction = mantissa:match "^(%d*)%.?(%d*)$"
  local digits = (whole .. fraction):gsub("^0+", "")
  local shift = (tonumber(exponent) or 0) - #fraction
  local short = digits:gsub("0+$", "")
  return short, shift + #digits - #short
end

-- Whether the number is a multiple of `of` / 10^places, a small whole number: long division by the digits.
local function is_multiple(value, of, places)
  local digits, exponent = decimal_of(value)
  if digits == "" then return true end
  exponent = exponent + places
  local rest = 0
  for digit in digits:gmatch "%d" do rest = (rest * 10 + tonumber(digit)) % of end
  if exponent >= 0 then
    for _ = 1, exponent do rest = rest * 10 % of end
    return rest == 0
  end
  return false -- the last digit is not 0
end

-- A text that two values share if they are equal as JSON. Numbers of the inputs are equal if their digits
-- are.
local function form_of(value)
  if value == null then return "null" end
  if type(value) == "number" or type(value) == "userdata" then
    local digits, exponent = decimal_of(value)
    local minus = digits ~= "" and tostring(value):sub(1, 1) == "-" and "-" or ""
    return "n" .. minus .. digits .. "e" .. (digits == "" and 0 or exponent)
  end
  if type(value) ~= "table" then return type(value):sub(1, 1) .. #tostring(value) .. ":"
    .. tostring(value) end
  local parts = {}
  if table_kind(value) == "array" then
    for i, item in ipairs(value) do parts[i] = form_of(item) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  for name, member in pairs(value) do parts[#parts + 1] = form_of(name) .. ":" .. form_of(member) end
  table.sort(parts)
  return "{" .. table.concat(parts, ",") .. "}"
end

local function is_unique(list)
  local seen = {}
  for _, item in ipairs(list) do
    local form = form_of(item)
    if seen[form] then return false end
    seen[form] = true
  end
  return true
end

local function is_among(value, list)
  for _, other in ipairs(list) do
    if form_of(value) == form_of(other) then return true end
  end
  return false
end

local good

-- The branch of a union for the value: at most one has its type, or is told by its member.
local function branch_of(rules, value)
  local kind = type(value) == "userdata" and value ~= null and "number" or type(value)
  local shape = kind == "table" and table_kind(value)
  for _, branch in ipairs(rules.oneOf) do
    local wanted = branch.type == "integer" and "number" or branch.type
    if wanted == kind or (shape and wanted == shape) then
      local kind_member = rules.discriminator and wanted == "object" and branch.properties[1].const
      if not kind_member or value.kind == kind_member then return branch end
    elseif shape == "empty" and (wanted == "array" or (wanted == "object" and not rules.discriminator)) then
      return branch
    end
  end
end

-- The branch without branches that the value obeys first.
local function first_obeyed(rules, value)
  if not rules.oneOf and not rules.anyOf then return rules end
  if not rules["x-tried"] then return branch_of(rules, value) end
  for _, branch in ipairs(rules.oneOf or rules.anyOf) do
    if good(branch, value) then return first_obeyed(branch, value) end
  end
end

-- Whether an empty table obeys one branch alone, as the list or object that the branch `first` takes.
local function empty_obeys_one(rules, value, first)
  local count, is_list = 0, first.type == "array"
  if is_list then value = core.json.array() end
  for _, branch in ipairs(rules.oneOf) do
    local is_other = not is_list and good(branch, value) and first_obeyed(branch, value).type == "array"
    if good(branch, value) and not is_other then count = count + 1 end
  end
  return count == 1
end

-- Whether the value obeys a union whose branches are tried.
local function obeys_branches(rules, value)
  local empty = type(value) == "table" and table_kind(value) == "empty"
  local first = rules.oneOf and empty and first_obeyed(rules, value)
  if first then return empty_obeys_one(rules, value, first) end
  local count = 0
  for _, branch in ipairs(rules.oneOf or rules.anyOf) do
    if good(branch, value) then count = count + 1 end
  end
  return count == 1 or count > 1 and rules.anyOf ~= nil
end

local function takes_null(rules)
  if rules.nullable or not rules.type and not rules.oneOf and not rules.anyOf then return true end
  for _, branch in ipairs(rules.oneOf or rules.anyOf or {}) do
    if takes_null(branch) then return true end
  end
  return false
end

local function member_good(rules, value)
  return not rules.readOnly and not rules.undocumented and good(rules, value)
end

local function object_good(rules, value)
  local described, count = {}, 0
  for _ in pairs(value) do count = count + 1 end
  if count < (rules.minProperties or 0) or count > (rules.maxProperties or math.huge) then return false end
  for _, property in ipairs(rules.properties or {}) do
    described[property[1]] = property
    local member = value[property[1]]
    if member ~= nil and not member_good(property, member) then return false end
  end
  for _, name in ipairs(rules.required or {}) do
    if value[name] == nil then return false end
  end
  local additional = rules.additionalProperties
  if additional == nil then additional = not rules.properties end
  for name, member in pairs(value) do
    if not described[name] then
      if not additional then return false end
      if not writable(name) or not member_good(type(additional) == "table" and additional or {}, member) then
        return false
      end
    end
  end
  return true
end

function good(rules, value)
  local kind = type(value)
  if value == null then return takes_null(rules) end
  if rules["x-tried"] then return obeys_branches(rules, value) end
  if rules.oneOf then
    local branch = branch_of(rules, value)
    return branch and good(branch, value)
  end
  if not rules.type then return writable(value) end
  if rules.type == "boolean" or rules.type == "string" then
    if kind == "boolean" and rules.type == kind then
      return (rules.const == nil or rules.const == value) and (not rules.enum or is_among(value, rules.enum))
    end
    return kind == rules.type and text_good(rules, value)
  elseif rules.type == "integer" or rules.type == "number" then
    if kind == "userdata" then
      if rules.type == "integer" and tostring(value):find "[.eE]" then return false end
      if rules.multipleOf and not is_multiple(value, rules["x-of"], rules["x-places"]) then return false end
      if rules.enum and not is_among(value, rules.enum) then return false end
      if rules.exclusiveMinimum or rules.exclusiveMaximum then
        local beside = number_beside(tostring(value), rules.exclusiveMinimum)
          or number_beside(tostring(value), rules.exclusiveMaximum) or tonumber(tostring(value))
        if beside <= (rules.exclusiveMinimum or -math.huge) or beside >= (rules.exclusiveMaximum
          or math.huge) then
          return false
        end
      end
      value = number_beside(tostring(value), rules.minimum) or number_beside(tostring(value), rules.maximum)
        or tonumber(tostring(value))
    elseif kind ~= "number" or (rules.type == "integer" and value ~= math.floor(value)) then
      return false
    end
    -- The double 2 ^ 53 may stand for its successor.
    local exact = kind == "userdata" or math.abs(value) < 2 ^ 53
      or number_type and number_type(value) == "integer"
    if rules.type == "integer" and not exact then return false end
    if kind == "number" then
      if rules.multipleOf and not is_multiple(value, rules["x-of"], rules["x-places"]) then return false end
      if rules.enum and not is_among(value, rules.enum) then return false end
      if value <= (rules.exclusiveMinimum or -math.huge) or value >= (rules.exclusiveMaximum
        or math.huge) then
        return false
      end
    end
    return value >= (rules.minimum or -math.huge) and value <= (rules.maximum or math.huge)
  end
  if kind ~= "table" then return false end
  local shape = table_kind(value)
  if shape ~= "empty" and shape ~= rules.type then return false end
  if rules.type == "object" then return object_good(rules, value) end
  if #value < (rules.minItems or 0) or #value > (rules.maxItems or math.huge) then return false end
  for _, item in ipairs(value) do
    if not good(rules.items or {}, item) then return false end
  end
  return not rules.uniqueItems or is_unique(value)
end

-- ---- made from the input ----

local function text_rules(choices, depth)
  local rules = { type = "string" }
  if choices:below(4) == 0 then rules.minLength = choices:below(4) end
  if choices:below(4) == 0 then rules.maxLength = choices:one_of { 1, 2, 3, 0, 15, 35 } end
  if choices:below(4) == 0 then
    rules["x-pattern"] = choices:below(#patterns) + 1
    rules.pattern = patterns[rules["x-pattern"]][1]
  end
  if choices:below(4) == 0 then
    rules["x-format"] = choices:below(#formats) + 1
    rules.format = formats[rules["x-format"]][1]
  end
  if choices:below(4) == 0 then
    rules.enum = {}
    for i = 1, choices:below(3) + 1 do rules.enum[i] = texts[choices:below(14) + 1] end
  end
  if depth > 0 and choices:below(4) == 0 then
    rules.allOf = {}
    for i = 1, choices:below(3) do rules.allOf[i] = text_rules(choices, 0) end
  end
  return rules
end

local rules_of

-- A union of any schemas.
local function tried_union_of(choices, depth)
  local branches = {}
  for i = 1, choices:below(4) + 1 do
    branches[i] = rules_of(choices, depth - 1)
    branches[i].readOnly, branches[i].undocumented = nil, nil -- of the field, not of a branch
  end
  -- Two branches of one type are tried, whatever the others are.
  branches[#branches + 1] = { type = branches[1].type, oneOf = branches[1].oneOf, anyOf = branches[1].anyOf,
    discriminator = branches[1].discriminator, ["x-tried"] = branches[1]["x-tried"] }
  return { ["x-tried"] = true, [choices:one_of { "oneOf", "anyOf" }] = branches }
end

-- A union: of types, and of up to two objects told apart by the member `kind`.
local function union_of(choices, depth)
  if choices:below(3) == 0 then return tried_union_of(choices, depth) end
  local rules, told = { oneOf = {} }, choices:below(2) == 1
  for _, kind in ipairs { "string", "integer", "boolean", "array" } do
    if choices:below(2) == 1 then
      rules.oneOf[#rules.oneOf + 1] = kind == "string" and text_rules(choices, 1)
        or { type = kind, items = kind == "array" and rules_of(choices, depth - 1) or nil,
          minimum = kind == "integer" and 0 or nil }
    end
  end
  if told or #rules.oneOf == 0 then
    rules.discriminator = { propertyName = "kind" }
    for i = 1, choices:below(2) + 1 do
      local more = rules_of(choices, depth - 1)
      more[1] = "a"
      rules.oneOf[#rules.oneOf + 1] = { type = "object",
        properties = { { "kind", type = "string", const = ({ "one", "two" })[i] }, more } }
    end
  end
  if choices:byte() < 40 then rules.nullable = true end
  return rules
end

function rules_of(choices, depth)
  local kind = choices:one_of { "string", "integer", "number", "boolean", "any", "array", "object", "union" }
  if depth == 0 and (kind == "array" or kind == "object" or kind == "union") then kind = "string" end
  if kind == "union" then return union_of(choices, depth) end
  local rules = { type = kind ~= "any" and kind or nil }
  if kind == "string" then
    rules = text_rules(choices, 1)
  elseif kind == "integer" or kind == "number" then
    if choices:below(2) == 1 then rules.minimum = choices:number() end
    if choices:below(2) == 1 then rules.maximum = choices:number() end
    local further = choices:below(8)
    if further == 0 then rules.exclusiveMinimum = choices:number() end
    if further == 1 then rules.exclusiveMaximum = choices:number() end
    if further == 2 then
      rules["x-of"], rules["x-places"] = choices:one_of { 1, 2, 3, 7, 25, 128 }, choices:below(4)
      rules.multipleOf = tonumber(("%de-%d"):format(rules["x-of"], rules["x-places"]))
    end
    if further == 3 then rules.enum = { 1, 2, kind == "number" and 0.5 or 255 } end
  elseif kind == "boolean" then
    local allowed = choices:below(8)
    if allowed == 0 then rules.const = true end
    if allowed == 1 then rules.enum = { false } end
  elseif kind == "array" then
    if choices:below(3) > 0 then rules.items = rules_of(choices, depth - 1) end
    if choices:below(4) == 0 then rules.minItems = choices:below(4) end
    if choices:below(4) == 0 then rules.maxItems = choices:below(4) end
    if choices:below(3) == 0 then
      rules.uniqueItems = true
      choices.unique = true
    end
  elseif kind == "object" then
    if choices:below(5) > 0 then
      rules.properties = {}
      for _, name in ipairs { "a", "b", "a b", "" } do
        if choices:below(2) == 1 then
          local property = rules_of(choices, depth - 1)
          property[1] = name
          rules.properties[#rules.properties + 1] = property
          if choices:below(3) == 0 then
            rules.required = rules.required or {}
            table.insert(rules.required, name)
          end
        end
      end
    end
    if choices:below(6) == 0 then rules.minProperties = choices:below(3) end
    if choices:below(6) == 0 then rules.maxProperties = choices:below(4) end
    local additional = choices:below(4)
    if additional == 1 then rules.additionalProperties = true end
    if additional == 2 then rules.additionalProperties = false end
    if additional == 3 then rules.additionalProperties = rules_of(choices, depth - 1) end
  end
  local more = choices:byte()
  if more < 40 then rules.nullable = true end
  if more > 250 then rules.readOnly = true end
  if more > 240 and more <= 245 then rules.undocumented = true end
  return rules
end

-- A value that has a chance to be good.
local value_for
function value_for(choices, rules, depth)
  local kind = choices:byte()
  if kind > 240 or not (rules.type or rules.oneOf or rules.anyOf) or depth == 0 then
    return choices:value(3)
  end
  if kind > 230 then return null end
  if rules["x-tried"] then
    return value_for(choices, choices:one_of(rules.oneOf or rules.anyOf), depth - 1)
  end
  if rules.oneOf then
    local value = value_for(choices, choices:one_of(rules.oneOf), depth - 1)
    if kind > 100 and type(value) == "table" and table_kind(value) ~= "array" then
      value.kind = choices:one_of { "one", "two", "One" }
    end
    return value
  end
  if rules.type == "string" then
    if kind > 200 then return choices:text() end
    return rules.enum and kind % 2 == 0 and choices:one_of(rules.enum) or choices:one_of(texts)
  elseif rules.type == "boolean" then
    return kind % 2 == 1
  elseif rules.type == "array" then
    local list = kind % 2 == 1 and core.json.array() or {}
    for i = 1, choices:below(5) do list[i] = value_for(choices, rules.items or {}, depth - 1) end
    return list
  elseif rules.type == "object" then
    local object = {}
    for _, property in ipairs(rules.properties or {}) do
      if choices:below(4) > 0 then object[property[1]] = value_for(choices, property, depth - 1) end
    end
    local additional = rules.additionalProperties
    if kind < 60 then
      object[choices:one_of { "c", "aa", "B", "a\0" }] =
        value_for(choices, type(additional) == "table" and additional or {}, depth - 1)
    end
    return object
  end
  local number = kind % 3 == 0 and rules.enum and choices:one_of(rules.enum)
    or kind % 3 == 1 and rules.multipleOf and rules.multipleOf * choices:below(100) or choices:number()
  return rules.type == "integer" and kind % 4 > 0 and math.floor(number) or number
end

-- Marks the empty tables in a value as lists. Without a mark one may be a list or an object, as an
-- assignment finds
-- out; whether two are equal would depend on it.
local function mark_empty(value)
  if type(value) ~= "table" then return value end
  for _, member in pairs(value) do mark_empty(member) end
  return next(value) == nil and core.json.array(value) or value
end

local function keep() return {} end

-- Whether a record with that field takes the value in an assignment.
local function assigns(rules, value)
  rules[1] = "F"
  local schema = core.schema.compile { type = "object", properties = { rules } }
  rules[1] = nil
  local record = core.record.new(core.record.type(schema, "t", {}, keep), "k")
  local taken, why = pcall(function() record.F = value end)
  if not taken then
    assert(tostring(why):find("t.F", 1, true), why)
    return false
  end
  local text = core.record.payload(record, false, false, false, false)
  assert(core.json.check(text), text)
  return true
end

-- Whether it is taken as a key.
local function is_key(schema, text)
  local object = core.schema.compile { type = "object", properties = { { "id", type = "string" } } }
  local metatable = core.record.type(object, "t", {}, keep, "id", schema)
  return core.record.new(metatable, text, nil, true) ~= nil
end

return function(bytes)
  local choices = input.new(bytes)
  local rules = rules_of(choices, 3)
  local schema = core.schema.compile(rules)
  repeat
    local value = value_for(choices, rules, 5)
    if choices.unique then value = mark_empty(value) end
    local expected = good(rules, value) and true or false
    local taken, message = core.schema.check(schema, value, "t")
    input.same("the check", expected, taken)
    if not taken then
      assert(#message < 1700 and message:find "^t", message)
      assert(not message:find "[%z\1-\31\127]", message)
    end
    local assignable = expected and not rules.readOnly and not rules.undocumented
    input.same("the assignment", assignable and true or false, assigns(rules, value))
    if rules.type == "string" and type(value) == "string" then
      input.same("the key", expected, is_key(schema, value))
    end
  until choices:done()
end
