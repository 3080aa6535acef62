--- Checks of options and arguments, and the words for the problems. A rule is a function of a value that
-- returns nil, or the problem in words that follow the name of the option: "expected a number, got a table".

local lazy = require "patchbay.util.lazy"

local text = lazy "patchbay.util.text"

local check = {}

-- Eleven days: the core, which counts milliseconds in 32 bits, takes no more.
local LONGEST_TIMEOUT = 1e6

-- Longer lists of known names are no help.
local MOST_LISTED = 12

--- A value as a message names it: a number in full, "nil", else "a table", "a closed file" and so on.
function check.got(value)
  if type(value) == "number" then return text.of(value) end
  -- A number that only JSON can hold, or null.
  if type(value) == "userdata" and not io.type(value) then return text.of(value) end
  return value == nil and "nil" or "a " .. (io.type(value) or type(value))
end

--- The remedy for text where a number belongs: the end of a message, "" where the text is no number.
function check.unquoted(value)
  return type(value) == "string" and value:find "^%d+%.?%d*$" and "; write " .. value or ""
end

--- The names in a table, sorted.
function check.names(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- The end of a message about the unknown `name`: the known name that was probably meant, or all of them
-- where there are at most `most` (12). `known`: a sorted list.
function check.suggestion(name, known, most)
  -- The sandbox's server runs without the core.
  local found, core = pcall(require, "patchbay.core")
  local meant = found and type(name) == "string" and core.text.suggest(name, known)
  if meant then return ("; did you mean %q?"):format(meant) end
  return #known <= (most or MOST_LISTED) and "; known are " .. table.concat(known, ", ") or ""
end

--- The first problem that `problem(name, value)` reports of the members of a table, in the order of the
-- messages: of several always the same one, whatever order the table is gone through in.
function check.first(given, problem)
  local first
  for name, value in pairs(given) do
    local found = problem(name, value)
    if found and (not first or found < first) then first = found end
  end
  return first
end

--- The problem of a table of options, or nil. `rules`: the rule of each option, by its name. `label`: text
-- before the name in messages, such as "option ". A rule may return a path of its own behind its problem,
-- for a member of the option. `order`: the names in the order in which problems are looked for; by default
-- that of the messages. Unknown names come first.
function check.options(given, rules, label, order)
  if type(given) ~= "table" then return "expected a table of options, got a " .. type(given) end
  local unknown = check.first(given, function(name)
    if type(name) == "string" and rules[name] then return nil end
    local suggestion = check.suggestion(name, check.names(rules))
    return ("%s%s: no such option%s"):format(label, tostring(name), suggestion)
  end)
  if unknown then return unknown end
  local function problem_of(name, value)
    local problem, path = rules[name](value)
    return problem and ("%s%s: %s"):format(label, path or name, problem)
  end
  if not order then return check.first(given, problem_of) end
  for _, name in ipairs(order) do
    local problem = given[name] ~= nil and problem_of(name, given[name])
    if problem then return problem end
  end
end

--- Whether a value can be called: a function, or an object with a metamethod __call.
function check.is_callable(value)
  local kind = type(value)
  if kind == "function" then return true end
  -- For an open file, code compiled by LuaJIT before the end of 2024 gets garbage as its metatable, and using
  -- that ends the process.
  if kind ~= "table" and kind ~= "userdata" or io.type(value) then return false end
  local metatable = getmetatable(value)
  return type(metatable) == "table" and type(metatable.__call) == "function"
end

--- Whether a value is a number, and neither NaN nor an infinity.
function check.is_finite(value) return type(value) == "number" and value - value == 0 end

-- ---- rules ----

--- Any value.
function check.any() end

--- A rule for values of one Lua type.
function check.type(kind)
  return function(value)
    if type(value) ~= kind then return ("expected a %s, got %s"):format(kind, check.got(value)) end
  end
end

check.boolean, check.string = check.type "boolean", check.type "string"

--- Text that is not empty.
function check.filled(value)
  if type(value) ~= "string" then return "expected a string, got " .. check.got(value) end
  if value == "" then return "expected a string that is not empty" end
end

--- A function, or an object that can be called.
function check.callable(value)
  if not check.is_callable(value) then return "expected a function, got " .. check.got(value) end
end

local function quoted(value) return type(value) == "string" and ("%q"):format(value) or text.of(value) end

--- A rule for one of a list of values.
function check.one_of(values)
  local shown = {}
  for i, value in ipairs(values) do shown[i] = quoted(value) end
  local last = table.remove(shown)
  local expected = #shown > 0 and table.concat(shown, ", ") .. " or " .. last or last
  return function(value)
    for _, allowed in ipairs(values) do
      if value == allowed then return nil end
    end
    return ("expected %s, got %s"):format(expected,
      type(value) == "string" and ("%q"):format(value) or check.got(value))
  end
end

--- A rule for numbers from `least` to `most`, neither NaN nor an infinity; nil for no bound.
function check.number(least, most)
  return function(value)
    if not check.is_finite(value) then
      return "expected a finite number, got " .. check.got(value) .. check.unquoted(value)
    end
    if least and value < least or most and value > most then
      return ("expected a number %s, got %s"):format(most and ("from %s to %s"):format(text.of(least),
        text.of(most)) or "of at least " .. text.of(least), text.of(value))
    end
  end
end

--- A rule for whole numbers from `least` to `most`; nil for no upper bound.
function check.whole(least, most)
  return function(value)
    if check.is_finite(value) and value >= least and value <= (most or math.huge) and value % 1 == 0 then
      return nil
    end
    return ("expected a whole number %s, got %s%s"):format(most and ("from %d to %d"):format(least, most)
      or ("of at least %d"):format(least), check.got(value), check.unquoted(value))
  end
end

--- A time in seconds, above 0.
function check.seconds(value)
  -- A number that only JSON can hold cannot be counted with.
  if type(value) ~= "number" then
    return "expected seconds, such as 30, got " .. check.got(value) .. check.unquoted(value)
  end
  if value ~= value or value <= 0 then return "expected seconds above 0, got " .. text.of(value) end
  if value > LONGEST_TIMEOUT then
    return ("expected at most %d seconds, got %s"):format(LONGEST_TIMEOUT, text.of(value))
  end
end

--- A trace context as W3C's header traceparent has it, version 00:
-- https://www.w3.org/TR/trace-context/#traceparent-header
function check.traceparent(value)
  if type(value) ~= "string" then return "expected a string, got " .. check.got(value) end
  local trace, parent = value:match "^00%-(%x+)%-(%x+)%-%x%x$"
  local fits = trace and #trace == 32 and #parent == 16 and not value:find "%u" and trace:find "[^0]"
    and parent:find "[^0]"
  if not fits then
    return "expected W3C's form, 00-<32 hexadecimal digits>-<16>-<2>, in lower case and with no id of zeros "
      .. "alone"
  end
end

--- A time to wait in seconds; 0 is none.
function check.wait(value)
  if type(value) == "number" and value >= 0 and value < math.huge then return nil end
  return "expected seconds, 0 or more, got " .. check.got(value) .. check.unquoted(value)
end

return check
