--- The faults of a desired state: a list of { path =, message = }, and the error value that names them.

local core = require "patchbay.core"
local errors = require "patchbay.errors"

local faults = {}

-- More would fill a terminal; the rest is counted, and `faults` of the error value has all.
local MOST_SHOWN = 12

-- Names out of a file must not control a terminal, reorder or end a line of a log, or break its encoding.
local shown = core.text.visible

--- Adds a fault to the `list`. `path`: where it is, such as `acme.voice_routes["CRID-1"].TrunkIp1`, or
-- `routes.lua:12`. `line`: of the file that it is in, or nil.
function faults.add(list, path, message, line)
  list[#list + 1] = { path = shown(path), message = shown(message), line = line }
end

--- The error value (kind "invalid", outcome "not_sent") for a list of faults. `source`: the name of the file,
-- or nil.
function faults.error(list, source)
  local count = #list
  local lines = {}
  for i = 1, math.min(count, MOST_SHOWN) do lines[i] = list[i].path .. ": " .. list[i].message end
  if count > MOST_SHOWN then lines[#lines + 1] = ("and %d more"):format(count - MOST_SHOWN) end
  local message = lines[1]
  if count > 1 then
    message = ("%s: %d faults; nothing is sent\n  %s"):format(source or "the desired state", count,
      table.concat(lines, "\n  "))
  end
  return errors.new { kind = "invalid", outcome = "not_sent", message = message, faults = list }
end

return faults
