--- The command `patchbay`: telephony for people and shell scripts that write no Lua. docs/command.md is its
-- page, commands.lua the list of its commands.

local core = require "patchbay.core"
local contexts = require "patchbay.command.context"
local failure = require "patchbay.command.failure"
local parser = require "patchbay.command.parser"

local command = {}

-- Prints the error that was raised, and returns the exit status for it.
local function status_of(context, raised)
  raised = context.lost_output or raised
  local status, message = failure.FAILED
  if failure.is(raised) then
    status, message = raised.status, raised.message
  elseif contexts.is_interrupt(raised) then
    status, message = failure.INTERRUPTED, "interrupted"
  else
    message = tostring(raised)
  end
  -- SIGTERM and SIGHUP are interrupts, too (see core.process).
  if status == failure.INTERRUPTED then status = context.interrupted() end
  if message then
    context.err(("patchbay: %s\n"):format(require("patchbay.command.wording").of(message)))
  end
  return status
end

local function run(context, arguments)
  local entry, parsed, text = parser.parse(arguments)
  if text then
    context.out(context.prose(text))
    return failure.DONE
  end
  context.prepare(entry, parsed)
  return require(entry.module)(context, parsed)
end

--- Runs the command with its arguments, a list of texts. Returns the exit status (see failure.lua).
-- `options`: `streams` (the open files `out` and `err`; by default the process's) and `programs` (the folder
-- that patchbay-sandbox is in).
function command.main(arguments, options)
  options = options or {}
  local context = contexts.new(options.streams, options.programs)
  core.process.terminate_as_interrupt()
  local ran, status = pcall(run, context, arguments)
  if not ran then status = status_of(context, status) end
  if status == failure.BROKEN_PIPE then return status end
  local flushed, problem = pcall(context.flush)
  if not flushed then
    local own = status_of(context, problem)
    if status == failure.DONE or own == failure.BROKEN_PIPE then return own end
  end
  return status
end

return command
