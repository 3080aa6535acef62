--- What scripts can see of the traffic: the hooks on_request and on_response, and the log. Never a secret.

local failures = require "patchbay.exchange.call_error"
local redact = require "patchbay.exchange.redact"

local watch = {}

local function shown_headers(client, headers)
  local shown = {}
  for name, value in pairs(headers) do shown[name] = value end
  for name, prefix in pairs(client.secret_headers) do
    if shown[name] then shown[name] = prefix .. redact.mask end
  end
  return shown
end

--- What a call looks like to a person: `{ method, url, headers, body }`, secrets masked.
function watch.show(client, call, headers)
  local body = call.body
  if call.shown_body then
    body = call:shown_body()
  elseif body then
    body = failures.shown(client, call, body)
  end
  return { method = call.method, url = failures.masked(client, call, call.url),
    headers = shown_headers(client, headers), body = body }
end

--- A request is about to go out. Returns what answered() wants.
function watch.sending(client, call, headers, attempt)
  local request = watch.show(client, call, headers)
  request.attempt = attempt
  if client.on_request then client.on_request(request) end
  return request, client.host:clock()
end

-- Headers in which a server hands out credentials of its own.
local secret_answers = { ["set-cookie"] = true, ["authentication-info"] = true,
  ["proxy-authentication-info"] = true }

-- Headers of an answer as a table (a transfer makes one when asked), secrets masked.
local function shown_answer(client, call, headers)
  if type(headers) == "userdata" then headers = headers:headers() end
  local secrets, shown = failures.secrets(client, call), {}
  for name, value in pairs(headers) do
    shown[name] = secret_answers[name] and redact.mask or redact.text(value, secrets)
  end
  return shown
end

--- An answer came, or a fault (then `status` is nil).
function watch.answered(client, call, request, begun, status, body, headers, fault)
  local seconds = client.host:clock() - begun
  if client.on_response then
    client.on_response {
      status = status, headers = status and shown_answer(client, call, headers),
      body = status and failures.shown(client, call, body),
      error = fault and failures.masked(client, call, fault.message), seconds = seconds, request = request,
    }
  end
  if client.log then
    client.log(("%s: %s %s -> %s (%.0f ms%s)"):format(failures.subject(client, call), call.method,
      request.url, status or fault.kind .. ": " .. failures.masked(client, call, fault.message),
      seconds * 1000, request.attempt > 1 and ", try " .. request.attempt or ""))
  end
end

--- A change that is not sent, under dry_run.
function watch.dry(client, call, headers)
  local request = watch.show(client, call, headers)
  request.dry_run = true
  if client.on_request then client.on_request(request) end
  if client.log then
    client.log(("%s: dry run: %s %s %s"):format(failures.subject(client, call), request.method, request.url,
      request.body or ""))
  end
end

return watch
