--- One call to a vendor, from the payload to the judged response: authenticates, keeps the pace, sends,
-- judges the response, and retries where that is safe. Knows no vendor and no host.

local change_order = require "patchbay.exchange.change_order"
local errors = require "patchbay.errors"
local bulk_context = require "patchbay.exchange.bulk_context"
local call_error = require "patchbay.exchange.call_error"
local paces = require "patchbay.exchange.pace"
local judgement = require "patchbay.exchange.judgement"
local metrics = require "patchbay.exchange.metrics"
local retry = require "patchbay.exchange.retry"
local turns = require "patchbay.exchange.turns"
local unsent = require "patchbay.exchange.unsent"
local lazy = require "patchbay.util.lazy"

local hooks = lazy "patchbay.exchange.hooks"

local longest_pause, LONGEST_BLOCK = paces.longest_pause, paces.LONGEST_BLOCK

local exchange = {}

local NO_DEADLINE = math.huge

-- Makes one attempt with a log, hooks or metrics, which get to know of it. Returns the results of
-- judgement.of().
local function watched_attempt(context, call, headers, timeout, attempt)
  local host = context.host
  local request, veto
  if context.has_hooks then
    request, veto = hooks.before_request(context, call, headers, attempt)
    if not request then return nil, { veto = veto, outcome = "not_sent" } end
  end
  local started = host:clock()
  local status, body, response_headers = host:send(call.method, call.url, headers, call.body, timeout,
    call.repeatable, call.wants_headers)
  local seconds = host:clock() - started
  local response, receipt_or_failed = judgement.of(context, call, status, body, response_headers)
  local outcome = response and "ok" or receipt_or_failed.outcome
  if context.meter then context.meter:request(call, seconds, outcome) end
  if request then
    hooks.after_response(context, call, request, seconds, status, body, response_headers, not status and body,
      outcome)
  end
  return response, receipt_or_failed
end

-- A call's own headers -> the headers that they were last put over, and both together.
local joined = setmetatable({}, { __mode = "k" })

-- The headers of the authentication with those of the call over them; the same table for the same two, as a
-- host prepares a table of headers once.
local function with_own(headers, own)
  local known = joined[own]
  if known and known.of == headers then return known.all end
  local all = {}
  for name, value in pairs(headers) do all[name] = value end
  for name, value in pairs(own) do all[name] = value end
  joined[own] = { of = headers, all = all }
  return all
end

-- Reports the last attempt's error for the call. If an earlier attempt may have been applied (`uncertain`),
-- the outcome stays "unknown".
local function conclude(call, err, uncertain, attempts)
  err.attempts = err.attempts or attempts
  if uncertain and call.writes and err.outcome ~= "unknown" then
    err.outcome = "unknown"
    err.message = err.message .. call_error.EARLIER_UNCERTAIN
  end
  return nil, err
end

-- Kinds that would be mistaken for the record's own: a script might create a record that "is not found".
local record_kinds = { not_found = true, conflict = true, rejected = true, unsupported = true }

-- The error of a call whose login failed. Several calls may have waited for one login: each gets a copy.
local function login_failed(err)
  err = errors.copy(err)
  err.outcome = "not_sent" -- the call itself, whatever happened to the login
  local is_veto = err.kind == "unsupported" and not err.status -- on_request did not let it be sent
  if record_kinds[err.kind] and not is_veto then err.kind = "unauthorized" end
  return err
end

-- Waits until the call has both a valid token and a send slot, after its first wait for the slot: `headers`,
-- and the results of pace:wait(). `failed`: the last attempt, if its response asked for a pause. Returns the
-- headers and a ticket of the pace; or nil and an error value. If the pause is not waited out, that is the
-- error of the last attempt, not one that says that nothing was sent.
local function admit(context, call, deadline, attempts, failed, headers, ticket, waited, seconds)
  local final = call.headers
  while true do
    if not ticket then
      if not failed or waited ~= "pause" then
        return nil, unsent.no_slot(context, call, waited, seconds, attempts)
      end
      local err = call_error.of(context, call, failed)
      err.attempts = attempts
      return nil, err
    end
    if not waited or final or context.auth.is_good(call.url, headers) then return headers, ticket end
    -- The token was replaced or expired during the wait. A login needs a slot of its own, so this one is
    -- given back and another taken once there is a token. That happens once: the next token may expire as
    -- well.
    context.pace:finished(ticket)
    local err
    headers, err = context.auth.headers(call.url)
    if not headers then return nil, login_failed(err) end
    final = true
    ticket, waited, seconds = context.pace:wait(deadline, context.max_retry_after)
  end
end

-- The error of a call that is not sent because a proxy has refused its credentials; nil where it may be sent.
local function proxy_refusal(context, call, attempts)
  local count = context.proxy_refusals
  local seconds = count:held(context.host:clock())
  if not seconds then return nil end
  local err = count:not_sent(call_error.subject(context, call), "the credentials of the proxy were", seconds)
  err.attempts = attempts
  return err
end

-- Statuses that do not show that the credentials were accepted.
local shows_no_acceptance = { [401] = true, [403] = true, [407] = true, [408] = true, [425] = true,
  [429] = true }

-- Tells the authentication, and the count of the proxy's refusals, the status of a failed attempt. Returns
-- whether the call may be retried with new headers.
local function note_status(context, call, failed, headers, renewed)
  local status, auth = failed.status, context.auth
  local function explain() return call_error.of(context, call, failed) end
  if status == 407 then
    context.proxy_refusals:refused(context.host:clock(), explain)
    return false
  elseif call.headers then
    return false
  elseif auth.watching and status >= 400 and status < 500 and not shows_no_acceptance[status] then
    auth.accepted(call.url, headers, false)
  end
  return auth.renew(call.url, status, headers, renewed, explain)
end

-- Pauses the client after a 429 in a bulk run, which does not count against the call's retries. `generation`:
-- the pace's when the request was sent. Returns the seconds of the pause; nil when the call is given up.
local function pause_for_bulk(context, failed, generation, deadline)
  local longest = longest_pause(context.max_retry_after)
  local seconds = context.pace:rate_limited(failed.retry_after, longest, generation)
  if seconds and context.host:clock() + seconds < deadline then return seconds end
  failed.outcome, failed.given_up = "not_sent", not seconds -- a 429 was not processed
end

-- Sends a call that may be sent now, once it has a token and a send slot. `attempts`: how many went before;
-- `failed`: the last of them, if its response asked for a pause. The other arguments: see perform(). Returns
-- the headers that the authentication gave, the generation of the pace, and the results of judgement.of(); or
-- nil and an error value where it is not sent.
local function attempt(context, call, deadline, limit, turn, lease, item, attempts, failed)
  local host, pace, proxy_refusals = context.host, context.pace, context.proxy_refusals
  local timeout = call.timeout or context.timeout
  local headers, err = call.headers, nil -- luacheck: ignore 311
  if not headers then
    headers, err = context.auth.headers(call.url)
    if not headers then return nil, login_failed(err) end
  end
  local ticket, waited, seconds = pace:wait(deadline, context.max_retry_after)
  if not ticket or waited then
    headers, ticket = admit(context, call, deadline, attempts, failed, headers, ticket, waited, seconds)
    if not headers then return nil, ticket end
  end
  if limit then
    local left = deadline - host:clock()
    if left <= 0 then
      pace:finished(ticket)
      return nil, unsent.too_late(context, call, limit, attempts)
    end
    timeout = math.min(timeout, left)
  end
  if lease then
    ticket, err = turns.keep_lease(context, call, lease, ticket, timeout, deadline, limit, attempts)
    if not ticket then return nil, err end
  end
  local refused = proxy_refusals.held_until and proxy_refusal(context, call, attempts)
  if refused then
    pace:finished(ticket)
    return nil, refused
  end
  if item and call.writes then item:begin(context) end
  if turn and turn.may_be_lost then change_order.extend(turn, timeout) end
  local generation = pace.pauses
  local sent = call.own_headers and with_own(headers, call.own_headers) or headers
  local response, receipt_or_failed
  if context.watched then
    response, receipt_or_failed = watched_attempt(context, call, sent, timeout, attempts + 1)
  else
    response, receipt_or_failed = judgement.of(context, call, host:send(call.method, call.url, sent,
      call.body, timeout, call.repeatable, call.wants_headers))
  end
  if ticket ~= true then pace:finished(ticket) end
  return headers, generation, response, receipt_or_failed
end

-- Performs a call that may be sent now; see exchange.perform. `deadline`: by the host's clock; `limit`: the
-- number of seconds that it allows, or nil. `turn`: see change_order.lua; `lease`: see shared/order.lua;
-- `item`: see bulk_context.lua. `first`: a list of the results of attempt(), if it was made already.
local function perform(context, call, deadline, limit, turn, lease, item, first)
  local host, pace, auth, proxy_refusals = context.host, context.pace, context.auth, context.proxy_refusals
  -- `counted`: attempts that count against the retries.
  local attempts, counted, renewed, uncertain, unavailable = 0, 0, false, false, nil
  while true do
    local headers, generation, response, receipt_or_failed
    if first then
      headers, generation, response, receipt_or_failed = first[1], first[2], first[3], first[4]
      first = nil
    else
      headers, generation, response, receipt_or_failed = attempt(context, call, deadline, limit, turn, lease,
        item, attempts, unavailable)
      if not headers then return conclude(call, generation, uncertain) end
    end
    attempts, counted = attempts + 1, counted + 1
    if response then
      if context.budget.spent then context.budget:refill() end
      if pace.slowest then pace:succeeded() end
      if proxy_refusals.explain then proxy_refusals:accepted() end
      if (auth.watching or renewed) and not call.headers then auth.accepted(call.url, headers, renewed) end
      return response, receipt_or_failed, attempts
    end
    local failed = receipt_or_failed
    local status = failed.status
    local may_renew = status and note_status(context, call, failed, headers, renewed)
    -- A status whose body broke off proves nothing: the call may have been applied.
    if may_renew and (call.repeatable or failed.outcome ~= "unknown") then
      renewed, uncertain = true, uncertain or failed.outcome == "unknown"
      call.uncertain = uncertain
      counted = counted - 1 -- a new token is no retry of a failing vendor
    else
      local asked, longest = failed.retry_after, longest_pause(context.max_retry_after)
      local delay = retry.delay(asked, counted, longest)
      local answered = status or failed.http
      -- A 429 concerns all calls of this client, not this one alone; so does a 503 that says until when.
      local pauses = status == 429 or status == 503 and asked
      local bulk = status == 429 and bulk_context.is_active()
      if bulk then
        delay = pause_for_bulk(context, failed, generation, deadline)
        counted = counted - 1
      elseif pauses then
        local blocked = asked and math.min(asked, math.max(longest, LONGEST_BLOCK))
        pace:slow_down(delay or blocked, blocked)
      elseif answered and answered < 500 then
        pace:speed_up()
      end
      local again = retry.allowed(call, failed) and counted <= (call.retries or context.retries) and delay
        and not (limit and host:clock() + delay >= deadline)
      local spent = again and not bulk and not context.budget:take()
      if spent or not again then
        local err = call_error.of(context, call, failed)
        if bulk then err.outcome = failed.outcome end
        if failed.given_up then
          err.message = err.message .. "; given up: too many pauses without a success in between"
        end
        if spent then
          err.message = err.message .. "; not retried: too many calls have failed lately; try again later"
        end
        return conclude(call, err, uncertain, attempts)
      end
      metrics.retries = metrics.retries + 1
      if context.meter then context.meter:retry(call) end
      if turn and not pauses then change_order.extend(turn, delay) end
      if not pauses and host:sleep(delay, asked ~= nil) and asked then
        return conclude(call, call_error.of(context, call, failed), uncertain, attempts)
      end
      uncertain = uncertain or failed.outcome == "unknown"
      call.uncertain = uncertain
      unavailable = pauses and status == 503 and failed or nil
    end
  end
end

-- Performs a call once it may be sent; see exchange.perform.
local function in_turn(context, call)
  local host = context.host
  local fault = host.unable and host.unable()
  if fault then return nil, call_error.from_fault(context, call, fault) end
  local limit = call.deadline or context.deadline
  local deadline = limit and host:clock() + limit or NO_DEADLINE
  local item = call.item
  if not item then
    item = bulk_context.item()
    if item then item:use(context) end
  end
  local turn, lease
  if call.ordered then
    turn, lease = turns.take(context, call, deadline, limit, item)
    if turn == false then return nil, lease end
  end
  local response, receipt_or_err, attempts = perform(context, call, deadline, limit, turn, lease, item)
  turns.leave(context, turn, lease, item)
  return response, receipt_or_err, attempts
end

--- Goes on with a change whose first attempt the caller has made, as exchange.perform would, in the turn that
-- the caller has. `headers`: those of the authentication; `generation`: of the pace when it was sent. The
-- last three arguments are the results of host:send(). Returns the same as exchange.perform; the turn has
-- ended.
function exchange.go_on(context, call, turn, headers, generation, status, body, response_headers)
  local response, receipt_or_failed = judgement.of(context, call, status, body, response_headers)
  local attempts
  response, receipt_or_failed, attempts = perform(context, call, NO_DEADLINE, nil, turn, nil, call.item,
    { headers, generation, response, receipt_or_failed })
  turns.leave(context, turn, nil, call.item)
  return response, receipt_or_failed, attempts
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
--   keeps_date    whether `date` is to be set to the Date header of a success
--   accept        a method (context, status, body) for a 2xx response. Returns the response in the form
--                 that the caller wants, and a receipt; or nil and a problem: { status =, own = } for a
--                 status that the body gives, and whether it is the vendor's own word; else { kind =,
--                 outcome =, message =, words = }, where the vendor's message belongs behind ours, and
--                 `words` is the text to show without one
--   masked_body, secrets   methods: the body without secrets; the secrets in it
--   timeout, retries, deadline   instead of the client's
--   own_headers   headers beside those of the authentication, or in their place
--   traceparent   of the caller's trace (https://www.w3.org/TR/trace-context/), for people; among own_headers
--   wants_headers whether `response_headers` is to be set to the headers of a success as well
--   uncertain     set where a failed attempt may have been applied, and another one followed
--   item          the item of a bulk run, which knows already that the client is used; else found here
--   ordered       the name of the collection, for a change of a record (see change_order.lua)
--
-- Returns the response and the receipt as `accept` gives them, and the number of requests sent; or nil and an
-- error value.
function exchange.perform(context, call)
  if context.meter then return context.meter:perform(in_turn, context, call) end
  return in_turn(context, call)
end

--- Waits for the turn of a change that takes several calls, which `call` stands for (see turns.lua): nobody
-- changes the values that they have read before they write. Returns the argument of leave_turn(), or nil
-- where the change goes without; or nil and an error value.
function exchange.take_turn(context, call)
  local limit = call.deadline or context.deadline
  local deadline = limit and context.host:clock() + limit or NO_DEADLINE
  local item = bulk_context.item()
  local turn, lease = turns.take(context, call, deadline, limit, item,
    context.timeout * (context.retries + 1))
  if turn == false then return nil, lease end
  return (turn or lease) and { turn = turn, lease = lease, item = item, context = context }
end

--- Ends the turn that take_turn() has returned; nil is none.
function exchange.leave_turn(taken)
  if taken then turns.leave(taken.context, taken.turn, taken.lease, taken.item) end
end

return exchange
