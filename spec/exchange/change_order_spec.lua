-- Changes of one record go out one at a time, in the order of the calls, each with its retries.

local answered = require "spec.support.answered"
local patchbay = require "patchbay"

local each, sleep = patchbay.each, patchbay.sleep

-- A client of a vendor that works as long as `work(text)` says, and the texts in the order in which their
-- changes were over. `answers(text, attempt)`: a status, where it is none of a success.
local function vendor(work, answers)
  local order, attempts, in_flight = {}, {}, {}
  local client = patchbay.crazytel { api_key = "key-of-the-account", rate = 1e6, transport = function(request)
    local key, text = (request.url .. request.body):match "61291%d+", request.body:match ':"([^"]+)"}$'
    local seconds = work(text)
    assert(not in_flight[key], "two changes of one record at once")
    in_flight[key] = true
    attempts[text] = (attempts[text] or 0) + 1
    sleep(seconds)
    in_flight[key] = nil
    local status = answers and answers(text, attempts[text])
    if not status then order[#order + 1] = text end
    return { status = status or 200, body = "{}" }
  end }
  return client, order
end

local function set(client, key, text) return client.phone_numbers:update(key, { description = text }) end

local KEY = "61291230001"

describe("changes of one record", function()
  it("are sent in the order of the calls, whatever each takes", function()
    local client, order = vendor(function(text) return text == "first" and 0.05 or 0.001 end)
    local report = each({ "first", "second", "third" }, function(text) return set(client, KEY, text) end)
    assert.same({ 3, "first", "second", "third" }, { report.done, order[1], order[2], order[3] })
  end)

  it("are all sent, though memory is collected while they wait", function()
    local client, order = vendor(function() return 0.001 end)
    local report = each({ 1, 2, 3, 4, 5, 6, 7, 8 }, { concurrency = 8 }, function(n)
      collectgarbage()
      return set(client, KEY, "text " .. n)
    end)
    assert.same({ 8, 8 }, { report.done, #order })
  end)

  it("do not wait for the change that calls the hook they are made in", function()
    local client, calls = nil, 0
    local function hook(info)
      if info.status ~= 200 or not info.request.body:find "first" then return end
      calls = calls + 1
      assert.truthy(set(client, KEY, "second"))
      assert.truthy(set(client, KEY .. "9", "third"))
    end
    client = patchbay.crazytel { api_key = "key-of-the-account", rate = 1e6, on_response = hook,
      transport = function() return { status = 200, body = "{}" } end }
    local report = each({ 1, 2 }, { concurrency = 2 }, function() return set(client, KEY, "first") end)
    assert.same({ 2, 2 }, { report.done, calls })
  end)

  it("do not wait for one that raised, once the body that caught the error has ended", function()
    local calls = 0
    local client = patchbay.crazytel { api_key = "key-of-the-account", rate = 1e6,
      transport = function() return { status = 200, body = "{}" } end,
      on_request = function()
        calls = calls + 1
        if calls == 1 then error("interrupted!", 0) end
      end }
    local raised
    local report = each({ 1, 2, 3, 4 }, { concurrency = 2 }, function(n)
      local ok, problem = pcall(set, client, KEY, "text " .. n)
      if not ok then raised = problem end
      return true
    end)
    assert.same({ "interrupted!", 4, 4 }, { raised, report.done, calls })
  end)

  it("log in for themselves where the hook is called by the login", function()
    local client, calls = nil, 0
    local function hook(info)
      calls = calls + 1
      if calls == 1 then assert.truthy(client.voice_routes:update("CRID-2", { TrunkIp1 = "1.2.3.4" })) end
      assert.equal("telegent", info.vendor)
    end
    client = answered.telegent(function(request) return request.body end, { on_request = hook })
    local report = each({ "CRID-1" }, function(key)
      return client.voice_routes:update(key, { TrunkIp1 = "1.2.3.4" })
    end)
    assert.equal(1, report.done)
  end)

  it("wait for the retries of those before them", function()
    local client, order = vendor(function() return 0.001 end, function(text, attempt)
      return text == "first" and attempt < 3 and 503 or nil
    end)
    local report = each({ "first", "second" }, { key = function(text) return text end },
      function(text) return set(client, KEY, text) end)
    assert.same({ 2, "first", "second" }, { report.done, order[1], order[2] })
  end)

  it("are not sent when their deadline passes before it is their turn", function()
    local client, order = vendor(function(text) return text == "first" and 0.1 or 0.001 end)
    local report = each({ "first", "second", "third" }, function(text)
      local number = client.phone_numbers[KEY]
      number.description = text
      return number:update { deadline = text == "second" and 0.02 or nil }
    end)
    assert.same({ 2, 1, "first", "third" }, { report.done, report.failed, order[1], order[2] })
    local err = report.failures[1].err
    assert.same({ "timeout", "not_sent", 0 }, { err.kind, err.outcome, err.attempts })
    assert.truthy(err.message:find("the deadline of 0.02 s passed while waiting to send", 1, true))
  end)

  it("keep their order across two runs at once", function()
    local client, order = vendor(function(text) return text == "first" and 0.05 or 0.001 end)
    each({ 1, 2 }, { concurrency = 2 }, function(n)
      if n == 2 then sleep(0.005) end
      each({ n }, function() return set(client, KEY, n == 1 and "first" or "second") end)
    end)
    assert.same({ "first", "second" }, order)
  end)

  it("do not hold up those of other records, or of other clients", function()
    local client, order
    client, order = vendor(function(text)
      local looks = 0
      while text == "slow" and not order[1] and looks < 10000 do
        looks = looks + 1
        sleep(0.001)
      end
      return 0.001
    end)
    each({ "slow", "quick" }, function(text)
      return set(client, text == "slow" and KEY or "61291230002", text)
    end)
    assert.same({ "quick", "slow" }, order)
  end)

  it("go on where a body raises in the middle of one", function()
    local client, order
    client, order = vendor(function(text)
      if text == "first" then error "the transport breaks" end
      return 0
    end)
    local report = each({ "first", "second" }, function(text)
      return set(client, "6129123000" .. #text % 2, text)
    end)
    assert.same({ 1, 1, "second" }, { report.done, report.failed, order[1] })
    report = each({ "x1", "first", "x2" }, { concurrency = 3 }, function(text)
      if text == "first" then sleep(0.001) end
      return set(client, KEY, text)
    end)
    assert.same({ 2, 1 }, { report.done, report.failed })
  end)

  it("are not waited for outside of a run, nor after one that was broken off", function()
    local client = vendor(function() return 0 end)
    assert(set(client, KEY, "one"))
    pcall(each, { 1 }, { progress = function() error("no display", 0) end }, function()
      return set(client, KEY, "two")
    end)
    assert(set(client, KEY, "three"))
    assert.equal(1, each({ 1 }, function() return set(client, KEY, "four") end).done)
  end)
end)

describe("items of one name", function()
  it("run one after the other, in the order of the items", function()
    local running, seen = {}, {}
    local rows = {}
    for i = 1, 12 do rows[i] = { key = "n" .. i % 3, i = i } end
    each(rows, { concurrency = 6 }, function(row)
      assert(not running[row.key])
      running[row.key] = true
      sleep(row.i % 4 * 0.002)
      running[row.key] = nil
      seen[row.key] = seen[row.key] or {}
      table.insert(seen[row.key], row.i)
      if row.i == 5 then error "fails" end
    end)
    assert.same({ n1 = { 1, 4, 7, 10 }, n2 = { 2, 5, 8, 11 }, n0 = { 3, 6, 9, 12 } }, seen)
  end)
end)

describe("a 429 in a run", function()
  -- A vendor whose time passes by waiting alone, and that answers as `answer(n, time)` says.
  local function limited(answer, options)
    local time, count = 0, 0
    local given = { api_key = "key-of-the-account", rate = 1e6, transport = {
      send = function()
        count = count + 1
        local status, after = answer(count, time)
        return { status = status, body = "{}", headers = { ["Retry-After"] = after and tostring(after) } }
      end,
      sleep = function(_, seconds) time = time + seconds end,
      clock = function() return time end, now = function() return 1.8e9 + time end,
    } }
    for name, value in pairs(options or {}) do given[name] = value end
    return patchbay.crazytel(given), function() return count, time end
  end

  local function run(client, items)
    local list = {}
    for i = 1, items do list[i] = ("6129123%04d"):format(i) end
    return each(list, { concurrency = 1 }, function(key) return set(client, key, "x") end)
  end

  it("uses up no retries", function()
    local client, seen = limited(function(n) return n <= 5 and 429 or 200 end, { retries = 0 })
    local report = run(client, 3)
    assert.same({ 3, 0, 5 }, { report.done, report.failed, report.retries })
    assert.equal(8, (seen()))
  end)

  it("is waited out over the minute in which vendors count", function()
    local client = limited(function(_, time) return time < 60 and 429 or 200 end)
    assert.equal(1, run(client, 1).done)
  end)

  it("fails the items after ten pauses in a row without a success, as not sent", function()
    local client, seen = limited(function() return 429 end)
    local report = run(client, 50)
    assert.equal(50, report.failed)
    for _, failure in ipairs(report.failures) do
      assert.same({ "rate_limited", "not_sent" }, { failure.err.kind, failure.err.outcome })
    end
    local count, time = seen()
    assert.equal(11, count)
    assert.is_true(time < 600, time)
  end)

  it("is counted anew after a success", function()
    local client = limited(function(n) return n % 8 ~= 0 and 429 or 200 end)
    assert.equal(5, run(client, 5).done)
  end)

  it("fails the items when the pauses take longer than max_retry_after in all", function()
    local client, seen = limited(function() return 429, 40 end, { max_retry_after = 100 })
    local report = run(client, 3)
    assert.same({ 3, "rate_limited", "not_sent" },
      { report.failed, report.failures[1].err.kind, report.failures[1].err.outcome })
    assert.equal(3, (seen()))
  end)
end)
