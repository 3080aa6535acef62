--- Text that names an item of a bulk run, and a digest of its content.

local core = require "patchbay.core"

local digest = {}

-- Keys and job names are for people; a longer text is more likely content given as a name by mistake.
local MAX_NAME = 4096
--- 64 bits distinguish the versions of one item. They are no protection against forgery.
digest.DIGITS = 16

local encode = core.json.encode

-- Lua 5.3 and above have two kinds of numbers; older versions have nothing to convert.
local to_integer = rawget(math, "tointeger") or function(number) return number end

-- pcall that passes on a lack of memory, which says nothing about the value.
local function attempt(work, ...)
  local ok, value = pcall(work, ...)
  if not ok and tostring(value):find("not enough memory", 1, true) then error(value, 0) end
  return ok, value
end

local function hex(text)
  return (text:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

--- A string or number as JSON text on one line, equal for equal values (1.0 is 1, "1" is not). A string that
-- is not UTF-8 becomes {"hex":"…"}. Or nil and the problem.
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
  local ok, text = attempt(encode, value)
  return ok and text or ('{"hex":"%s"}'):format(hex(value))
end

-- Whether `value` contains a record. `seen`: the set of tables already visited.
local function has_record(value, seen)
  if core.record.is(value) then return true end
  seen[value] = true
  for _, member in next, value do
    if type(member) == "table" and not seen[member] and has_record(member, seen) then return true end
  end
  return false
end

-- A copy that JSON can hold, for values that it cannot: a record becomes its key, a string that is not UTF-8
-- its bytes. A cycle is copied as a cycle, which the encoder reports.
local function writable(value, copies)
  if type(value) == "string" then
    return attempt(encode, value) and value or { ["\0hex"] = hex(value) }
  elseif type(value) ~= "table" then
    return value
  elseif core.record.is(value) then
    local owner = core.record.owner(value)
    local key = owner and core.record.key(value)
    if owner and (owner.place or key == nil) then key = owner:address(key) end
    return { ["\0record"] = key or error("a record that has no key, or a part of a record", 0) }
  elseif not copies[value] then
    local copy = {}
    copies[value] = copy
    for name, member in next, value do
      local escaped = type(name) == "string" and not attempt(encode, name)
      copy[escaped and "\0hex" .. hex(name) or name] = writable(member, copies)
    end
    if next(copy) == nil and encode(value) == "[]" then core.json.array(copy) end
  end
  return copies[value]
end

--- 16 hexadecimal digits that depend on the whole content of an item, in any order of its members; for a
-- record on its key. Or nil and the reason, for content that cannot be compared: functions, userdata,
-- cycles.
function digest.of(item)
  local ok, text = false, nil
  if type(item) ~= "table" or not has_record(item, {}) then ok, text = attempt(encode, item) end
  if not ok then
    ok, text = attempt(writable, item, {})
    if ok then ok, text = attempt(encode, text) end
  end
  if not ok then return nil, text end
  return core.journal.digest(text):sub(1, digest.DIGITS)
end

return digest
