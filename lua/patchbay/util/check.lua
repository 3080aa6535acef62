--- Checks of options and arguments. Each returns nil, or the problem in words that follow "option x: ".

local text = require "patchbay.util.text"

local check = {}

-- Eleven days: the core, which counts milliseconds in 32 bits, takes no more.
local LONGEST_TIMEOUT = 1e6

--- The first problem that `problem(name, value)` reports of the members of a table, in the order of the
-- messages: of several always the same one, whatever order the table is gone through in.
function check.first(given, problem)
  local first
  for name, value in pairs(given) do
    local why = problem(name, value)
    if why and (not first or why < first) then first = why end
  end
  return first
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

--- A time in seconds, above 0.
function check.seconds(value)
  -- A number that only JSON can hold is none to count with.
  if type(value) ~= "number" then return "expected seconds, such as 30, got " .. tostring(value) end
  if value ~= value or value <= 0 then return "expected seconds above 0, got " .. text.of(value) end
  if value > LONGEST_TIMEOUT then
    return ("expected at most %d seconds, got %s"):format(LONGEST_TIMEOUT, text.of(value))
  end
end

--- A time in seconds to wait at most; 0 is none.
function check.wait(value)
  if value >= 0 and value < math.huge then return nil end
  return "expected seconds, 0 or more, got " .. text.of(value)
end

--- A function that checks for whole numbers from `least` to `most`.
function check.whole(least, most)
  return function(value)
    if not (value >= least and value <= most and value % 1 == 0) then
      return ("expected a whole number from %d to %d, got %s"):format(least, most, text.of(value))
    end
  end
end

return check
