--- What names an item of a bulk run, and what tells its content apart, as text.

local core = require "patchbay.core"

local digest = {}

-- Keys and job names are for people to read; longer ones are more likely contents taken for a name.
local MAX_NAME = 4096
--- 64 bits: what tells versions of one item apart, not whom to trust.
digest.DIGITS = 16

local encode = core.json.encode

-- Lua 5.3 and above have two kinds of numbers; below, there is nothing to convert.
local to_integer = rawget(math, "tointeger") or function(number) return number end

-- pcall, but for a want of memory, which says nothing of the value.
local function attempt(work, ...)
  local good, value = pcall(work, ...)
  if not good and tostring(value):find("not enough memory", 1, true) then error(value, 0) end
  return good, value
end

local function hex(text)
  return (text:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

--- A string or number as JSON text: one text for equal ones (1.0 is 1, "1" is not), on one line. What is
-- not UTF-8, which JSON cannot hold, becomes {"hex":"…"}. Or nil and what is wrong with it.
function digest.name(value)
  if type(value) == "number" then
    if value ~= value or value == math.huge or value == -math.huge then
      return nil, "expected a finite number, got " .. tostring(value)
    end
    if value == 0 then return "0" end -- and not -0
    return encode(to_integer(value) or value)
  elseif type(value) ~= "string" then
    return nil, "expected a string or a number, got " .. type(value)
  elseif #value > MAX_NAME then
    return nil, ("%d bytes are more than %d; use a shorter name"):format(#value, MAX_NAME)
  end
  local good, text = attempt(encode, value)
  return good and text or ('{"hex":"%s"}'):format(hex(value))
end

-- Whether there is a record in `value`; `seen`: tables that were looked at.
local function has_record(value, seen)
  if core.record.is(value) then return true end
  seen[value] = true
  for _, member in next, value do
    if type(member) == "table" and not seen[member] and has_record(member, seen) then return true end
  end
  return false
end

-- A copy that JSON can hold where `value` itself cannot be written: a record is its key, a string that is
-- not UTF-8 its bytes. What contains itself does so in the copy, where it is noticed.
local function writable(value, copies)
  if type(value) == "string" then
    return attempt(encode, value) and value or { ["\0hex"] = hex(value) }
  elseif type(value) ~= "table" then
    return value
  elseif core.record.is(value) then
    local key = core.record.owner(value) and core.record.key(value)
    return { ["\0record"] = key or error("a record that has no key, or a part of a record", 0) }
  elseif not copies[value] then
    local copy = {}
    copies[value] = copy
    for name, member in next, value do
      if type(name) == "string" and not attempt(encode, name) then name = "\0hex" .. hex(name) end
      copy[name] = writable(member, copies)
    end
    if next(copy) == nil and encode(value) == "[]" then core.json.array(copy) end
  end
  return copies[value]
end

--- 16 hexadecimal digits that tell this item's content from another's: all that is in it, in whatever
-- order; of a record its key. nil and the reason for what has no content that could be compared:
-- functions, userdata, a table within itself.
function digest.of(item)
  local good, text = false, nil
  if type(item) ~= "table" or not has_record(item, {}) then good, text = attempt(encode, item) end
  if not good then
    good, text = attempt(writable, item, {})
    if good then good, text = attempt(encode, text) end
  end
  if not good then return nil, text end
  return core.journal.digest(text):sub(1, digest.DIGITS)
end

return digest
