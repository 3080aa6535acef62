-- Desired-state files: whatever a text is, evaluating it in a state of its own ends, with a value or with
-- a message, and leaves nothing behind. A text that gives a value gives the same one where the Lua around
-- evaluates it, with the same names. Whether keys of JSON stand twice is found once more by counting members.

local core = require "patchbay.core"
local json = core.json

local INSTRUCTIONS, BYTES, SECONDS = 50000, 4 * 1024 * 1024, 10

local NEW, REF = {}, {}
local strings = getmetatable("").__index

-- The names of a text, in this state.
local function environment()
  return {
    null = json.null,
    array = function(list)
      assert(list == nil or type(list) == "table" and not getmetatable(list))
      return json.array(list)
    end,
    new = function(name) return setmetatable({ assert(type(name) == "string" and name) }, NEW) end,
    ref = function(a, b)
      if b == nil then a, b = nil, a end
      return setmetatable({ ref = b, collection = a }, REF)
    end,
  }
end

local function compile(text)
  local setfenv = rawget(_G, "setfenv")
  if setfenv then
    local chunk, why = rawget(_G, "loadstring")(text, "=f")
    return chunk and setfenv(chunk, environment()), why
  end
  return load(text, "=f", "t", environment())
end

local number_type = rawget(math, "type") or type

-- A key that only one table has: another table of the same content is another key.
local function is_odd(key) return type(key) == "table" or type(key) == "function" end

-- Whether two values are the same, but for members with such keys.
local function same(a, b)
  if type(a) ~= type(b) then return false end
  if type(a) == "function" or a ~= a then return true end
  if type(a) ~= "table" then return a == b and number_type(a) == number_type(b) end
  if getmetatable(a) ~= getmetatable(b) then return false end
  for key, member in next, a do
    if not is_odd(key) and not same(member, b[key]) then return false end
  end
  for key in next, b do
    if not is_odd(key) and a[key] == nil then return false end
  end
  return true
end

-- Members of all objects in a value.
local function members(value)
  if type(value) ~= "table" then return 0 end
  local count, is_array = 0, getmetatable(value) == json.array_mt
  for _, member in next, value do count = count + members(member) + (is_array and 0 or 1) end
  return count
end

-- Members of all objects in a JSON text.
local function pairs_of(text) return select(2, text:gsub('"[^"]*"', ""):gsub(":", "")) end

return function(text)
  -- Compiled Lua is refused before.
  if text:sub(1, 1) == "\27" then return end
  local ok, value, line = core.isolated.evaluate(text, NEW, REF, INSTRUCTIONS, BYTES, SECONDS)
  assert(getmetatable("").__index == strings)
  if not ok then
    assert(type(value) == "string" and (line == nil or line > 0))
  else
    local chunk, why = compile(text)
    assert(chunk, why)
    local again, other = pcall(chunk)
    assert(again, other)
    assert(same(value, other), "another value")
  end
  for _, one in ipairs(core.isolated.duplicates(text, false)) do assert(one.first <= one.line) end
  local found = core.isolated.duplicates(text, true)
  local decoded = json.decode(text)
  if decoded ~= nil and not text:find("\\", 1, true) then
    assert((#found > 0) == (members(decoded) ~= pairs_of(text)), "duplicates")
  end
end
