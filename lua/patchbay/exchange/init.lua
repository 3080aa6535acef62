--- One call to a vendor, from the payload to the judged response: authenticates, keeps the pace, sends,
-- judges the response, and retries where that is safe. Knows no vendor and no host.

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local call_error = require "patchbay.exchange.call_error"
local longest_pause = require("patchbay.exchange.pace").longest_pause
local metrics = require "patchbay.exchange.metrics"
local retry = require "patchbay.exchange.retry"
local hooks = require "patchbay.exchange.hooks"
local text_of = require("patchbay.util.text").of

local exchange = {}

local check = core.json.check

local NO_DEADLINE = math.huge

-- Seconds for which a Retry-After at most blocks a client that does not wait that long: a malformed header
-- must not stop the calls of a process that runs for years.
local LONGEST_BLOCK = 24 * 3600

-- A function that reads one header of a response. `headers`: a table by name in lower case, or a transfer.
local function header_reader(headers)
  return function(name)
    if type(headers) == "userdata" then return headers:header(name) end
    return headers[name]
  end
end

-- Opens the envelope of a 2xx response, whose own code may report a failure. Returns the body, and the
-- receipt: the envelope's members beside the data.
local function open_envelope(context, call, status, body, headers)
  local response, envelope = core.json.decode(body), context.envelope
  if type(response) ~= "table" then return body end
  local code = tonumber(response[envelope.code])
  if code and code >= 400 and code <= 599 and code % 1 == 0 then
    return nil, call_error.from_status(context, call, math.floor(code), body, header_reader(headers))
  elseif code and not (code >= 200 and code <= 299) then
    return nil, call_error.invalid_response(context, call, status, body,
      ("has the code %s, which is not one of success"):format(text_of(code)))
  end
  local data = response[envelope.data]
  return body, {
    status = status,
    request_id = response[envelope.request_id],
    timestamp = response[envelope.timestamp],
    message = type(data) == "table" and data[envelope.message] or response[envelope.message],
  }
end

-- Judges a response. Returns the checked JSON text of a success ("" for 204) and, where the vendor has an
-- envelope, a receipt; or nil and an error value.
local function judge(context, call, status, body, headers)
  if status < 200 or status > 299 then
    return nil, call_error.from_status(context, call, status, body, header_reader(headers))
  end
  if status == 204 or body == "" and call.accepts_any then return "" end
  if body == "" then return nil, call_error.invalid_response(context, call, status, body, "is empty") end
  local ok, object = check(body)
  if not ok then
    local problem = object.kind == "too_large" and "is too large: " or "is not JSON: "
    return nil, call_error.invalid_response(context, call, status, body, problem .. object.message,
      object.kind)
  end
  if not object and not call.accepts_any then
    return nil, call_error.invalid_response(context, call, status, body, "is not a JSON object")
  end
  if context.envelope then return open_envelope(context, call, status, body, headers) end
  return body
end

-- Sends once and tells the log and the hooks. Returns what the host's send() returns.
local function send_with_hooks(context, call, headers, attempt, timeout)
  local request, started = hooks.before_request(context, call, headers, attempt)
  local status, body, response_headers = context.host:send(call.method, call.url, headers, call.body, timeout,
    call.repeatable)
  hooks.after_response(context, call, request, started, status, body, response_headers, not status and body)
  return status, body, response_headers
end

-- Makes one attempt. Returns the body of a success and its receipt; or nil, an error value, and whether the
-- call may be retried.
local function attempt_once(context, call, headers, attempt, timeout)
  local status, body, response_headers
  if context.has_hooks then
    status, body, response_headers = send_with_hooks(context, call, headers, attempt, timeout)
  else
    status, body, response_headers = context.host:send(call.method, call.url, headers, call.body, timeout,
      call.repeatable)
  end
  if not status then
    local err = call_error.from_fault(context, call, body)
    return nil, err, retry.allowed(call, err, body)
  end
  local text, receipt_or_err = judge(context, call, status, body, response_headers)
  if text then return text, receipt_or_err end
  return nil, receipt_or_err, retry.allowed(call, receipt_or_err)
end

-- Reports the last attempt's error for the call. If an earlier attempt may have been applied (`uncertain`),
-- the outcome stays "unknown".
local function conclude(call, err, uncertain)
  if uncertain and call.writes and err.outcome ~= "unknown" then
    err.outcome = "unknown"
    err.message = err.message .. "; whether an earlier attempt was applied is not known"
  end
  return nil, err
end

-- The error of a call that gets no send slot. `reason` and `seconds`: as pace:wait() returns them.
local function no_slot(context, call, reason, seconds, attempts)
  local err = { kind = "timeout", outcome = "not_sent", attempts = attempts,
    message = "not sent: by the client's rate its turn comes after the deadline; allow for a longer "
      .. "deadline, or have fewer calls in flight" }
  if reason == "pause" then
    seconds = math.ceil(seconds)
    err.kind, err.retry_after = "rate_limited", seconds
    err.message = ("not sent: rate limited by the vendor; retry in %d s"):format(seconds)
  end
  return call_error.new(context, call, err)
end

-- Kinds that would be mistaken for the record's own: a script might create a record that "is not found".
local record_kinds = { not_found = true, conflict = true, rejected = true, unsupported = true }

-- The error of a call whose login failed. Several calls may have waited for one login: each gets a copy.
local function login_failed(err)
  err = errors.copy(err)
  err.outcome = "not_sent" -- the call itself, whatever happened to the login
  if record_kinds[err.kind] then err.kind = "unauthorized" end
  return err
end

-- Waits until the call has both a valid token and a send slot. Returns the headers and a ticket of the pace;
-- or nil and an error value.
local function admit(context, call, deadline, attempts)
  local headers = call.headers
  local final = headers ~= nil
  while true do
    if not headers then
      local err
      headers, err = context.auth.headers(call.url)
      if not headers then return nil, login_failed(err) end
    end
    local ticket, waited, seconds = context.pace:wait(deadline, context.max_retry_after)
    if not ticket then return nil, no_slot(context, call, waited, seconds, attempts) end
    if not waited or final or context.auth.is_good(call.url, headers) then return headers, ticket end
    -- The token was replaced or expired during the wait. A login needs a slot of its own, so this one is
    -- given back and another taken once there is a token. That happens once: the next token may expire as
    -- well.
    context.pace:finished(ticket)
    headers, final = nil, true
  end
end

--- Performs a call.
--
-- `context`: the client's (see client/context.lua). `call`:
--   method, url   as sent
--   body          JSON text or nil
--   label, key    for messages: "voice_routes.update", "CRID-…"
--   repeatable    whether sending it twice does no harm
--   writes        whether it changes anything
--   headers       instead of the client's own authentication (the login call)
--   hints         by status: the remedy, instead of the description's
--   accepts_any   whether the response may be any JSON value, or empty
--   masked_body, secrets   methods: the body without secrets; the secrets in it
--   timeout, retries, deadline   instead of the client's
--
-- Returns the response's checked JSON text ("" for 204), the receipt (the envelope's `request_id`, `message`,
-- `timestamp` and `status`; nil without an envelope), and the number of requests sent; or nil and an error
-- value.
function exchange.perform(context, call)
  local host, pace = context.host, context.pace
  local fault = host.unable and host.unable()
  if fault then return nil, call_error.from_fault(context, call, fault) end
  local timeout = call.timeout or context.timeout
  local limit = call.deadline or context.deadline
  local deadline = limit and host:clock() + limit or NO_DEADLINE
  -- `counted`: attempts that count against the retries.
  local attempts, counted, renewed, uncertain = 0, 0, false, false
  while true do
    local headers, ticket = admit(context, call, deadline, attempts)
    if not headers then return conclude(call, ticket, uncertain) end
    if limit then
      local left = deadline - host:clock()
      if left <= 0 then
        pace:finished(ticket)
        local late = { kind = "timeout", outcome = "not_sent", attempts = attempts,
          message = ("the deadline of %s s passed while waiting to send"):format(text_of(limit)) }
        late = call_error.new(context, call, late)
        return conclude(call, late, uncertain)
      end
      timeout = math.min(timeout, left)
    end
    attempts, counted = attempts + 1, counted + 1
    local text, err, repeatable = attempt_once(context, call, headers, attempts, timeout)
    if ticket ~= true then pace:finished(ticket) end
    if text then
      if context.budget.spent then context.budget:refill() end
      if pace.slowest then pace:speed_up() end
      return text, err, attempts
    end
    err.attempts = attempts
    local may_renew = not renewed and not call.headers and err.status
      and context.auth.renew(call.url, err.status, headers)
    -- A status whose body broke off proves nothing: the call may have been applied.
    if may_renew and (call.repeatable or err.outcome ~= "unknown") then
      renewed, uncertain = true, uncertain or err.outcome == "unknown"
      counted = counted - 1 -- a new token is no retry of a failing vendor
    else
      local asked, longest = err.retry_after, longest_pause(context.max_retry_after)
      local delay = retry.delay(err, counted, longest)
      -- A 429 concerns all calls of this client, not this one alone.
      if err.status == 429 then
        local blocked = asked and math.min(asked, math.max(longest, LONGEST_BLOCK))
        pace:slow_down(delay or blocked, blocked)
      elseif err.status and err.status < 500 then
        pace:speed_up()
      end
      local again = repeatable and counted <= (call.retries or context.retries) and delay
        and not (limit and host:clock() + delay >= deadline)
      if again and not context.budget:take() then
        err.message = err.message .. "; not retried: too many calls have failed lately; try again later"
        again = false
      end
      if not again then return conclude(call, err, uncertain) end
      uncertain = uncertain or err.outcome == "unknown"
      metrics.retries = metrics.retries + 1
      if err.status ~= 429 then
        if host:sleep(delay, asked ~= nil) and asked then return conclude(call, err, uncertain) end
      end
    end
  end
end

return exchange
