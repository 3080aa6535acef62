--- What a command works with: accounts, the standard streams, the terminal. A command is a function of it and
-- of its arguments by name, and returns its exit status.
--
--   accounts         the accounts (see accounts.lua)
--   target(text)     what "telegent.voice_routes" names (see target.lua)
--   out(text)        writes to standard output; err(text) to standard error
--   flush()          so that what was written is seen; raises where it cannot be written
--   terminal         { out =, err =, input = (whether each is a terminal), width =, colour =, ascii = }
--   ask(question)    true or false: a person's answer; refuses where there is no terminal
--   usage(message)   raises what is wrong with the command line; fail(message) what went wrong

local failure = require "patchbay.command.failure"
local terminals = require "patchbay.command.terminal"

local context = {}

-- errno for a pipe without a reader, on every system that builds this.
local EPIPE = 32

-- Raises for a write to standard output that failed.
local function cannot_write(why, code)
  if code == EPIPE then failure.raise(failure.BROKEN_PIPE) end
  failure.fail("standard output cannot be written: " .. tostring(why))
end

--- A context for `streams`: the open files `out`, `err`, `input`; by default the process's.
function context.new(streams)
  streams = streams or { out = io.stdout, err = io.stderr, input = io.stdin }
  local core = require "patchbay.core"
  local made = { usage = failure.usage, fail = failure.fail, streams = streams }
  streams.out:setvbuf "full"

  local function check(ok, why, code)
    if not ok then cannot_write(why, code) end
  end
  function made.out(text) check(core.system.write(streams.out, text)) end
  -- Nobody is told that nobody can be told.
  function made.err(text)
    core.system.write(streams.err, text)
  end
  function made.flush()
    local _, ok, why, code = core.system.saving(streams.out.flush, streams.out)
    check(ok, why, code)
  end
  function made.interrupted() return failure.INTERRUPTED end

  --- Sets what depends on the command and its options.
  function made.prepare(entry, arguments)
    made.entry = entry
    made.terminal = terminals.new(streams)
    made.ask = function(question) return terminals.ask(made, question, arguments) end
    made.accounts = require("patchbay.command.accounts").new(arguments.accounts, made)
    made.target = function(text) return require("patchbay.command.target").find(made.accounts, text) end
  end
  return made
end

return context
