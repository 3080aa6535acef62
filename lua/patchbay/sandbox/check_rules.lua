-- The rules of check.lua beyond types and enumerations: formats, and JSON Schema's limits. A rule may have
--   scheme                          that of an address, such as "wss"
--   pattern                         a compiled regular expression (see regex.lua)
--   min_length, max_length          characters of a text
--   minimum, maximum, above, below, multiple_of   of a number; above and below are exclusive
--   min_items, max_items, unique    of an array
--   min_members, max_members        of an object
--   all_of                          a list of rules that hold as well

local ascii = require "patchbay.util.ascii"
local json = require "patchbay.sandbox.json"

local check_rules = {}

local HEX = "[0-9A-Fa-f]"
local UUID = ("^%s%%-%s%%-%s%%-%s%%-%s$"):format(HEX:rep(8), HEX:rep(4), HEX:rep(4), HEX:rep(4), HEX:rep(12))

local function is_ipv4(text)
  local parts = { text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$" }
  for _, part in ipairs(parts) do
    if #part > 3 or tonumber(part) > 255 or part:find "^0." then return false end
  end
  return parts[1] ~= nil
end

local function is_ipv6(text)
  local groups, gaps = 0, select(2, text:gsub("::", "::"))
  local rest = text:gsub("::", ":gap:")
  for group in rest:gmatch "[^:]+" do
    if group:find "%." then
      if not is_ipv4(group) then return false end
      groups = groups + 2
    elseif group ~= "gap" then
      if #group > 4 or not group:find "^%x+$" then return false end
      groups = groups + 1
    end
  end
  return text:find "^[%x:.]+$" ~= nil and not text:find ":::" and (gaps == 0 and groups == 8
    or gaps == 1 and groups < 8) and not text:find "^:[^:]" and not text:find "[^:]:$"
end

local DAYS = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_date_time(text)
  local year, month, day, hour, minute, second, zone =
    text:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt](%d%d):(%d%d):(%d%d)%.?%d*([Zz+-].*)$"
  if not year or not (zone:find "^[Zz]$" or zone:find "^[+-]%d%d:%d%d$") then return false end
  month, day = tonumber(month), tonumber(day)
  return month >= 1 and month <= 12 and day >= 1 and day <= DAYS[month] and tonumber(hour) <= 23
    and tonumber(minute) <= 59 and tonumber(second) <= 60
end

-- Format -> its words, and a function that says whether a text has it.
check_rules.formats = {
  uuid = { "a UUID", function(text) return text:find(UUID) end },
  uri = { "a URI", function(text) return text:find "^[A-Za-z][A-Za-z0-9+.-]*:[^%s]+$" end },
  digits = { "digits", function(text) return text:find "^%d+$" end },
  e164 = { "a number in E.164 form, such as +18018018011",
    function(text) return text:find "^%+[1-9]%d+$" and #text <= 16 end },
  iccid = { "19 or 20 characters, digits with at most one letter at the end",
    function(text) return text:find "^%d+%a?$" and (#text == 19 or #text == 20) end },
  ipv4 = { "an IPv4 address", is_ipv4 },
  ipv6 = { "an IPv6 address", is_ipv6 },
  ["date-time"] = { "a time by RFC 3339, such as 2026-03-27T10:30:00Z", is_date_time },
}

-- Whether a number is a multiple: 0.3 is one of 0.1, though not in binary.
local function is_multiple(value, unit)
  local count = value / unit
  return math.abs(count - math.floor(count + 0.5)) <= 1e-9 * math.max(1, math.abs(count))
end

-- In characters, not bytes.
local function length(text) return select(2, text:gsub("[^\128-\191]", "")) end

local function has_twice(list)
  local seen = {}
  for _, entry in ipairs(list) do
    local text = json.encode(entry)
    if seen[text] then return true end
    seen[text] = true
  end
end

local function text_problem(rule, value)
  local count = length(value)
  if rule.min_length and count < rule.min_length then
    return ("must have at least %d characters"):format(rule.min_length)
  end
  if rule.max_length and count > rule.max_length then
    return ("must have at most %d characters"):format(rule.max_length)
  end
  if rule.scheme and ascii.lower(value:match "^[^:]*") ~= rule.scheme then
    return ("must be an address of the scheme %s"):format(rule.scheme)
  end
  if rule.pattern and not rule.pattern:matches(value) then return "does not match its pattern" end
end

local function number_problem(rule, value)
  if rule.minimum and value < rule.minimum then return ("must be at least %.14g"):format(rule.minimum) end
  if rule.maximum and value > rule.maximum then return ("must be at most %.14g"):format(rule.maximum) end
  if rule.above and value <= rule.above then return ("must be above %.14g"):format(rule.above) end
  if rule.below and value >= rule.below then return ("must be below %.14g"):format(rule.below) end
  if rule.multiple_of and not is_multiple(value, rule.multiple_of) then
    return ("must be a multiple of %.14g"):format(rule.multiple_of)
  end
end

local function count_problem(count, least, most, what)
  if least and count < least then return ("must have at least %d %s"):format(least, what) end
  if most and count > most then return ("must have at most %d %s"):format(most, what) end
end

local function own_problem(rule, value)
  if type(value) == "string" then return text_problem(rule, value) end
  if type(value) == "number" then return number_problem(rule, value) end
  if json.is_array(value) then
    return count_problem(#value, rule.min_items, rule.max_items, "entries")
      or rule.unique and has_twice(value) and "must not have an entry twice" or nil
  end
  if json.is_object(value) then
    local count = 0
    for _ in pairs(value) do count = count + 1 end
    return count_problem(count, rule.min_members, rule.max_members, "members")
  end
end

-- The rule that a value breaks, or nil. The value itself is not repeated: it may be a secret.
function check_rules.problem(rule, value)
  local problem = own_problem(rule, value)
  for _, more in ipairs(rule.all_of or {}) do problem = problem or check_rules.problem(more, value) end
  return problem
end

return check_rules
