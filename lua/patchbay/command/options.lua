--- Values of options that are numbers, and paths of files beside others.

local core = require "patchbay.core"

local text = require "patchbay.util.text"

local options = {}

--- The whole number of an option, or nil where it is not given. `least`: the smallest one (0).
function options.whole(context, arguments, name, least)
  local given = arguments[name:gsub("-", "_")]
  if given == nil then return nil end
  local number = given:find "^%d+$" and tonumber(given)
  if not number or number < (least or 0) or number > 2 ^ 31 then
    context.usage(("--%s: expected a whole number%s, got %q"):format(name,
      least and least > 0 and (" of at least %d"):format(least) or "", given))
  end
  return number
end

--- The number of an option, from `least` to `most`, or nil where it is not given.
function options.number(context, arguments, name, least, most)
  local given = arguments[name:gsub("-", "_")]
  if given == nil then return nil end
  local number = given:find "^%d*%.?%d+$" and core.json.decode("[" .. given:gsub("^%.", "0.") .. "]")
  number = number and number[1] or given:find "^%d+$" and tonumber(given)
  if not number or number < least or most and number > most then
    context.usage(("--%s: expected a number %s, got %q"):format(name, most and ("from %g to %g"):format(least,
      most) or ("of at least %g"):format(least), given))
  end
  return number
end

--- Whether progress is to be shown: on a terminal, unless the command line says that it is not.
function options.progress(context, arguments)
  return context.terminal.err and not arguments.no_progress
end

--- Sets the rate of all clients that are made from here on.
function options.set_rate(context, arguments)
  if arguments.rate == nil then return end
  local number = text.to_number(arguments.rate)
  local rate, problem = require("patchbay.exchange.rate").parse(number or arguments.rate)
  if not rate then context.usage("--rate: " .. problem) end
  context.accounts:override { rate = number or arguments.rate }
end

--- Raises, before anything is sent, where a question will have to be asked and there is no terminal.
function options.check_question(context, arguments)
  local terminal = context.terminal
  if arguments.yes or terminal.input and (terminal.err or terminal.out) then return end
  context.fail "there is no terminal to ask on, and nothing was sent; --yes answers the question"
end

return options
