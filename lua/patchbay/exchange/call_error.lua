--- What went wrong with a call, as error values: from faults of the connection, from answers that are no
-- success, from successes that make no sense. `client` is what client.lua knows of a client, `call` as
-- exchange.perform has it.

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local redact = require "patchbay.exchange.redact"
local text_of = require("patchbay.util.text").of
local shorten = require("patchbay.util.text").shorten

local failures = {}

local NOT_KNOWN = "; whether the change was applied is not known"

--- Every secret that this call has seen: a list of strings.
function failures.secrets(client, call)
  local all = client.auth.secrets()
  for _, secret in ipairs(client.proxy_secrets()) do all[#all + 1] = secret end
  if call.secrets then
    for _, secret in ipairs(call:secrets()) do all[#all + 1] = secret end
  end
  return all
end

-- One line that cannot move a terminal's cursor, whatever a vendor has put into it.
local function one_line(text)
  return (text:gsub("\194[\128-\159]", " "):gsub("%c+", " "))
end

--- Text of this call, such as an address, as one line without secrets.
function failures.masked(client, call, text)
  return one_line(redact.text(text, failures.secrets(client, call)))
end

--- The first words of every message: vendor, call and key.
function failures.subject(client, call)
  local text = client.name .. " " .. call.label
  if call.key == nil then return text end
  return text .. " " .. failures.masked(client, call, text_of(call.key))
end

--- The body of an answer without secrets.
function failures.shown(client, call, body)
  return redact.body(body, client.secret_names, failures.secrets(client, call))
end

--- An error value of a call: `fields` with what comes before the message, and behind it where it has to
-- be said that the change may have been applied.
function failures.new(client, call, fields)
  if fields.outcome == "unknown" and call.writes then fields.message = fields.message .. NOT_KNOWN end
  fields.message = failures.subject(client, call) .. ": " .. fields.message
  return errors.new(fields)
end

--- A fault of the connection, as a host gives it.
function failures.fault(client, call, fault)
  return failures.new(client, call, {
    kind = fault.kind, message = failures.masked(client, call, fault.message),
    outcome = fault.sent == "no" and "not_sent" or "unknown",
    status = fault.status,
  })
end

-- So much of a vendor's text is shown; the rest is in the error's body.
local LONGEST_TEXT = 300

-- So many bytes of an answer an error keeps: several times what a vendor has to say, and little enough for
-- the failures of a bulk run, which are all kept. A page for a browser may be as long as an answer can be.
local LONGEST_BODY = 8192

local function quoted(text)
  return '"' .. one_line(shorten(text, LONGEST_TEXT)) .. '"'
end

-- A vendor's name of something (a string or nil), as short as such names are and on one line.
local function word(text) return text and shorten(one_line(text), LONGEST_TEXT) end

--- A decoded value out of an answer, such as a key, as it stands in a message: one line without secrets.
function failures.told(client, call, value)
  local text = type(value) == "table" and core.json.encode(value) or text_of(value)
  return shorten(failures.masked(client, call, text), LONGEST_TEXT)
end

--- A vendor's words as they stand in a message.
function failures.quoted(client, call, text)
  return quoted(redact.text(text, failures.secrets(client, call)))
end

-- What an error body holds, to look for the vendor's words in: a JSON value, else text that is no page
-- for a browser.
local function content(body)
  local value = core.json.decode(body)
  if value ~= nil or body:find "^%s*<" then return value end
  -- Not "^%s*(.-)%s*$", which takes a time that grows with the square of the blanks within the text.
  local first = body:find "%S"
  return first and body:match(".*%S", first) or ""
end

local function hint_for(client, call, status, said)
  local hint = (call.hints or client.errors.hints or {})[status]
  if status == 401 and client.auth.hint then hint = client.auth.hint end
  -- The vendor's own words come first; for refused credentials they seldom say what to do.
  if hint and (not said or status == 401 or status == 403) then return "; " .. hint end
  return ""
end

-- No pause that is asked for counts as longer, in seconds.
local LONGEST_ASKED = 1e9

-- The seconds that a Retry-After asks for; of several, which a proxy may have added to, the most.
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

--- An answer with a status that is no success. `header(name)` gives a header's value or nil.
function failures.status(client, call, status, body, header)
  body = failures.shown(client, call, body)
  local id = header "x-request-id"
  local said = errors.read(content(body), client.errors)
  local kind = errors.kind_of_status(status)
  local message = kind:gsub("_", " ") .. " (" .. status .. ")"
  if kind == "protocol" then
    message = "unexpected status " .. status
    if status >= 300 then
      message = message .. "; redirects are not followed, so that the credentials do not travel"
    end
  end
  if said.message then message = message .. ": " .. quoted(said.message) end
  return failures.new(client, call, {
    kind = kind, message = message .. hint_for(client, call, status, said.message),
    outcome = errors.outcome_of_status(status), status = status, body = shorten(body, LONGEST_BODY),
    field = word(said.field), code = word(said.code),
    request_id = word(said.request_id or id and failures.masked(client, call, id)),
    retry_after = retry_after(header "retry-after", client.host:now()),
  })
end

--- A success whose body makes no sense: `why` goes on after "the answer (200) ".
function failures.answer(client, call, status, body, why)
  return failures.new(client, call, {
    kind = "protocol", message = ("the answer (%d) %s"):format(status, why), outcome = "unknown",
    status = status, body = shorten(failures.shown(client, call, body), LONGEST_BODY),
  })
end

--- A success whose body is good by itself and no answer to the call, as `message` says.
function failures.unfit(client, call, body, attempts, message)
  return failures.new(client, call, {
    kind = "protocol", message = message, outcome = call.writes and "unknown" or "refused", status = 200,
    attempts = attempts, body = shorten(failures.shown(client, call, body), LONGEST_BODY),
  })
end

return failures
