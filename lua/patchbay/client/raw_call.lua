--- client:call(method, path, body, options): any call of a vendor, with the same authentication, retries and
-- errors as all others.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local checks = require("patchbay.exchange.call_options").checks
local redact = require "patchbay.exchange.redact"
local url = require "patchbay.util.url"

local raw_call = {}

local types = {
  query = "table", timeout = "number", retries = "number", deadline = "number", repeatable = "boolean",
}

local function shown(value)
  if type(value) ~= "string" then return "a " .. type(value) end
  return '"' .. value:gsub("%c", "?") .. '"'
end

local function problem_of_option(name, value)
  local expected = types[name]
  if not expected then
    return ("option %s: no such option; known are deadline, query, repeatable, retries, timeout"):format(
      tostring(name))
  elseif expected ~= type(value) then
    return ("option %s: expected a %s"):format(name, expected)
  end
  local why = expected == "number" and checks[name](value)
  return why and ("option %s: %s"):format(name, why)
end

local function problem_of_parameter(name, value)
  local kind = type(value)
  if type(name) ~= "string" then
    return "option query: parameters have names; got a " .. type(name) .. " as one"
  elseif kind ~= "string" and kind ~= "boolean" and not (kind == "number" and value % 1 == 0) then
    return ("option query: %s: expected text, a whole number or a boolean, got %s"):format(name,
      kind == "number" and tostring(value) or "a " .. kind)
  end
end

-- What is wrong with the options, or nil.
local function problem_of_options(given)
  if type(given) ~= "table" then return "expected a table of options, got a " .. type(given) end
  return check.first(given, problem_of_option)
    or check.first(given.query or {}, problem_of_parameter)
end

local function problem(method, path, given)
  if type(method) ~= "string" or not method:find "^%u+$" then
    return "expected a method such as \"GET\", got " .. shown(method)
  elseif type(path) ~= "string" or not path:find "^/" or path:find "[%c%s]" then
    return "expected a path such as \"/v1.0/numbers\", got " .. shown(path)
  end
  return given ~= nil and problem_of_options(given) or nil
end

local harmless = { GET = true, HEAD = true, OPTIONS = true }
local repeatable = { GET = true, HEAD = true, OPTIONS = true, PUT = true, DELETE = true }

--- The function `call` of the client whose context is `context`. `is_client(value)`: whether the value it is
-- called on is that client.
function raw_call.new(api, context, is_client)
  --- `method` and `path` ("/…", as they go out), `body` (a value, sent as JSON, or nil). `given`: `query`
  -- (table), `timeout`, `deadline` (seconds), `retries`, `repeatable` (whether doing it twice does no harm;
  -- by default only GET, HEAD, OPTIONS, PUT and DELETE). Returns the decoded answer (true where there is
  -- none, and under dry_run, which sends GET, HEAD and OPTIONS alone), or nil and an error value.
  return function(called_on, method, path, body, given)
    if not is_client(called_on) then
      error(api.name .. ": call it as client:call(method, path, body)", 2)
    end
    local why = problem(method, path, given)
    if why then error(("%s call: %s"):format(api.name, why), 2) end
    given = given or {}
    local text
    if body ~= nil then
      local good, encoded = pcall(core.json.encode, body)
      if not good then error(("%s call: body: %s"):format(api.name, encoded), 2) end
      text = encoded
    end
    local repeats = given.repeatable
    if repeats == nil then repeats = repeatable[method] or false end
    local query = given.query or {}
    local call = {
      method = method, url = context.base_url .. path .. url.query(query),
      body = text, label = "call", key = method .. " " .. path, repeatable = repeats,
      writes = not harmless[method], accepts_any = true,
      timeout = given.timeout, retries = given.retries, deadline = given.deadline,
    }
    -- By their names, for what else is secret in it nobody can know.
    function call.secrets()
      local list = redact.named(query, context.secret_names, {})
      return redact.named(text and core.json.decode(text), context.secret_names, list)
    end
    if context.dry_run and call.writes then
      context.announce(call)
      return true
    end
    local answer, err = context.perform(call)
    if not answer then return nil, err end
    if answer == "" then return true end
    return (core.json.decode(answer))
  end
end

return raw_call
