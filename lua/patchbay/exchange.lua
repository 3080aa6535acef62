--- One call to a vendor, from the payload to the judged answer: authenticate, keep the pace, send,
-- judge, and try again where that is right. Knows no vendor and no host.

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local metrics = require "patchbay.metrics"
local redact = require "patchbay.redact"
local resource = require "patchbay.resource"
local retry = require "patchbay.retry"

local exchange = {}

-- The first words of every message: vendor, call and key.
local function subject(client, call)
  local text = client.name .. " " .. call.label
  if call.key then text = text .. " " .. resource.key_text(call.key) end
  return text
end

-- `all`: every secret that this call has seen.
local function secrets_of(client, call)
  local all = client.auth.secrets()
  if call.secrets then
    for _, secret in ipairs(call.secrets()) do all[#all + 1] = secret end
  end
  return all
end

local function fail(client, call, fields)
  fields.message = subject(client, call) .. ": " .. fields.message
  return errors.new(fields)
end

local outcome_words = {
  unknown = "whether the change was applied is not known",
}

-- A fault of the connection as an error value.
local function fault_error(client, call, fault)
  local outcome = fault.sent == "no" and "not_sent" or "unknown"
  local message = fault.message
  if outcome == "unknown" and call.writes then message = message .. "; " .. outcome_words.unknown end
  return fail(client, call, {
    kind = fault.kind, message = message, outcome = outcome, status = fault.status,
  })
end

-- So much of a vendor's text is shown; the rest is in the error's body.
local LONGEST_TEXT = 300

local function quoted(text)
  if #text > LONGEST_TEXT then
    -- Without the last character where it is cut in two.
    text = text:sub(1, LONGEST_TEXT):gsub("[\192-\255][\128-\191]*$", "") .. "…"
  end
  return '"' .. text:gsub("[%c]+", " ") .. '"'
end

-- What an error body holds, to look for the vendor's words in: a JSON value, else text that is no page
-- for a browser.
local function content(body)
  local value = core.json.decode(body)
  if value ~= nil or body:find "^%s*<" then return value end
  return body:match "^%s*(.-)%s*$"
end

-- An answer with a status that is no success, as an error value.
local function status_error(client, call, response)
  local status, secrets = response.status, secrets_of(client, call)
  local body = redact.body(response.body or "", client.secret_names, secrets)
  local said = errors.read(content(body), client.errors)
  local kind = errors.kind_of_status(status)
  local outcome = errors.outcome_of_status(status)
  local message = kind:gsub("_", " ") .. " (" .. status .. ")"
  if kind == "protocol" then
    message = "unexpected status " .. status
    if status >= 300 then
      message = message .. "; redirects are not followed, so that the credentials do not travel"
    end
  end
  if said.message then message = message .. ": " .. quoted(said.message) end
  local hint = (call.hints or client.errors.hints or {})[status]
  if status == 401 and client.auth.hint then hint = client.auth.hint end
  -- The vendor's own words come first; for refused credentials they seldom say what to do.
  if hint and (not said.message or status == 401 or status == 403) then message = message .. "; " .. hint end
  if outcome == "unknown" and call.writes then message = message .. "; " .. outcome_words.unknown end
  return fail(client, call, {
    kind = kind, message = message, outcome = outcome, status = status, body = body,
    field = said.field, code = said.code,
    request_id = said.request_id or response.headers["x-request-id"],
    retry_after = core.text.retry_after(response.headers["retry-after"], client.host:now(), 1e9),
  })
end

-- A success whose body makes no sense.
local function answer_error(client, call, response, why)
  local message = ("the answer (%d) %s"):format(response.status, why)
  if call.writes then message = message .. "; " .. outcome_words.unknown end
  return fail(client, call, {
    kind = "protocol", message = message, outcome = "unknown", status = response.status,
    body = redact.body(response.body or "", client.secret_names, secrets_of(client, call)),
  })
end

-- The envelope of a success, whose own code may say otherwise. Returns the text, and a receipt for the
-- script: what the envelope says beside the data.
local function open_envelope(client, call, response, body)
  local answer, envelope = core.json.decode(body), client.envelope
  if type(answer) ~= "table" then return body end
  local code = tonumber(answer[envelope.code])
  if code and code >= 400 and code <= 599 then
    return nil, status_error(client, call, { status = code, body = body, headers = response.headers })
  end
  local data = answer[envelope.data]
  return body, {
    status = response.status,
    request_id = answer[envelope.request_id],
    timestamp = answer[envelope.timestamp],
    message = type(data) == "table" and data[envelope.message] or answer[envelope.message],
  }
end

-- The checked text of a success, "" for 204, and a receipt where the vendor gives one; or nil and an
-- error value.
local function judge(client, call, response)
  local status = response.status
  if status < 200 or status > 299 then return nil, status_error(client, call, response) end
  local body = response.body
  if status == 204 or call.any_answer and body == "" then return "" end
  if body == "" then return nil, answer_error(client, call, response, "is empty") end
  local good, why = core.json.check(body)
  if not good then
    return nil, answer_error(client, call, response, "is not JSON: " .. why.message)
  end
  if not call.any_answer and not body:find "^%s*{" then
    return nil, answer_error(client, call, response, "is not a JSON object")
  end
  if client.envelope then return open_envelope(client, call, response, body) end
  return body
end

-- What the hooks and the log get: never a secret.
local function shown_headers(client, headers)
  local shown = {}
  for name, value in pairs(headers) do shown[name] = value end
  for name, prefix in pairs(client.secret_headers) do
    if shown[name] then shown[name] = prefix .. redact.mask end
  end
  return shown
end

--- What a call looks like to a person: `{ method, url, headers, body }`, secrets masked.
function exchange.show(client, call, headers)
  return {
    method = call.method, url = call.url, headers = shown_headers(client, headers),
    body = call.shown_body and call.shown_body() or call.body
      and redact.body(call.body, client.secret_names, secrets_of(client, call)),
  }
end

local function announce(client, call, headers, attempt)
  local request = exchange.show(client, call, headers)
  request.attempt = attempt
  if client.on_request then client.on_request(request) end
  return request
end

local function report(client, call, request, response, fault, seconds)
  if client.on_response then
    client.on_response({
      status = response and response.status, headers = response and response.headers,
      body = response and redact.body(response.body, client.secret_names, secrets_of(client, call)),
      error = fault and fault.message, seconds = seconds, request = request,
    })
  end
  if client.log then
    client.log(("%s: %s %s -> %s (%.0f ms%s)"):format(subject(client, call), call.method, call.url,
      response and response.status or fault.kind .. ": " .. fault.message, seconds * 1000,
      request.attempt > 1 and ", try " .. request.attempt or ""))
  end
end

-- Sends once. Returns the text of a success and its receipt; or nil, an error value, and whether it is
-- worth another try.
local function try(client, call, headers, attempt, timeout)
  local watched = client.on_request or client.on_response or client.log
  local request = watched and announce(client, call, headers, attempt)
  local begun = watched and client.host:clock()
  local response, fault = client.host:send {
    method = call.method, url = call.url, headers = headers, body = call.body,
    timeout = timeout,
  }
  if watched then report(client, call, request, response, fault, client.host:clock() - begun) end
  if not response then
    local err = fault_error(client, call, fault)
    return nil, err, retry.allowed(call, err, fault)
  end
  local text, told = judge(client, call, response)
  if text then return text, told end
  return nil, told, retry.allowed(call, told)
end

-- The error of the last try as that of the whole call: what an earlier try may have done stays possible.
local function conclude(call, err, uncertain)
  if uncertain and call.writes and err.outcome ~= "unknown" then
    err.outcome = "unknown"
    err.message = err.message .. "; whether an earlier try was applied is not known"
  end
  return nil, err
end

--- Performs a call. `call`:
--   method, url   as they go out
--   body          JSON text or nil
--   label, key    for messages: "voice_routes.update", "CRID-…"
--   repeatable    whether doing it twice does no harm
--   writes        whether it changes anything
--   headers       instead of the client's own authentication (the login call)
--   any_answer    any JSON value will do as an answer, and an empty body too
--   shown_body, secrets   functions: the body without secrets; the secrets in it
--   timeout, retries, deadline   instead of the client's
-- Returns the answer's checked JSON text ("" for 204) and what the vendor's envelope says beside the
-- data, if it has one (`request_id`, `message`, `timestamp`, `status`); or nil and an error value.
function exchange.perform(client, call)
  local host, pace = client.host, client.pace
  local retries, timeout = call.retries or client.retries, call.timeout or client.timeout
  local deadline = call.deadline or client.deadline
  local till = deadline and host:clock() + deadline
  local attempts, tries, renewed, uncertain = 0, 0, false, false
  while true do
    local headers = call.headers
    if not headers then
      local refused
      headers, refused = client.auth.headers(call.url)
      if not headers then
        refused.outcome = "not_sent" -- whatever became of the login
        return conclude(call, refused, uncertain)
      end
    end
    pace:wait()
    if till then timeout = math.min(timeout, math.max(till - host:clock(), 0.001)) end
    attempts, tries = attempts + 1, tries + 1
    local text, err, repeatable = try(client, call, headers, attempts, timeout)
    if text then
      client.budget:refill()
      pace:speed_up()
      return text, err
    end
    err.attempts = attempts
    local may_renew = not renewed and not call.headers and err.status
    if may_renew and client.auth.renew(call.url, err.status, headers) then
      renewed = true
      tries = tries - 1 -- a new token is no retry of a failing vendor
    else
      local delay = retry.delay(err, tries)
      -- All that uses this client has been asked to wait, not this call alone.
      if err.status == 429 and delay then pace:slow_down(delay) end
      local again = repeatable and tries <= retries and delay
        and not (till and host:clock() + delay >= till)
      if again and not client.budget:take() then
        err.message = err.message .. "; not tried again: too much has been failing lately"
        again = false
      end
      if not again then return conclude(call, err, uncertain) end
      uncertain = uncertain or err.outcome == "unknown"
      metrics.retries = metrics.retries + 1
      if err.status ~= 429 then host:sleep(delay) end
    end
  end
end

return exchange
