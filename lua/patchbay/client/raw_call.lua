--- client:call(method, path, body, options): any call to the vendor, with the authentication, retries and
-- errors of all others.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local call_options = require "patchbay.exchange.call_options"
local changes_log = require "patchbay.exchange.changes_log"
local call_error = require "patchbay.exchange.call_error"
local request_body = require "patchbay.record.request_body"
local response_check = require "patchbay.record.response_check"
local redact = require "patchbay.exchange.redact"
local url = require "patchbay.util.url"

local raw_call = {}

-- Whole numbers obey the rule of fields: one that may stand for several is none.
local whole = core.schema.compile { type = "integer" }

-- The rule of a query: names with values that can stand in a URL.
local function query_problem(query)
  if type(query) ~= "table" then return "expected a table, got " .. check.got(query) end
  return check.first(query, function(name, value)
    local kind = type(value)
    if type(name) ~= "string" then
      return "parameters have names; got a " .. type(name) .. " as one"
    elseif kind ~= "string" and kind ~= "boolean" then
      local ok, problem = core.schema.check(whole, value, "")
      if ok then return nil end
      local number = kind == "number" or getmetatable(value) == "patchbay.number"
      if number and not problem:find "^expected an integer" then return ("%s: %s"):format(name, problem) end
      return ("%s: expected text, a whole number or a boolean, got %s"):format(name, check.got(value))
    end
  end)
end

---@class patchbay.AnyCallOptions
--- How the body is sent.
--- Default: as the vendor's bodies are.
---@field body? "json"|"form"
--- Name → text, whole number or boolean.
--- Default: none.
---@field query? table<string, string|integer|boolean> table
--- Whether the call may safely be made twice.
--- Default: GET, HEAD, OPTIONS, PUT and DELETE.
---@field repeatable? boolean
--- For this call instead of the client's.
--- Default: the client's.
---@field timeout? number seconds
---@field retries? integer
---@field deadline? number
--- The caller's trace: [below](#seeing-it-work).
--- Default: none.
---@field traceparent? string

local rules = {
  query = query_problem, timeout = call_options.rules.timeout, retries = call_options.rules.retries,
  deadline = call_options.rules.deadline, repeatable = check.boolean,
  body = check.one_of { "json", "form" },
  traceparent = call_options.rules.traceparent,
}

local function shown(value)
  if type(value) ~= "string" then return check.got(value) end
  return '"' .. value:gsub("[%z\1-\31\127]", "?") .. '"'
end

-- The problem of the arguments, or nil.
local function problem_of(method, path, given)
  if type(method) ~= "string" or not method:find "^[A-Z]+$" then
    return "expected a method such as \"GET\", got " .. shown(method)
  elseif type(path) ~= "string" or not path:find "^/" or path:find "[%z\1-\32\127]" then
    return "expected a path such as \"/v1.0/numbers\", got " .. shown(path)
  end
  if given ~= nil then return check.options(given, rules, "option ") end
end

-- The JSON object `text` as a form; raises at `level` where it cannot be one.
local function form_of(api, text, level)
  if not text:find "^{" then
    error(api.name .. " call: body: a form has members with names; give a table such as { Name = \"x\" }",
      level + 1)
  end
  local form, field, problem = core.form.encode(text)
  if not form then error(("%s call: body: %s: %s"):format(api.name, field, problem), level + 1) end
  return form
end

-- The members that the record of changes has for a call. Its effect is not known.
local function change_of(context, call, path)
  return { action = "call", method = call.method,
    path = call_error.mask(context, call, (path:gsub("[?#].*$", ""))) }
end

-- Records the outcome of the call.
local function record(context, change, response, err)
  change.outcome = response and "ok" or err.outcome
  if response or err.outcome == "unknown" then
    change.request_id = err and err.request_id
    changes_log.write(context, change)
  else
    changes_log.ended(context, change)
  end
end

-- The error value of a call that is not sent, as it could not be recorded; or nil.
local function unrecordable(context, call)
  if not context.changes_log_required then return nil end
  local ok, problem = changes_log.check(context)
  if ok then return nil end
  return call_error.new(context, call, { kind = "invalid", outcome = "not_sent",
    message = ("not sent: changes_log cannot be written (%s), and the client has changes_log_required")
      :format(problem) })
end

local reads = { GET = true, HEAD = true, OPTIONS = true }
local repeatable = { GET = true, HEAD = true, OPTIONS = true, PUT = true, DELETE = true }

--- The function `call` of a client. `is_client(value)`: whether the value that it is called on is that
-- client.
function raw_call.new(api, context, is_client)
  --- Makes any other call to the vendor, with the same authentication, retries and errors. `body` is a value
  --- that is sent as JSON or as a form, or nil. With `dry_run` only GET, HEAD and OPTIONS are sent.
  --- Returns the decoded response, or `true` if it is empty; or `nil, err`.
  ---@param method string
  ---@param path string
  ---@param body? any
  ---@param options? patchbay.AnyCallOptions
  ---@return any answer The decoded response, or true if it is empty; nil if the call failed
  ---@return patchbay.Error
  local function client_call(called_on, method, path, body, options)
    if not is_client(called_on) then
      error(api.name .. ": call it as client:call(method, path, body)", 2)
    end
    local problem = problem_of(method, path, options)
    if problem then error(("%s call: %s"):format(api.name, problem), 2) end
    options = options or {}
    local text
    if body ~= nil then
      local ok, encoded = pcall(core.json.encode, body)
      if not ok then error(("%s call: body: %s"):format(api.name, encoded), 2) end
      text = encoded
    end
    local is_form, sent = text and (options.body or api.body) == "form", text
    if is_form then sent = form_of(api, text, 2) end
    local repeats = options.repeatable
    if repeats == nil then repeats = repeatable[method] or false end
    local query = options.query or {}
    local call = {
      method = method, url = context.base_url .. path .. url.query(query),
      body = sent, label = "call", key = method .. " " .. path, repeatable = repeats,
      writes = not reads[method], accept = response_check.any,
    }
    if is_form then call.own_headers = { ["Content-Type"] = request_body.FORM } end
    call_options.apply(call, options)
    -- Known by their names: other secrets in it cannot be known.
    function call.secrets()
      local list = redact.named(query, context.secret_names, {})
      return redact.named(text and core.json.decode(text), context.secret_names, list)
    end
    if is_form then
      function call.masked_body()
        local masked = redact.body(text, context.secret_names, call_error.secrets(context, call))
        local ok, form = pcall(core.form.encode, masked)
        return ok and form or redact.mask
      end
    end
    if context.dry_run and call.writes then
      local allowed, veto = context.announce(call)
      if not allowed then return nil, veto end
      return true
    end
    local records = call.writes and context.changes_log ~= nil
    local unsent = records and unrecordable(context, call)
    if unsent then return nil, unsent end
    local change
    if records then
      change = change_of(context, call, path)
      changes_log.begin(context, change)
    end
    local response, err = context.perform(call)
    if change then record(context, change, response, not response and err or nil) end
    if not response then return nil, err end
    if response.value == nil then return true end
    return response.value
  end

  return client_call
end

return raw_call
