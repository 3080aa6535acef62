--- The command `patchbay`: telephony for people and shell scripts that write no Lua. docs/command.md is its
-- page, commands.lua the list of its commands.

local failure = require "patchbay.command.failure"
local parser = require "patchbay.command.parser"

local command = {}

-- Lua's own message for Ctrl-C, and the library's.
local INTERRUPTED = "interrupted!"

local function say(context, message)
  if message and message ~= "" then context.err("patchbay: " .. message .. "\n") end
end

-- The exit status for a raised value; says what it is.
local function status_of(context, raised)
  if failure.is(raised) then
    say(context, raised.message)
    return raised.status
  end
  local text = tostring(raised)
  if type(raised) == "string" and text:find(INTERRUPTED, 1, true) then
    say(context, "interrupted")
    return context.interrupted()
  end
  say(context, text)
  return failure.FAILED
end

-- Keeps the place of a mistake of the command itself; errors of the library have none.
local function handler(raised)
  if type(raised) ~= "string" or raised:find(INTERRUPTED, 1, true) then return raised end
  return raised
end

local function run(context, arguments)
  local entry, parsed, text = parser.parse(arguments)
  if text then
    context.out(text)
    return failure.DONE
  end
  context.prepare(entry, parsed)
  return require(entry.module)(context, parsed) or failure.DONE
end

--- Runs the command with its arguments, a list of texts. Returns the exit status (see failure.lua). `streams`:
-- the open files `out`, `err` and `input`; by default those of the process.
function command.main(arguments, streams)
  local context = require("patchbay.command.context").new(streams)
  local ok, status = xpcall(function()
    local ended = run(context, arguments)
    context.flush()
    return ended
  end, handler)
  if ok then return status end
  local raised = status
  status = status_of(context, raised)
  -- Of a result that was being written, what there is.
  local flushed, why = pcall(context.flush)
  if not flushed and status == failure.DONE then return status_of(context, why) end
  return status
end

return command
