--- Error values of calls: from faults of the connection, from responses without success, and from successes
-- that cannot be understood. `context` and `call` are those of exchange.perform.

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local redact = require "patchbay.exchange.redact"
local text = require "patchbay.util.text"
local url = require "patchbay.util.url"

local call_error = {}

local shorten, text_of = text.shorten, text.of

-- Bytes of a response that an error keeps: several times the longest message of a vendor, and little enough
-- for the failures of a bulk run, which are all kept. An HTML page may be as long as a response can be.
local LONGEST_BODY = 8192

local UNCERTAIN = "; whether the change was applied is not known"

--- The end of the message of a call whose last attempt was refused, where an earlier one may have been
-- applied.
call_error.EARLIER_UNCERTAIN = "; whether an earlier attempt was applied is not known"

--- Every secret that occurs in this call: a list of strings.
function call_error.secrets(context, call)
  local all = context.auth.secrets()
  for _, secret in ipairs(context.proxy_secrets()) do all[#all + 1] = secret end
  if call.secrets then
    for _, secret in ipairs(call:secrets()) do all[#all + 1] = secret end
  end
  return all
end

-- One line without control characters: a vendor's text cannot move a terminal's cursor.
local function one_line(value)
  return (value:gsub("\194[\128-\159]", " "):gsub("[%z\1-\31\127]+", " "))
end

--- Text of this call, such as its URL, as one line with secrets masked.
function call_error.mask(context, call, value)
  return one_line(redact.text(value, call_error.secrets(context, call)))
end

--- The start of every message: vendor, call, and the record's name.
function call_error.subject(context, call)
  local subject, name = context.name .. " " .. call.label, url.address(call.place, call.key)
  return name and subject .. " " .. call_error.mask(context, call, name) or subject
end

--- The body of a response with secrets masked.
function call_error.mask_body(context, call, body)
  return redact.body(body, context.secret_names, call_error.secrets(context, call))
end

--- The same, as an error value keeps it; nil where there is none.
function call_error.kept_body(context, call, body)
  return body and shorten(call_error.mask_body(context, call, body), LONGEST_BODY)
end

--- An error value of a call, from `fields`. The message gets the subject in front; where the change may have
-- been applied, it says so at the end.
function call_error.new(context, call, fields)
  if fields.outcome == "unknown" and call.writes then fields.message = fields.message .. UNCERTAIN end
  fields.message = call_error.subject(context, call) .. ": " .. fields.message
  return errors.new(fields)
end

--- The error value of a connection's fault, as a host returns it.
function call_error.from_fault(context, call, fault)
  return call_error.new(context, call, {
    kind = fault.kind, message = call_error.mask(context, call, fault.message),
    outcome = fault.sent == "no" and "not_sent" or "unknown",
    status = fault.status,
  })
end

-- Bytes of a vendor's text that a message shows; the error's body has the rest.
local LONGEST_TEXT = 300

local function in_quotes(value)
  return '"' .. one_line(shorten(value, LONGEST_TEXT)) .. '"'
end

-- A vendor's identifier (a string or nil), such as a code: one line of bounded length.
local function identifier(value) return value and shorten(one_line(value), LONGEST_TEXT) end

--- A decoded value of a response, such as a key, as a message shows it: one line with secrets masked.
function call_error.describe_value(context, call, value)
  local written = type(value) == "table" and core.json.encode(value) or text_of(value)
  return shorten(call_error.mask(context, call, written), LONGEST_TEXT)
end

--- A vendor's text as a message quotes it.
function call_error.quote(context, call, value)
  return in_quotes(redact.text(value, call_error.secrets(context, call)))
end

-- The decoded JSON of an error body; else its text, unless that is an HTML page.
local function content(body)
  body = text.without_mark(body)
  local value = core.json.decode(body, true)
  if value ~= nil or body:find "^%s*<" then return value end
  -- "^%s*(.-)%s*$" would take time that grows with the square of the blanks in the text.
  local first = body:find "%S"
  return first and body:match(".*%S", first) or ""
end

local PROXY_HINT = "the proxy did not accept its credentials; check the user name and password in proxy, or "
  .. "in the environment's proxy variables"

local function hint_for(context, call, status, message)
  if status == 407 then return "; " .. PROXY_HINT end
  local hint = (call.hints or context.errors.hints or {})[status]
  if status == 401 and context.auth.hint then hint = context.auth.hint end
  -- The vendor's own message is better, but for refused credentials, where it seldom names a remedy.
  if hint and (not message or status == 401 or status == 403) then return "; " .. hint end
  return ""
end

-- A longer Retry-After, in seconds, counts as this.
local LONGEST_ASKED = 1e9

--- The seconds that a response asks to wait. A proxy may have added a value of its own: the longest counts.
-- `header(name)`: of the response.
function call_error.retry_after(header, now)
  local value, date = header "retry-after", header "date"
  local seconds = core.text.retry_after(value, now, LONGEST_ASKED, date)
  if seconds or not (value and value:find(",", 1, true)) then return seconds end
  for _, form in ipairs { "[^,]+", "%a+, [^,]+" } do
    for one in value:gmatch(form) do
      local asked = core.text.retry_after(one, now, LONGEST_ASKED, date)
      if asked and asked > (seconds or -1) then seconds = asked end
    end
  end
  return seconds
end

--- Whether the error body of a response with `status` is one of the vendor's own, by the member in which they
-- repeat the status. A vendor that documents no error bodies has none.
function call_error.is_own(context, status, body)
  local found = context.errors.status and core.json.find(text.without_mark(body),
    context.errors.status)
  return found ~= nil and tonumber(found:match '^"?(%d+)"?$') == status
end

-- Sets the fields of an error by the error body. Returns the vendor's message, or nil.
local function read_body(context, call, failed, fields)
  local body = call_error.mask_body(context, call, failed.body)
  local parsed = errors.read(content(body), context.errors)
  local id = failed.request_id
  fields.body = shorten(body, LONGEST_BODY)
  fields.field, fields.code = identifier(parsed.field), identifier(parsed.code)
  fields.request_id = identifier(parsed.request_id or id and call_error.mask(context, call, id))
  return parsed.message
end

-- The error value of a response with a status, its own or one that its body gives, that is not 2xx.
local function from_status(context, call, failed)
  local status = failed.status
  local kind = errors.kind_of_status(status)
  local message = kind:gsub("_", " ") .. " (" .. status .. ")"
  if kind == "protocol" then
    message = "unexpected status " .. status
    if status >= 300 then
      message = message .. "; redirects are not followed, so that the credentials do not travel"
    end
  end
  local fields = { kind = kind, outcome = failed.outcome, status = status, retry_after = failed.retry_after }
  local said = read_body(context, call, failed, fields)
  if said then message = message .. ": " .. in_quotes(said) end
  fields.message = message .. hint_for(context, call, status, said)
  return call_error.new(context, call, fields)
end

-- The error value of a 2xx response with a problem.
local function from_problem(context, call, failed)
  local problem = failed.problem
  local fields = { kind = problem.kind, outcome = failed.outcome, status = failed.http }
  local said = read_body(context, call, failed, fields)
  fields.message = problem.message
  if problem.words then
    local words = said and in_quotes(said) or call_error.mask(context, call, problem.words)
    if words ~= "" then fields.message = problem.message .. ": " .. words end
  else
    fields.field, fields.code, fields.request_id = nil, nil, nil
  end
  return call_error.new(context, call, fields)
end

--- The error value of a failed attempt, see exchange.perform.
function call_error.of(context, call, failed)
  if failed.veto then return failed.veto end
  if failed.fault then return call_error.from_fault(context, call, failed.fault) end
  return (failed.status and from_status or from_problem)(context, call, failed)
end

return call_error
