-- The short way of an update of a bulk run's item, against the long one: for each response both send the same
-- requests, return the same, and leave the same record and report.

local collection = require "patchbay.record.collection"
local core = require "patchbay.core"
local patchbay = require "patchbay"
local scripted = require "spec.support.scripted"

local answer = scripted.answer

-- The last updates of a run are those under test. The first ones have no token and no turn, and go the long
-- way.
local WARM = 3

local routes = {
  make = function(transport)
    return patchbay.telegent({ token = "a-token", transport = transport, retries = 1 }).voice_routes
  end,
  key = function(i) return "CRID-" .. i end,
  assign = function(record)
    record.TrunkIp1 = "1.2.3.4"
    record.TrunkEnabled1 = false
  end,
  good = function(key)
    return answer(200, { CallRouteId = key, TrunkIp1 = "1.2.3.4", TrunkEnabled1 = false })
  end,
}
local numbers = {
  make = function(transport)
    return patchbay.telegent({ account_key = "DID-1", account_secret = "an-account-secret",
      transport = transport, retries = 1 }).numbers
  end,
  key = function(i) return ("+1801801%04d"):format(i) end,
  assign = function(record) record.VoiceEnabled = true end,
  good = function(key)
    return answer(200, { Number = key, VoiceEnabled = true, UpdateOrderStatus = "Complete" })
  end,
}
local convirza = {
  make = function(transport)
    return patchbay.convirza({ token = "a-token", transport = transport, retries = 1 }).provisioned_routes
  end,
  key = function(i) return 100000 + i end,
  assign = function(record) record.sms_enabled = true end,
  good = function(key)
    return answer(200, { code = 200, message = "Success", request_id = "r-" .. key,
      timestamp = "2026-03-27T10:30:00.000Z",
      data = { provisioned_route_id = key, message = "Route updated successfully" } })
  end,
}

-- The members of an error value, or of any other value.
local function told(value)
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  for _, name in ipairs { "kind", "outcome", "status", "code", "attempts", "retry_after", "request_id",
    "message", "timestamp" } do
    parts[#parts + 1] = name .. "=" .. tostring(value[name])
  end
  return table.concat(parts, " ")
end

local function known(record)
  local fields = {}
  for name, value in patchbay.pairs(record) do
    local plain = type(value) == "table" and not core.record.is(value)
    fields[#fields + 1] = name .. "=" .. (plain and core.json.encode(value) or tostring(value))
  end
  table.sort(fields)
  return table.concat(fields, " ") .. " assigned " .. core.json.encode(record:changes())
    .. " pending " .. tostring(record:pending())
end

-- The requests, results, records and report of a run. `bodies`: of the items under test, functions of
-- (record, say, collection). `respond(key, number, request)` gives the response to the `number`-th request of
-- theirs. `short`: whether the short way is open. Also how many updates went the long way in the end.
local function run(kind, bodies, respond, short, more)
  local log, sent, inner, calls, testing = {}, {}, nil, 0, false
  local transport = scripted.new(function(request)
    if request.url:find "tokens$" then return answer(200, { token = "t", successful = true }) end
    local text = request.url .. (request.body or "")
    local key = text:match "CRID%-%d+" or text:match "%+1801801%d%d%d%d"
      or tonumber(text:match "routes/(%d+)")
    if not testing then return kind.good(key) end
    sent[#sent + 1] = table.concat({ request.method, request.url, tostring(request.body),
      request.headers.Authorization or "" }, " ")
    return respond(key, #sent, request)
  end)
  local made = kind.make(transport)
  local items = {}
  for i = 1, WARM + #bodies do items[i] = i end
  local report = patchbay.each(items, { concurrency = more and more.concurrency or 1 }, function(i)
    if i <= WARM then
      local record = made[kind.key(i)]
      kind.assign(record)
      return record:update()
    end
    if not testing then
      testing, inner = true, collection.internals(made)
      local long = inner.call
      function inner.call(...)
        calls = calls + 1
        return long(...)
      end
      if not short then inner.plans.update.usual = false end
    end
    local record = made[kind.key(i)]
    local function say(...)
      local words = {}
      for n = 1, select("#", ...) do words[n] = told((select(n, ...))) end
      log[#log + 1] = table.concat(words, " | ")
    end
    local results = { bodies[i - WARM](record, say, made) }
    log[#log + 1] = known(record)
    return results[1], results[2]
  end)
  local failures = {}
  for _, failure in ipairs(report.failures) do
    failures[#failures + 1] = tostring(failure.key) .. " " .. told(failure.err)
  end
  return { sent = sent, log = log, failures = failures,
    counts = { report.done, report.failed, report.pending, report.unchanged, report.retries, report.used } },
    calls
end

-- Asserts that both ways agree; returns how many updates took the short one.
local function same(kind, bodies, respond, more)
  local long, calls = run(kind, bodies, respond, false, more)
  local short, left = run(kind, bodies, respond, true, more)
  assert.same(long, short)
  return calls - left
end

local function plainly(kind)
  return function(record, say)
    kind.assign(record)
    local updated, receipt_or_err = record:update()
    say(updated and "updated" or "failed", receipt_or_err)
    return updated, receipt_or_err
  end
end

local function shows(fields)
  return function(key)
    local body = { CallRouteId = key, TrunkIp1 = "1.2.3.4", TrunkEnabled1 = false }
    for name, value in pairs(fields) do body[name] = value end
    return answer(200, body)
  end
end

-- The name of a case, the response of a voice route's update, and whether it takes the short way to its end.
local responses = {
  { "what was sent", routes.good, true },
  { "more than was sent", shows { RouteName = "x", NewField = { 1 } }, true },
  { "another value", shows { TrunkIp1 = "9.9.9.9" } },
  { "the value in another spelling", shows { TrunkEnabled1 = "False" } },
  { "another key", shows { CallRouteId = "CRID-99" } },
  { "that it failed", shows { success = false } },
  { "an error", shows { error = "no such trunk" } },
  { "the status of a failure", shows { StatusCode = 404, Message = "gone" } },
  { "nothing of the record", function() return answer(200, { a = 1 }) end },
  { "nothing", function() return answer(200, "") end },
  { "no content", function() return answer(204) end },
  { "a page", function() return answer(200, "<html>busy</html>") end },
  { "half of it", function() return answer(200, '{"CallRouteId":"CRID-') end },
  { "a list", function() return answer(200, "[]") end },
  { "202", function(key)
    return answer(202, { CallRouteId = key, TrunkIp1 = "1.2.3.4", TrunkEnabled1 = false })
  end, true },
  { "304", function() return answer(304) end },
  { "400", function() return answer(400, { StatusCode = 400, Message = "bad" }) end },
  { "401", function() return answer(401, { Message = "who" }) end },
  { "403", function() return answer(403, { Message = "no" }) end },
  { "404", function() return answer(404, {}) end },
  { "407", function() return answer(407, "") end },
  { "409", function() return answer(409, {}) end },
  { "409 with a time", function() return answer(409, {}, { ["retry-after"] = "1" }) end },
  { "429", function() return answer(429, {}, { ["retry-after"] = "1" }) end },
  { "500", function() return answer(500, { StatusCode = 500 }) end },
  { "500, then success", function(key, n) return n % 2 == 1 and answer(500, "") or routes.good(key) end },
  { "503, then success", function(key, n)
    return n % 2 == 1 and answer(503, "", { ["retry-after"] = "1" }) or routes.good(key)
  end },
  { "429, then success", function(key, n)
    return n % 2 == 1 and answer(429, "{}", { ["retry-after"] = "1" }) or routes.good(key)
  end },
  { "nothing at all", function() return nil, "the connection broke" end },
  { "nothing at all, then success", function(key, n)
    if n % 2 == 1 then return nil, "the connection broke" end
    return routes.good(key)
  end },
}

describe("the usual update of an item", function()
  for _, case in ipairs(responses) do
    local name, respond, short = case[1], case[2], case[3]
    it("is the same as any other where the response shows " .. name, function()
      local taken = same(routes, { plainly(routes), plainly(routes), plainly(routes) }, respond)
      if short then assert.equal(3, taken) end
    end)
  end

  it("is the same with orders, whatever their word", function()
    for _, word in ipairs { "Complete", "complete", "Pending", "InProgress", "Failed", "Failed: no",
      "Rejected", "", "Strange" } do
      local taken = same(numbers, { plainly(numbers), plainly(numbers) }, function(key)
        return answer(200, { Number = key, VoiceEnabled = true, UpdateOrderStatus = word })
      end)
      if word == "Complete" then assert.equal(2, taken) end
    end
    same(numbers, { plainly(numbers) }, function(key)
      return answer(200, { Number = key, StatusCode = 200 })
    end)
  end)

  it("is the same in an envelope, with its receipt", function()
    assert.equal(2, same(convirza, { plainly(convirza), plainly(convirza) }, convirza.good))
    for _, body in ipairs { { code = 400, message = "no" }, { code = 200, message = "Success", data = {} },
      { code = 200, success = false, data = { provisioned_route_id = 1 } }, {} } do
      same(convirza, { plainly(convirza) }, function() return answer(200, body) end)
    end
  end)

  it("is the same for a record that is changed again, and for several in one body", function()
    local function again(record, say, made)
      for _, ip in ipairs { "1.2.3.4", "1.2.3.4", "5.6.7.8" } do
        record.TrunkIp1 = ip
        say(record:update())
      end
      record.TrunkIp1 = nil
      local other = made["CRID-77"]
      other.TrunkEnabled1 = false
      say(other:update())
      say(known(other))
      return true
    end
    same(routes, { again, again }, function(key, _, request)
      local fields = core.json.decode(request.body)
      fields.CallRouteId = key
      return answer(200, fields)
    end)
  end)

  it("is the same where a body makes nothing of a failure, or raises", function()
    local function quiet(record)
      routes.assign(record)
      record:update()
    end
    local function raising(record)
      routes.assign(record)
      assert(record:update())
      error("stop here", 0)
    end
    local function handled(record)
      routes.assign(record)
      record:update()
      return true
    end
    for _, respond in ipairs { routes.good, shows { success = false } } do
      same(routes, { quiet, raising, handled, plainly(routes) }, respond)
    end
  end)

  it("is the same with nothing assigned, a list, and a secret's mask", function()
    local function nothing(record, say)
      say(record:update())
      return true
    end
    local function list(record, say)
      record.IpWhitelist = { "192.0.2.1" }
      local ok, err = pcall(record.update, record)
      say(ok, err)
      return true
    end
    same(routes, { nothing, list }, routes.good)
  end)

  it("is the same where items wait for each other's record", function()
    local function change(record, say, made)
      local shared = made["CRID-50"]
      routes.assign(shared)
      say(shared:update())
      routes.assign(record)
      say(record:update())
      return true
    end
    same(routes, { change, change, change, change }, routes.good, { concurrency = 4 })
  end)

  it("leaves a turn that was raised in to others", function()
    local function broken(record, say)
      routes.assign(record)
      say(pcall(record.update, record))
      return true
    end
    same(routes, { broken, plainly(routes), broken, plainly(routes) }, function(key, n)
      if n == 1 then error("the transport broke", 0) end
      return routes.good(key)
    end)
  end)
end)
