--- Opens and locks the files that runs append to: journals, and the states and undo plans of plans.

local core = require "patchbay.core"

local locked_file = {}

--- Opens the file at `path` for reading and appending, and locks it until it is closed. `create`: makes one,
-- for this user alone, where there is none. Returns the file, see core.journal.open; or nil, the kind of the
-- problem and a message. The kind is "locked" (another process, or another run of this one, has it),
-- "missing" or "error".
function locked_file.open(path, create)
  local file, kind, message = core.journal.open(path, create)
  if kind ~= "locked" then return file, kind, message end
  -- A run of this process may have ended with an error without closing it. LuaJIT needs a second round for
  -- objects that only weak tables lead to.
  collectgarbage()
  collectgarbage()
  return core.journal.open(path, create)
end

return locked_file
