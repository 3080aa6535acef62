--- How commands show a comparison of snapshots, and drift.

local failure = require "patchbay.command.failure"
local files = require "patchbay.command.files"
local patchbay = require "patchbay"

local differences = {}

-- Columns of text that goes into a file or a pipe, and those of a terminal at least.
local PIPE_WIDTH, NARROWEST = 100, 40

--- Reads a snapshot that a command line names.
function differences.snapshot(context, path)
  files.start(context, path, 1)
  local read, err = patchbay.snapshot.load(path)
  if not read then context.fail(err) end
  return read
end

-- Whether something differs that this side has not done itself. `by`: see drift/results.lua; a comparison of
-- snapshots has none.
local function differs(found)
  local by = found.by
  if not by then return not found.empty end
  return by.theirs + by.unknown > 0
end

--- Writes a comparison, and returns the exit status: drift subtracts our own changes. A
-- comparison that is not complete never says that nothing differs.
function differences.show(context, arguments, found)
  if arguments.output == "json" then
    context.out(found:json())
  else
    local terminal = context.terminal
    local width = terminal.out and math.max(NARROWEST, terminal.width) or PIPE_WIDTH
    context.out(found:text { width = width, ascii = terminal.ascii } .. "\n")
  end
  if differs(found) then return failure.DIFFERENCES end
  if found.complete then return failure.DONE end
  context.flush()
  context.fail "nothing differs as far as could be compared, and not all could be"
end

return differences
