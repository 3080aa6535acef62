--- The terminal of the command, if there is one.

local core = require "patchbay.core"
local failure = require "patchbay.command.failure"

local terminal = {}

-- Of standard input, output and error.
local INPUT, OUT, ERR = 0, 1, 2

-- Its number, everywhere (POSIX, kill).
local SIGTERM = 15

-- Columns where nothing says how many there are.
local DEFAULT_WIDTH = 80

local function is_set(name)
  local value = os.getenv(name)
  return value ~= nil and value ~= ""
end

--- Whether the locale of the environment has UTF-8. The first variable that is set counts (POSIX, 8.2).
function terminal.has_utf8()
  for _, name in ipairs { "LC_ALL", "LC_CTYPE", "LANG" } do
    if is_set(name) then
      return os.getenv(name):lower():find "utf%-?8" ~= nil
    end
  end
  return false
end

--- The terminal: whether `out`, `err` and `input` are one, its `width` in columns, whether `colour` is wanted
-- there (https://no-color.org), and whether it has `ascii` characters only.
function terminal.new()
  local system = core.system
  local made = { out = system.isatty(OUT), err = system.isatty(ERR), input = system.isatty(INPUT) }
  local columns = os.getenv "COLUMNS"
  made.width = made.out and system.columns(OUT) or columns and columns:find "^%d+$" and tonumber(columns)
    or DEFAULT_WIDTH
  made.colour = made.out and not is_set "NO_COLOR" and os.getenv "TERM" ~= "dumb"
  made.ascii = not terminal.has_utf8()
  return made
end

--- A person's answer to a question, true or false; `yes`: that of --yes. Without it and without a terminal
-- nothing may happen, and this raises.
function terminal.ask(context, question, yes)
  if yes then return true end
  local own = context.terminal
  if not (own.input and (own.err or own.out)) then
    failure.fail "there is no terminal to ask on, so nothing was changed; --yes answers the question"
  end
  context.flush()
  local answer, why = core.terminal.ask(context.prose(question .. " [y/N] "))
  if type(why) == "number" then
    context.err "\n"
    failure.raise(why == SIGTERM and failure.TERMINATED or context.interrupted(),
      "interrupted; nothing was changed")
  elseif why then
    failure.fail("the answer cannot be read: " .. why)
  end
  return answer ~= nil and answer:lower():find "^%s*y" ~= nil
end

return terminal
