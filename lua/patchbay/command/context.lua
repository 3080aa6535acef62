--- The context of a command. A command's module is a function of this context and of its arguments by name;
-- it returns its exit status.
--
--   accounts         the accounts (see accounts.lua)
--   target(text)     the collection that "acme.voice_routes" names (see target.lua)
--   out(text)        writes to standard output, err(text) to standard error
--   prose(text)      a text of sentences in characters that the locale has, without control characters
--   flush()          writes the buffered text; it and out() raise where that fails
--   terminal         { out =, err =, input = (whether each is a terminal), width =, colour =, ascii = }
--   ask(question)    a person's answer, true or false; raises where there is nobody to ask
--   usage(message)   raises a mistake of the command line; fail(message): a failure; message may be an error
--                    value
--   refuse(raised)   the same for an error that a call of the library raised: text is a mistake of the
--                    command line
--   on_request(f)    f is called before each request of the clients that are made from now on; where it
--                    raises, nothing is sent any more
--   interrupted()    the exit status of a command that a signal ended in order: 130 at SIGINT, 143 at
--                    SIGTERM, 129 at SIGHUP
--   entry            the command's entry in commands.lua
--   programs         the folder that the command's programs are in; "" if unknown
--   lost_output      the error that out() or flush() raised where nobody could be told

local core = require "patchbay.core"
local failure = require "patchbay.command.failure"

local context = {}

local Context = {}
Context.__index = Context

-- Calls that are functions of the context, so that modules write context.out(text).
local function bind(self)
  return setmetatable({ usage = failure.usage, fail = failure.fail }, { __index = function(made, name)
    local method = Context[name]
    if not method then return nil end
    local bound = function(...) return method(self, ...) end
    made[name] = bound
    return bound
  end })
end

-- errno for a pipe without a reader, on every system that builds this.
local EPIPE = 32

-- Raises for a write to standard output that failed.
local function check_written(ok, why, code)
  if ok then return end
  if code == EPIPE then failure.raise(failure.BROKEN_PIPE) end
  failure.fail("standard output cannot be written: " .. tostring(why))
end

function Context:out(text) check_written(core.system.write(self.streams.out, text)) end

-- The same in ASCII, line by line.
local function in_ascii(text)
  return (text:gsub("…", "..."):gsub("[^\n]*[\128-\255][^\n]*", function(line)
    return (core.terminal.fit(line, nil, true))
  end))
end

-- Shows as escapes whatever a terminal would obey: names of files and columns may have it.
local function harmless(text)
  if not text:find "[%z\1-\9\11-\31\127-\255]" then return text end
  return (text:gsub("[^\n]+", core.text.visible))
end

function Context:prose(text)
  text = harmless(text)
  if not text:find "[\128-\255]" or require("patchbay.command.terminal").has_utf8() then return text end
  return in_ascii(text)
end

-- Nobody can be told that nobody can be told.
function Context:err(text) core.system.write(self.streams.err, self:prose(text)) end

function Context:flush()
  local _, ok, why, code = core.system.saving(self.streams.out.flush, self.streams.out)
  check_written(ok, why, code)
end

function Context:target(text) return require("patchbay.command.target").find(self.made.accounts, text) end

function Context:ask(question)
  return require("patchbay.command.terminal").ask(self.made, question, self.arguments.yes)
end

function Context:interrupted() -- luacheck: no self
  local signal = core.process.terminated()
  return signal ~= 0 and 128 + signal or failure.INTERRUPTED
end

function Context:on_request(f)
  self.made.accounts.before_request = function()
    local ok, raised = pcall(f)
    if ok then return true end
    -- The client asks whether to send, and hides errors of its hooks.
    self.made.lost_output = raised
    return false, tostring(raised)
  end
end

-- Lua's own message, and the library's, for a signal.
local INTERRUPTED = "interrupted!$"

function Context:refuse(raised)
  if type(raised) == "string" and not raised:find(INTERRUPTED) then
    failure.usage((raised:gsub("^[^%s:]+%.lua:%d+: ", "")))
  end
  error(raised, 0)
end

--- Sets the members that depend on the command and its options.
function Context:prepare(entry, arguments)
  self.arguments, self.made.entry = arguments, entry
  self.made.terminal = require("patchbay.command.terminal").new()
  self.made.accounts = require("patchbay.command.accounts").new(arguments.accounts)
end

--- A context. `streams`: the open files `out` and `err`; by default the process's. `programs`: the folder of
-- the command's programs, or nil.
function context.new(streams, programs)
  local self = setmetatable({ streams = streams or { out = io.stdout, err = io.stderr } }, Context)
  self.made = bind(self)
  self.made.programs = programs or ""
  self.streams.out:setvbuf "full"
  return self.made
end

--- Whether a raised value is a signal's.
function context.is_interrupt(raised) return type(raised) == "string" and raised:find(INTERRUPTED) ~= nil end

return context
