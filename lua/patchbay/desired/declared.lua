--- A declared record, see declaration.lua. Its texts are worked out when asked for: 100,000 records need not
-- hold them.

local text = require "patchbay.util.text"

local declared = {}

-- Longer keys are cut in paths.
local LONGEST_KEY = 200

--- A key as paths show it.
function declared.shown_key(key)
  if type(key) == "number" then return text.of(key) end
  return text.quote(text.shorten(tostring(key), LONGEST_KEY))
end

-- Members that are those of the record's entry.
local of_entry = { account = true, collection = true, proxy = true, collection_name = true }

local computed = {}

function computed.address(self)
  local full = self.entry.full
  local name = rawget(self, "name")
  if name then return ("%s new %s"):format(full, text.quote(name)) end
  return self.key ~= nil and full .. " " .. text.of(self.key) or full
end

function computed.path(self)
  local full = self.entry.full
  if self.name then return ("%s[new %s]"):format(full, text.quote(self.name)) end
  return self.key ~= nil and ("%s[%s]"):format(full, declared.shown_key(self.key)) or full
end

local Record = {}

function Record.__index(self, member)
  if of_entry[member] then return self.entry[member] end
  local compute = computed[member]
  return compute and compute(self)
end

--- A record of the `entry`. `name`: of a new one, `line`: of its row; or nil.
function declared.new(entry, name, line)
  return setmetatable({ entry = entry, name = name, line = line }, Record)
end

return declared
