--- Shows the traffic to scripts: the hooks on_request, on_response and on_tokens, and the log. Secrets are
-- masked, except in tokens.
--
-- An error in a hook or in the log changes nothing: the vendor may have applied the change by then. It is
-- reported where the host reports errors.

local call_error = require "patchbay.exchange.call_error"
local log_line = require "patchbay.exchange.log_line"
local meter = require "patchbay.exchange.meter"
local redact = require "patchbay.exchange.redact"
local shown_request = require "patchbay.exchange.shown_request"
local text_of = require("patchbay.util.text").of

local hooks = {}

-- How the interpreter ends a script at Ctrl-C, wherever it is.
local INTERRUPTED = "interrupted!$"

-- Reports the error of a hook, once for each hook of a client unless `always`.
local function report(context, name, err, always)
  if context.reported_hooks[name] and not always then return end
  context.reported_hooks[name] = true
  context.report(("patchbay: %s client: %s has failed, which changes nothing about the call%s: %s"):format(
    context.name, name, always and "" or " (reported once)", call_error.mask(context, {}, tostring(err))))
end

--- Reports that something of the script's which only records has failed: once for each `name` of a client.
function hooks.report_failure(context, name, problem) report(context, name, problem) end

--- Raises an error that pcall() has caught if it ends the script by Ctrl-C.
function hooks.pass_interrupt(problem)
  if type(problem) == "string" and problem:find(INTERRUPTED) then error(problem, 0) end
end

-- Calls a hook. Returns its first two results, or nothing where it raises.
local function run(context, name, hook, always, ...)
  local ok, first, second = pcall(hook, ...)
  if ok then return first, second end
  hooks.pass_interrupt(first)
  report(context, name, first, always)
end

-- Hands a request to on_request. Returns true; or nil and the error value of a hook that does not let it be
-- sent, which it says by returning false and a reason.
local function ask(context, call, request, attempt)
  if not context.on_request then return true end
  local allowed, reason = run(context, "on_request", context.on_request, false, request)
  if allowed ~= false then return true end
  return nil, call_error.new(context, call, { kind = "unsupported", outcome = "not_sent",
    attempts = attempt - 1, message = "not sent: on_request returned false"
      .. (reason ~= nil and ": " .. call_error.mask(context, call, tostring(reason)) or "") })
end

-- The members of a request that a line of the log has.
local REQUEST_FACTS = { "vendor", "collection", "operation", "within", "key", "attempt", "method", "url",
  "dry_run", "traceparent" }

-- Writes a line to the log: `line` for people; with `log_json`, the facts of `request` and `more` for
-- programs.
local function write_log(context, line, request, more)
  if not context.log then return end
  if context.log_json then
    for _, name in ipairs(REQUEST_FACTS) do more[name] = request[name] end
    more.message = line
    local level = (more.outcome == nil or more.outcome == "ok") and "info" or "warn"
    line = log_line(more, context.host:now(), level)
  end
  run(context, "log", context.log, false, line)
end

local function masked_headers(context, headers)
  local shown = {}
  for name, value in pairs(headers) do shown[name] = value end
  for name, prefix in pairs(context.secret_headers) do
    if shown[name] then shown[name] = prefix .. redact.mask end
  end
  return shown
end

--- A call as shown to people: `{ method, url, headers, body }`, secrets masked; it prints.
function hooks.show(context, call, headers)
  local body = call.body
  if call.masked_body then
    body = redact.addresses(call:masked_body())
  elseif body then
    body = call_error.mask_body(context, call, body)
  end
  return shown_request { method = call.method, url = call_error.mask(context, call, call.url),
    headers = masked_headers(context, headers), body = body }
end

-- A call as hooks see it: hooks.show, and the purpose of the call.
local function described_request(context, call, headers)
  local request = hooks.show(context, call, headers)
  request.vendor = context.name
  request.collection, request.operation = meter.parts(call.label)
  request.traceparent = call.traceparent or nil
  if call.within then
    request.within = {}
    for name, value in pairs(call.within) do
      request.within[name] = call_error.mask(context, call, text_of(value))
    end
  end
  if call.key ~= nil then request.key = call_error.mask(context, call, text_of(call.key)) end
  return request
end

--- Shows a request that is about to be sent. Returns it for after_response(); or nil and the error value of a
-- request that is not to be sent.
function hooks.before_request(context, call, headers, attempt)
  local request = described_request(context, call, headers)
  request.attempt = attempt
  local allowed, veto = ask(context, call, request, attempt)
  if not allowed then return nil, veto end
  return request
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

--- Shows a response, or that the connection failed (`status` is nil then). `outcome`: of the attempt, "ok"
-- for a success.
function hooks.after_response(context, call, request, seconds, status, body, headers, fault, outcome)
  if context.on_response then
    run(context, "on_response", context.on_response, false, {
      status = status, headers = status and masked_response_headers(context, call, headers),
      body = status and call_error.mask_body(context, call, body),
      error = fault and call_error.mask(context, call, fault.message), seconds = seconds, request = request,
      outcome = outcome,
    })
  end
  if context.log then
    local line = ("%s: %s %s -> %s (%.0f ms%s)"):format(call_error.subject(context, call), call.method,
      request.url, status or fault.kind .. ": " .. call_error.mask(context, call, fault.message),
      seconds * 1000, request.attempt > 1 and ", attempt " .. request.attempt or "")
    write_log(context, line, request, { status = status, outcome = outcome, seconds = seconds })
  end
end

--- Shows a change that dry_run does not send. Returns true; or nil and the error value of a change that
-- on_request would not let be sent.
function hooks.dry_run(context, call, headers)
  local request = described_request(context, call, headers)
  request.dry_run = true
  local allowed, veto = ask(context, call, request, 1)
  if not allowed then return nil, veto end
  write_log(context, ("%s: dry run: %s %s %s"):format(call_error.subject(context, call), request.method,
    request.url, request.body or ""), request, {})
  return true
end

--- Writes to the log that a call waits, and for what. `text` goes on from "vendor operation key: ".
function hooks.note(context, call, text)
  if not context.log then return end
  local request = described_request(context, call, {})
  request.attempt = nil
  write_log(context, ("%s: %s"):format(call_error.subject(context, call), text), request, {})
end

--- Hands new tokens to on_tokens. Each error is reported: a token that was not stored may be lost.
function hooks.tokens(context, tokens)
  run(context, "on_tokens", context.on_tokens, true, tokens)
end

return hooks
