--- Compares sent values with those read back.

local core = require "patchbay.core"
local redact = require "patchbay.exchange.redact"
local resource = require "patchbay.record.resource"
local ascii = require "patchbay.util.ascii"

local readback = {}

-- Whether `read` contains `sent`: objects may have more members than were sent.
local function within(sent, read)
  if type(sent) ~= "table" or type(read) ~= "table" then
    return sent == read or (type(sent) == "number" and type(read) == "number" and sent == read)
  end
  if #sent ~= #read then return false end
  for key, value in pairs(sent) do
    if not within(value, read[key]) then return false end
  end
  return true
end

local function same(self, name, sent, read)
  if within(sent, read) then return true end
  if not self.enums[name] or type(sent) ~= "string" or type(read) ~= "string" then return false end
  -- Vendors spell the values of an enumeration in more than one letter case.
  return ascii.lower(sent) == ascii.lower(read)
end

-- Whether a value that differs can be compared at all: not where the vendor's echo is known to be unreliable,
-- nor where the value shown is invalid for this field (another kind of id).
local function comparable(self, name, read)
  if self.unreliable[name] then return false end
  return read == core.json.null or core.schema.check(self.schema, { [name] = read }, "")
end

--- Compares `sent` (a plain table by field) with `response` (checked JSON text). Returns a table of
-- `confirmed`, `differs` and `unverifiable`, as record:confirm() does. Fields are in the order of the
-- description.
function readback.compare(self, sent, response)
  local read = resource.read(self, response)
  local result = { confirmed = {}, differs = {}, unverifiable = {} }
  local names, described = {}, {}
  for _, name in ipairs(self.field_names) do
    described[name] = true
    if sent[name] ~= nil and name ~= self.key then names[#names + 1] = name end
  end
  local others = {}
  for name in pairs(sent) do
    if not described[name] then others[#others + 1] = name end
  end
  table.sort(others)
  for _, name in ipairs(others) do names[#names + 1] = name end
  for _, name in ipairs(names) do
    local value = read[name]
    if value == nil and sent[name] ~= core.json.null then
      result.unverifiable[#result.unverifiable + 1] = name
    elseif value == nil or same(self, name, sent[name], value) then
      result.confirmed[#result.confirmed + 1] = name
    elseif not comparable(self, name, value) then
      result.unverifiable[#result.unverifiable + 1] = name
    else
      local secret = self.secrets[name]
      result.differs[#result.differs + 1] = {
        field = name, sent = secret and redact.mask or sent[name], read = secret and redact.mask or value,
      }
    end
  end
  return result
end

--- Whether the response shows the sent values, as far as it can be compared, and whether it shows any.
function readback.matches(self, sent, response)
  local result = readback.compare(self, sent, response)
  return #result.differs == 0, #result.confirmed > 0
end

return readback
