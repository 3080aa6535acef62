--- Shows the traffic to scripts: the hooks on_request and on_response, and the log. Secrets are masked.

local call_error = require "patchbay.exchange.call_error"
local log_line = require "patchbay.exchange.log_line"
local meter = require "patchbay.exchange.meter"
local redact = require "patchbay.exchange.redact"
local text_of = require("patchbay.util.text").of

local hooks = {}

local function masked_headers(context, headers)
  local shown = {}
  for name, value in pairs(headers) do shown[name] = value end
  for name, prefix in pairs(context.secret_headers) do
    if shown[name] then shown[name] = prefix .. redact.mask end
  end
  return shown
end

--- A call as shown to people: `{ method, url, headers, body }`, secrets masked.
function hooks.show(context, call, headers)
  local body = call.body
  if call.masked_body then
    body = call:masked_body()
  elseif body then
    body = call_error.mask_body(context, call, body)
  end
  return { method = call.method, url = call_error.mask(context, call, call.url),
    headers = masked_headers(context, headers), body = body }
end

-- A call as hooks see it: hooks.show, and what the call is for.
local function shown_request(context, call, headers)
  local request = hooks.show(context, call, headers)
  request.vendor = context.name
  request.collection, request.operation = meter.parts(call.label)
  request.traceparent = call.traceparent
  if call.key ~= nil then request.key = call_error.mask(context, call, text_of(call.key)) end
  return request
end

--- Tells that a request is about to be sent. Returns it for after_response().
function hooks.before_request(context, call, headers, attempt)
  local request = shown_request(context, call, headers)
  request.attempt = attempt
  if context.on_request then context.on_request(request) end
  return request
end

-- What a line of the log has of a request.
local REQUEST_FACTS = { "vendor", "collection", "operation", "key", "attempt", "method", "url", "dry_run",
  "traceparent" }

-- Writes a line to the log: `line` for people, and the facts of `request` and `more` for programs.
local function write_log(context, line, request, more)
  if not context.log then return end
  if not context.log_json then return context.log(line) end
  for _, name in ipairs(REQUEST_FACTS) do more[name] = request[name] end
  more.message = line
  local level = (more.outcome == nil or more.outcome == "ok") and "info" or "warn"
  context.log(log_line(more, context.host:now(), level))
end

-- Response headers that carry credentials.
local secret_headers = { ["set-cookie"] = true, ["authentication-info"] = true,
  ["proxy-authentication-info"] = true }

-- The headers of a response as a table, secrets masked. `headers`: a table, or a transfer.
local function masked_response_headers(context, call, headers)
  if type(headers) == "userdata" then headers = headers:headers() end
  local secrets, shown = call_error.secrets(context, call), {}
  for name, value in pairs(headers) do
    shown[name] = secret_headers[name] and redact.mask or redact.text(value, secrets)
  end
  return shown
end

--- Tells that a response arrived, or that the connection failed (`status` is nil then). `outcome`: of the
-- attempt, "ok" for a success.
function hooks.after_response(context, call, request, seconds, status, body, headers, fault, outcome)
  if context.on_response then
    context.on_response {
      status = status, headers = status and masked_response_headers(context, call, headers),
      body = status and call_error.mask_body(context, call, body),
      error = fault and call_error.mask(context, call, fault.message), seconds = seconds, request = request,
      outcome = outcome,
    }
  end
  if context.log then
    local line = ("%s: %s %s -> %s (%.0f ms%s)"):format(call_error.subject(context, call), call.method,
      request.url, status or fault.kind .. ": " .. call_error.mask(context, call, fault.message),
      seconds * 1000, request.attempt > 1 and ", attempt " .. request.attempt or "")
    write_log(context, line, request, { status = status, outcome = outcome, seconds = seconds })
  end
end

--- Tells of a change that dry_run does not send.
function hooks.dry_run(context, call, headers)
  local request = shown_request(context, call, headers)
  request.dry_run = true
  if context.on_request then context.on_request(request) end
  if context.log then
    write_log(context, ("%s: dry run: %s %s %s"):format(call_error.subject(context, call), request.method,
      request.url, request.body or ""), request, {})
  end
end

return hooks
