--- Records of changes in specs.

local core = require "patchbay.core"
local system = require "spec.support.system"

local changes_logs = {}

--- The decoded lines of a text.
function changes_logs.decode(text)
  local list = {}
  for line in (text or ""):gmatch "[^\n]+" do list[#list + 1] = assert(core.json.decode(line)) end
  return list
end

--- The decoded lines of a file; none where it is missing.
function changes_logs.read(path)
  return changes_logs.decode(system.exists(path) and system.read(path) or "")
end

--- An object that a client can write to, with all its text in `text`. `fails`: the message of a failure.
function changes_logs.object()
  local object = { text = "" }
  function object:append(text)
    if self.fails then return nil, self.fails end
    self.text = self.text .. text
    return true
  end
  function object:read() return self.text end
  return object
end

--- Members of the lines, as "a=1 b=2" texts.
function changes_logs.shown(lines, ...)
  local list = {}
  for i, line in ipairs(lines) do
    local parts = {}
    for _, name in ipairs { ... } do
      local value = line[name]
      if value ~= nil then
        parts[#parts + 1] = ("%s=%s"):format(name, type(value) == "table" and core.json.encode(value)
          or tostring(value))
      end
    end
    list[i] = table.concat(parts, " ")
  end
  return list
end

return changes_logs
