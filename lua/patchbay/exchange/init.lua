--- One call to a vendor, from the payload to the judged answer: authenticate, keep the pace, send,
-- judge, and try again where that is right. Knows no vendor and no host.

local core = require "patchbay.core"
local errors = require "patchbay.errors"
local failures = require "patchbay.exchange.call_error"
local longest_pause = require("patchbay.exchange.pace").longest_pause
local metrics = require "patchbay.exchange.metrics"
local retry = require "patchbay.exchange.retry"
local watch = require "patchbay.exchange.hooks"

local exchange = {}

local check = core.json.check

local FOREVER = math.huge

-- For how many seconds at a time a vendor's word holds up a client that does not wait that long: a header
-- gone wrong must not end the calls of a process that runs for years.
local LONGEST_HOLD = 24 * 3600

-- A header of an answer, whose headers are a table by name in lower case, or a transfer.
local function header_of(headers)
  return function(name)
    if type(headers) == "userdata" then return headers:header(name) end
    return headers[name]
  end
end

-- The envelope of a success, whose own code may say otherwise. Returns the text, and a receipt for the
-- script: what the envelope says beside the data.
local function open_envelope(client, call, status, body, headers)
  local answer, envelope = core.json.decode(body), client.envelope
  if type(answer) ~= "table" then return body end
  local code = tonumber(answer[envelope.code])
  if code and code >= 400 and code <= 599 and code % 1 == 0 then
    return nil, failures.status(client, call, math.floor(code), body, header_of(headers))
  elseif code and not (code >= 200 and code <= 299) then
    return nil, failures.answer(client, call, status, body, ("has the code %.14g, which is none of a success")
      :format(code))
  end
  local data = answer[envelope.data]
  return body, {
    status = status,
    request_id = answer[envelope.request_id],
    timestamp = answer[envelope.timestamp],
    message = type(data) == "table" and data[envelope.message] or answer[envelope.message],
  }
end

-- The checked text of a success, "" for 204, and a receipt where the vendor gives one; or nil and an
-- error value.
local function judge(client, call, status, body, headers)
  if status < 200 or status > 299 then
    return nil, failures.status(client, call, status, body, header_of(headers))
  end
  if status == 204 or body == "" and call.any_answer then return "" end
  if body == "" then return nil, failures.answer(client, call, status, body, "is empty") end
  local good, object = check(body)
  if not good then
    return nil, failures.answer(client, call, status, body, "is not JSON: " .. object.message)
  end
  if not object and not call.any_answer then
    return nil, failures.answer(client, call, status, body, "is not a JSON object")
  end
  if client.envelope then return open_envelope(client, call, status, body, headers) end
  return body
end

-- Sends it while somebody looks on. Returns what a host's send() does.
local function send_watched(client, call, headers, attempt, timeout)
  local request, begun = watch.sending(client, call, headers, attempt)
  local status, body, answered = client.host:send(call.method, call.url, headers, call.body, timeout,
    call.repeatable)
  watch.answered(client, call, request, begun, status, body, answered, not status and body)
  return status, body, answered
end

-- Sends once. Returns the text of a success and its receipt; or nil, an error value, and whether it is
-- worth another try.
local function try(client, call, headers, attempt, timeout)
  local status, body, answered
  if client.watched then
    status, body, answered = send_watched(client, call, headers, attempt, timeout)
  else
    status, body, answered = client.host:send(call.method, call.url, headers, call.body, timeout,
      call.repeatable)
  end
  if not status then
    local err = failures.fault(client, call, body)
    return nil, err, retry.allowed(call, err, body)
  end
  local text, told = judge(client, call, status, body, answered)
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

-- The error of a call that gets no turn: `why` and `seconds` as pace:wait() gives them.
local function held_back(client, call, why, seconds, attempts)
  local err = { kind = "timeout", outcome = "not_sent", attempts = attempts,
    message = "not sent: by the client's rate its turn comes after the deadline; allow for a longer "
      .. "deadline, or have fewer calls under way" }
  if why == "pause" then
    seconds = math.ceil(seconds)
    err.kind, err.retry_after = "rate_limited", seconds
    err.message = ("not sent: the vendor has asked for a pause, of which %d s are left"):format(seconds)
  end
  return failures.new(client, call, err)
end

-- Kinds that would be taken for the record's own: one that "is not found" might be created.
local of_records = { not_found = true, conflict = true, rejected = true, unsupported = true }

-- The error of a call whose login failed. Several calls may have waited for the one login: each has an error
-- of its own.
local function not_admitted(refused)
  refused = errors.copy(refused)
  refused.outcome = "not_sent" -- whatever became of the login
  if of_records[refused.kind] then refused.kind = "unauthorized" end
  return refused
end

-- Waits for a token and for the call's turn, both good at the same time. Returns the headers and a ticket of
-- the pace; or nil and an error value.
local function admit(client, call, till, attempts)
  local headers = call.headers
  local sure = headers ~= nil
  while true do
    if not headers then
      local refused
      headers, refused = client.auth.headers(call.url)
      if not headers then return nil, not_admitted(refused) end
    end
    local ticket, waited, seconds = client.pace:wait(till, client.max_retry_after)
    if not ticket then return nil, held_back(client, call, waited, seconds, attempts) end
    if not waited or sure or client.auth.is_good(call.url, headers) then return headers, ticket end
    -- The token was replaced meanwhile, or has run out. A login has a turn of its own, and so this one is
    -- given up for it: another is taken once there is a token. Which may run out too: that is not for ever.
    client.pace:finished(ticket)
    headers, sure = nil, true
  end
end

--- Performs a call. `call`:
--   method, url   as they go out
--   body          JSON text or nil
--   label, key    for messages: "voice_routes.update", "CRID-…"
--   repeatable    whether doing it twice does no harm
--   writes        whether it changes anything
--   headers       instead of the client's own authentication (the login call)
--   hints         by status: what to do, instead of the vendor's description's
--   any_answer    any JSON value will do as an answer, and an empty body too
--   shown_body, secrets   methods: the body without secrets; the secrets in it
--   timeout, retries, deadline   instead of the client's
-- Returns the answer's checked JSON text ("" for 204) and what the vendor's envelope says beside the
-- data, if it has one (`request_id`, `message`, `timestamp`, `status`), and how many requests went out; or
-- nil and an error value.
function exchange.perform(client, call)
  local host, pace = client.host, client.pace
  local fault = host.unable and host.unable()
  if fault then return nil, failures.fault(client, call, fault) end
  local timeout = call.timeout or client.timeout
  local deadline = call.deadline or client.deadline
  local till = deadline and host:clock() + deadline or FOREVER
  local attempts, tries, renewed, uncertain = 0, 0, false, false
  while true do
    local headers, ticket = admit(client, call, till, attempts)
    if not headers then return conclude(call, ticket, uncertain) end
    if deadline then
      local left = till - host:clock()
      if left <= 0 then
        pace:finished(ticket)
        local late = failures.new(client, call, { kind = "timeout", outcome = "not_sent", attempts = attempts,
          message = ("the deadline of %g s passed while waiting to send"):format(deadline) })
        return conclude(call, late, uncertain)
      end
      timeout = math.min(timeout, left)
    end
    attempts, tries = attempts + 1, tries + 1
    local text, err, repeatable = try(client, call, headers, attempts, timeout)
    if ticket ~= true then pace:finished(ticket) end
    if text then
      if client.budget.spent then client.budget:refill() end
      if pace.slowest then pace:speed_up() end
      return text, err, attempts
    end
    err.attempts = attempts
    local may_renew = not renewed and not call.headers and err.status
      and client.auth.renew(call.url, err.status, headers)
    -- An answer that broke off behind its status is no word to rely on.
    if may_renew and (call.repeatable or err.outcome ~= "unknown") then
      renewed, uncertain = true, uncertain or err.outcome == "unknown"
      tries = tries - 1 -- a new token is no retry of a failing vendor
    else
      local asked, longest = err.retry_after, longest_pause(client.max_retry_after)
      local delay = retry.delay(err, tries, longest)
      -- All that uses this client has been asked to wait, not this call alone.
      if err.status == 429 then
        local held = asked and math.min(asked, math.max(longest, LONGEST_HOLD))
        pace:slow_down(delay or held, held)
      elseif err.status and err.status < 500 then
        pace:speed_up()
      end
      local again = repeatable and tries <= (call.retries or client.retries) and delay
        and not (deadline and host:clock() + delay >= till)
      if again and not client.budget:take() then
        err.message = err.message .. "; not tried again: too much has been failing lately; try later"
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
