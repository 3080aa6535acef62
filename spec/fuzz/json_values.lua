-- JSON as values: what is read and written is the same when it is read again, and lua-cjson, which shares
-- nothing with our reader, sees the same in what we write. An input that begins with a NUL is a row of
-- choices from which a value is made; any other is a text.

local cjson = require "cjson"
local core = require "patchbay.core"
local input = require "spec.support.fuzz_input"

local json = core.json
local decode, encode, equal = json.decode, json.encode, input.equal
local shape = cjson.new()

-- Both nulls are the light userdata NULL.
local function as_cjson(ours, theirs)
  if type(ours) == "table" and type(theirs) == "table" then
    for name, member in pairs(ours) do
      if not as_cjson(member, theirs[name]) then return false end
    end
    for name in pairs(theirs) do
      if ours[name] == nil then return false end
    end
    return true
  elseif type(ours) == "number" and type(theirs) == "number" then
    return ours + 0.0 == theirs + 0.0
  elseif type(ours) == "userdata" and type(theirs) == "number" then
    return true -- a number that only its digits hold
  end
  return ours == theirs
end

local function is_array(value) return getmetatable(value) == json.array_mt end

local function same_marks(a, b)
  if type(a) ~= "table" then return true end
  -- A table that is not empty needs no mark to be written as a list.
  if next(a) == nil and is_array(a) ~= is_array(b) then return false end
  for name, member in pairs(a) do
    if not same_marks(member, b[name]) then return false end
  end
  return true
end

-- Writes the value, and reads what was written: it is the same, and so is what that is written as.
local function round(value)
  local text = encode(value)
  assert(json.check(text), text)
  local back, err = decode(text)
  if err then error(err.message .. "\n" .. text) end
  assert(equal(value, back), text)
  assert(same_marks(value, back), text)
  assert(encode(back) == text, text)
  return text
end

local function find_members(text, value)
  for name, member in pairs(value) do
    if type(name) == "string" then
      local span, kind = json.find(text, name)
      assert(span, name)
      assert(equal(decode(span), member), name)
      assert(kind == (member == json.null and "null" or type(member) == "userdata" and "number"
        or type(member) == "table" and kind or type(member)), kind)
    end
  end
end

local function try_text(text)
  local value, err = decode(text)
  local good, problem = json.check(text)
  if value == nil then
    assert(not good and problem.message == err.message and problem.offset == err.offset)
    return
  end
  assert(good)
  local written = round(value)
  local read, theirs = pcall(shape.decode, written)
  if read then assert(as_cjson(value, theirs), written)
  else assert(tostring(theirs):find "nesting" or tostring(theirs):find "too many nested", theirs) end
  -- A top-level object, and not a list.
  if type(value) == "table" and text:find "^%s*{" then find_members(text, value) end
end

local function writable(value)
  if type(value) == "string" then return not value:find "\255" and pcall(encode, value) end
  if type(value) ~= "table" then return true end
  for name, member in pairs(value) do
    if not writable(name) or not writable(member) then return false end
  end
  return true
end

return function(bytes)
  if bytes:byte(1) ~= 0 then return try_text(bytes) end
  local choices = input.new(bytes:sub(2))
  local value = choices:value(6)
  if writable(value) then
    round(value)
  else
    local good, message = pcall(encode, value)
    assert(not good and tostring(message):find("UTF-8", 1, true), message)
  end
end
