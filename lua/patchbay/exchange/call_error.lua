--- Error values of calls: from faults of the connection, from responses without success, and from successes
-- that cannot be understood. `context` and `call` are those of exchange.perform.

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local redact = require "patchbay.exchange.redact"
local text = require "patchbay.util.text"

local call_error = {}

local shorten, text_of = text.shorten, text.of

local UNCERTAIN = "; whether the change was applied is not known"

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

--- The start of every message: vendor, call and key.
function call_error.subject(context, call)
  local subject = context.name .. " " .. call.label
  if call.key == nil then return subject end
  return subject .. " " .. call_error.mask(context, call, text_of(call.key))
end

--- The body of a response with secrets masked.
function call_error.mask_body(context, call, body)
  return redact.body(body, context.secret_names, call_error.secrets(context, call))
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

-- Bytes of a response that an error keeps: several times the longest message of a vendor, and little enough
-- for the failures of a bulk run, which are all kept. An HTML page may be as long as a response can be.
local LONGEST_BODY = 8192

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
  local value = core.json.decode(body)
  if value ~= nil or body:find "^%s*<" then return value end
  -- "^%s*(.-)%s*$" would take time that grows with the square of the blanks in the text.
  local first = body:find "%S"
  return first and body:match(".*%S", first) or ""
end

local function hint_for(context, call, status, message)
  local hint = (call.hints or context.errors.hints or {})[status]
  if status == 401 and context.auth.hint then hint = context.auth.hint end
  -- The vendor's own message is better, but for refused credentials, where it seldom names a remedy.
  if hint and (not message or status == 401 or status == 403) then return "; " .. hint end
  return ""
end

-- A longer Retry-After, in seconds, counts as this.
local LONGEST_ASKED = 1e9

-- The seconds of a Retry-After. A proxy may have added a value of its own: the longest counts.
local function retry_after(value, now)
  local seconds = core.text.retry_after(value, now, LONGEST_ASKED)
  if seconds or not (value and value:find(",", 1, true)) then return seconds end
  for _, form in ipairs { "[^,]+", "%a+, [^,]+" } do
    for one in value:gmatch(form) do
      local asked = core.text.retry_after(one, now, LONGEST_ASKED)
      if asked and asked > (seconds or -1) then seconds = asked end
    end
  end
  return seconds
end

--- The error value of a response whose status is not 2xx. `header(name)` returns a header's value or nil.
function call_error.from_status(context, call, status, body, header)
  body = call_error.mask_body(context, call, body)
  local id = header "x-request-id"
  local parsed = errors.read(content(body), context.errors)
  local kind = errors.kind_of_status(status)
  local message = kind:gsub("_", " ") .. " (" .. status .. ")"
  if kind == "protocol" then
    message = "unexpected status " .. status
    if status >= 300 then
      message = message .. "; redirects are not followed, so that the credentials do not travel"
    end
  end
  if parsed.message then message = message .. ": " .. in_quotes(parsed.message) end
  return call_error.new(context, call, {
    kind = kind, message = message .. hint_for(context, call, status, parsed.message),
    outcome = errors.outcome_of_status(status), status = status, body = shorten(body, LONGEST_BODY),
    field = identifier(parsed.field), code = identifier(parsed.code),
    request_id = identifier(parsed.request_id or id and call_error.mask(context, call, id)),
    retry_after = retry_after(header "retry-after", context.host:now()),
  })
end

--- The error value of a 2xx response that cannot be understood. `problem` goes on after "the response (200)
-- ".
function call_error.invalid_response(context, call, status, body, problem, kind)
  return call_error.new(context, call, {
    kind = kind or "protocol", message = ("the response (%d) %s"):format(status, problem),
    outcome = "unknown", status = status,
    body = shorten(call_error.mask_body(context, call, body), LONGEST_BODY),
  })
end

--- The error value of a success that answers another call, or reports a failure, as `message` says.
function call_error.wrong_response(context, call, body, attempts, message)
  return call_error.new(context, call, {
    kind = "protocol", message = message, outcome = call.writes and "unknown" or "refused", status = 200,
    attempts = attempts, body = shorten(call_error.mask_body(context, call, body), LONGEST_BODY),
  })
end

return call_error
