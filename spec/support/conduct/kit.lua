-- Simulated vendors for the rows of spec/support/conduct.lua, and the words for what came of a call.

local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local kit = { patchbay = patchbay, NOON = scripted.NOON, answer = scripted.answer,
  ROUTE = "CRID-509de94f-79cc-429b-a317-2102654dabbb", NUMBER = "+18018018011" }

local function is_login(request)
  return request.url:find "/tokens$" ~= nil or request.url:find("/oauth/", 1, true) ~= nil
end

-- A transport whose calls get `call(request, n)`, or a list of responses, and whose logins get
-- `login(request, n)`, or succeed. Each request takes 0.05 s of its clock.
function kit.transport(call, login)
  local transport
  transport = scripted.new(function(request)
    transport.time = transport.time + 0.05
    if is_login(request) then
      transport.logins = transport.logins + 1
      if login then return login(request, transport.logins) end
      return scripted.answer(200, { token = "token-" .. transport.logins, successful = true,
        access_token = "token-" .. transport.logins })
    end
    transport.calls = transport.calls + 1
    if type(call) == "function" then return call(request, transport.calls) end
    return call[math.min(transport.calls, #call)]
  end)
  transport.logins, transport.calls = 0, 0
  return transport
end

local accounts = {
  telegent = { account_key = "DID-1", account_secret = "secretsecret" },
  convirza = { email = "me@example.com", password = "secretsecret", undocumented = "allow" },
  crazytel = { api_key = "secretsecret", rate = 1e6 },
}

--- A client of a vendor and its transport. `options`: false leaves one of the account's out.
function kit.client(vendor, call, options, login)
  local transport = kit.transport(call, login)
  local given = { transport = transport }
  for _, set in ipairs { accounts[vendor], options or {} } do
    for name, value in pairs(set) do given[name] = value or nil end
  end
  return patchbay[vendor](given), transport
end

--- The result of a call: kind, outcome and message of the error; or "done". `sent`: requests, or nil.
function kit.result(ok, err, sent)
  local count = sent and (", %d %s"):format(sent, sent == 1 and "request" or "requests") or ""
  if ok then return "done" .. count end
  if type(err) ~= "table" then return "raises: " .. tostring(err):gsub("^[^:]*:%d+: ", "") end
  return ("`%s`, `%s`%s: %s"):format(err.kind, err.outcome, count, err.message)
end

--- The result of an update of a voice route whose responses are `answers`, without the label of the call.
function kit.route(answers, fields, options)
  local client, transport = kit.client("telegent", answers, options)
  local ok, err = client.voice_routes:update(kit.ROUTE, fields or { TrunkIp1 = "192.0.2.1" })
  return (kit.result(ok, err, transport.calls):gsub("telegent voice_routes%.update " .. kit.ROUTE:gsub("%-",
    "%%-") .. ": ", ""))
end

--- The same of an update of a number.
function kit.number(answers, fields, options)
  local client, transport = kit.client("telegent", answers, options)
  local ok, err = client.numbers:update(kit.NUMBER, fields)
  return (kit.result(ok, err, transport.calls):gsub("telegent numbers%.update %" .. kit.NUMBER .. ": ", ""))
end

--- The text that a script raises, without its position.
function kit.raised(work, ...)
  local good, problem = pcall(work, ...)
  if good then return "is accepted" end
  return "raises: " .. tostring(problem):gsub("^[^:%s]*:%d+: ", "")
end

--- The counts of a report: "98 done, 2 failed".
function kit.counts(report)
  local text = ("%d done, %d failed"):format(report.done, report.failed)
  for _, name in ipairs { "skipped", "pending", "would_send" } do
    if (report[name] or 0) > 0 then text = text .. (", %d %s"):format(report[name], (name:gsub("_", " "))) end
  end
  if report.incomplete then text = text .. "; `report.incomplete`: " .. tostring(report.incomplete) end
  return text
end

--- Numbers 1 to `count`.
function kit.numbers(count)
  local list = {}
  for i = 1, count do list[i] = i end
  return list
end

return kit
