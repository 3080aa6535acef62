-- The pace of a client, in virtual time: many bodies at once, whose requests take some time and reach the
-- vendor at some moment within it.

local pace = require "patchbay.exchange.pace"
local patchbay = require "patchbay"
local rates = require "patchbay.exchange.rate"
local support = require "spec.support.telegent_client"

-- Shows a field of voice routes, and one of numbers.
local SHOWN = '{"CallRouteStatus":"Active","NumberType":"Mobile"}'

local SEED = tonumber(os.getenv "PB_SEED") or os.time()

-- A random number from 0 to below 1, the same ones for a seed on every Lua.
local function generator(seed)
  local state = seed % 2147483647 + 1
  return function()
    state = state * 16807 % 2147483647
    return state / 2147483647
  end
end

-- Bodies as coroutines, and a clock that advances when all of them sleep.
local function world()
  local self = { time = 1000, sleeping = {} }
  function self.clock() return self.time end
  function self.sleep(_, seconds)
    assert(seconds > 0 and seconds < 1e6, seconds)
    self.sleeping[#self.sleeping + 1] = { at = self.time + seconds, co = coroutine.running() }
    coroutine.yield()
  end
  function self.start(body)
    local co = coroutine.create(body)
    assert(coroutine.resume(co))
  end
  function self.run()
    while self.sleeping[1] do
      local first = 1
      for i, sleeper in ipairs(self.sleeping) do
        if sleeper.at < self.sleeping[first].at then first = i end
      end
      local sleeper = table.remove(self.sleeping, first)
      self.time = sleeper.at
      assert(coroutine.resume(sleeper.co))
    end
  end
  return self
end

-- `bodies` bodies send `requests` requests each. A request takes `latency()` seconds and arrives within them.
-- Returns the times of their arrivals, in order, and of their starts.
local function arrivals(self, limit, bodies, requests, latency, random, answered)
  local list, begun = {}, {}
  for _ = 1, bodies do
    self.start(function()
      for _ = 1, requests do
        local ticket = limit:wait(math.huge)
        local start, seconds = self.time, latency()
        begun[#begun + 1] = start
        list[#list + 1] = start + seconds * random()
        if seconds > 0 then self:sleep(seconds) end
        limit:finished(ticket)
        if answered then answered() end
      end
    end)
  end
  self.run()
  table.sort(list)
  return list, begun
end

-- The largest number of arrivals within any `window` seconds.
local function most_within(list, window)
  local most, first = 0, 1
  for last = 1, #list do
    while list[last] - list[first] >= window do first = first + 1 end
    most = math.max(most, last - first + 1)
  end
  return most
end

describe("a rate", function()
  for rate, expected in pairs { ["60/min"] = { 60, 60 }, ["50/s"] = { 50, 1 }, ["7/s"] = { 7, 1 },
    ["1000/h"] = { 1000, 3600 }, ["0.5/s"] = { 1, 2 } } do
    it("of " .. rate .. " is exceeded in no window, however long the requests take", function()
      local random = generator(SEED)
      for _, kind in ipairs { "none", "short", "uneven" } do
        local self = world()
        local limit = pace.new(self, rates.parse(rate))
        local list = arrivals(self, limit, 16, 20, function()
          if kind == "none" then return 0 end
          if kind == "short" then return 0.05 * random() end
          return random() < 0.1 and 3 * random() or 0.2 * random()
        end, random)
        local message = ("seed %d, %s"):format(SEED, kind)
        assert.equal(320, #list, message)
        assert.is_true(most_within(list, expected[2]) <= expected[1], message)
      end
    end)

    it("of " .. rate .. " is nearly reached", function()
      local self = world()
      local limit = pace.new(self, rates.parse(rate))
      local list = arrivals(self, limit, 4, 50, function() return 0 end, generator(1))
      local seconds = 199 * expected[2] / expected[1]
      assert.is_true(list[200] - list[1] >= seconds and list[200] - list[1] <= seconds * 1.03)
    end)
  end

  it("of requests is kept evenly", function()
    local self = world()
    local _, begun = arrivals(self, pace.new(self, rates.parse "60/min"), 8, 5, function() return 0.1 end,
      generator(1))
    for i = 2, #begun do assert.is_true(math.abs(begun[i] - begun[i - 1] - 1.02) < 1e-6) end
  end)

  it("of requests is kept evenly, and no slot is lost, while some callers give up their slots", function()
    local random = generator(SEED)
    for _ = 1, 20 do
      local self = world()
      -- A host whose requests may end unseen, as nginx is.
      function self.place()
        local place, sleeper = {}, nil
        function place.sleep(_, seconds) self:sleep(seconds) end
        function place.is_vacant()
          for _, other in ipairs(self.sleeping) do
            if other == sleeper then return false end
          end
          return true
        end
        function place.stay() sleeper = self.sleeping[#self.sleeping] end
        self.last_place = place
        return place
      end
      local limit, begun, asked = pace.new(self, rates.parse "60/min"), {}, 0
      local function ask()
        asked = asked + 1
        self.last_place = nil
        self.start(function()
          local ticket = limit:wait(math.huge)
          begun[#begun + 1] = self.time
          limit:finished(ticket)
        end)
        if self.last_place then self.last_place.stay() end
      end
      for _ = 1, 20 do ask() end
      for _ = 1, 8 do
        table.remove(self.sleeping, 1 + math.floor(random() * #self.sleeping))
        asked = asked - 1
        if random() < 0.5 then ask() end
      end
      while asked < 20 do ask() end
      self.run()
      local message = "seed " .. SEED
      assert.equal(20, #begun, message)
      for i = 2, #begun do assert.is_true(math.abs(begun[i] - begun[i - 1] - 1.02) < 1e-6, message) end
    end
  end)

  it("that is not given delays nothing", function()
    local self = world()
    arrivals(self, pace.new(self), 16, 100, function() return 0 end, generator(1))
    assert.equal(1000, self.time)
  end)

  it("is not disturbed by requests whose end is never reported", function()
    local self = world()
    local limit = pace.new(self, rates.parse "5/s")
    for _ = 1, 5 do
      self.start(function() limit:wait(math.huge) end) -- and an error ended it
    end
    local list = arrivals(self, limit, 2, 5, function() return 0.1 end, generator(1))
    assert.equal(10, #list)
    assert.is_true(self.time < 1000 + 70)
  end)

  it("believes a script's sleep that takes no time", function()
    local host = { clock = function() return 5 end, sleep = function() end }
    local limit = pace.new(host, rates.parse "60/min")
    for _ = 1, 200 do limit:finished(limit:wait(math.huge)) end
  end)
end)

describe("after a 429", function()
  local self, limit

  before_each(function() self = world() end)

  -- When the next `count` requests of as many bodies go out, in seconds from now.
  local function next_ones(count)
    local now = self.time
    local _, begun = arrivals(self, limit, count, 1, function() return 0 end, generator(1))
    for i = 1, #begun do begun[i] = begun[i] - now end
    return begun
  end

  it("the whole client pauses, those that have their turn already too", function()
    limit = pace.new(self, rates.parse "1/s")
    local times = {}
    for i = 1, 5 do
      self.start(function()
        limit:finished(limit:wait(math.huge))
        times[i] = self.time - 1000
        if i == 2 then limit:slow_down(10) end
      end)
    end
    self.run()
    assert.equal(0, times[1])
    assert.is_true(math.abs(times[2] - 1.02) < 1e-6)
    for i = 3, 5 do
      assert.is_true(times[i] >= 11.02 - 1e-6)
      assert.is_true(i == 3 or times[i] - times[i - 1] >= 2.04 - 1e-6)
    end
    assert.is_true(times[5] < 16) -- the turns that were given up are not waited for
  end)

  it("it sends at half the speed, and slower for each further one, down to a sixteenth", function()
    limit = pace.new(self, rates.parse "10/s")
    for _, factor in ipairs { 2, 4, 8, 16, 16 } do
      limit:slow_down(2)
      local times = next_ones(3)
      assert.is_true(times[1] >= 2 - 1e-6)
      assert.is_true(math.abs(times[3] - times[2] - 0.102 * factor) < 1e-6)
    end
  end)

  it("several reported together count once", function()
    limit = pace.new(self, rates.parse "10/s")
    for _ = 1, 16 do limit:slow_down(2) end
    local times = next_ones(3)
    assert.is_true(math.abs(times[3] - times[2] - 0.204) < 1e-6)
  end)

  it("it recovers to the rate", function()
    limit = pace.new(self, rates.parse "10/s")
    limit:slow_down(1)
    arrivals(self, limit, 4, 20, function() return 0 end, generator(1), function() limit:speed_up() end)
    local times = next_ones(3)
    assert.is_true(math.abs(times[3] - times[2] - 0.102) < 1e-6)
  end)

  it("one without a rate takes half the speed it had, and forgets it in time", function()
    limit = pace.new(self)
    arrivals(self, limit, 10, 100, function() return 0.5 end, generator(1)) -- 20 a second
    limit:slow_down(1)
    local times = next_ones(4)
    local apart = times[4] - times[3]
    assert.is_true(apart > 0.08 and apart < 0.12, apart)
    arrivals(self, limit, 10, 50, function() return 0 end, generator(1), function() limit:speed_up() end)
    assert.equal(0, next_ones(100)[100])
  end)

  it("one that has sent nothing, and is told by others, begins with one request in two seconds", function()
    limit = pace.new(self)
    limit:slow_down(1, 1)
    local times = next_ones(3)
    assert.is_true(math.abs(times[1] - 1) < 1e-6 and math.abs(times[3] - times[2] - 2) < 1e-6)
  end)

  it("with a pause above a minute nothing goes out until it is over, and calls return at once", function()
    local client, seen = support.scripted({ { 429, "", { ["Retry-After"] = "300" } }, { 200, SHOWN } })
    for _ = 1, 2 do support.update_route(client) end
    local _, err = support.update_route(client)
    assert.same({ "rate_limited", "not_sent", 300 }, { err.kind, err.outcome, err.retry_after })
    assert.equal("telegent voice_routes.update " .. support.CRID
      .. ": not sent: rate limited by the vendor; retry in 300 s", err.message)
    assert.same({ 1, {} }, { #seen, seen.slept })
    seen.time = seen.time + 300
    assert(support.update_route(client))
  end)

  it("an absurdly long pause ends after a day", function()
    local client, seen = support.scripted {
      { 429, "", { ["Retry-After"] = "999999999999" } }, { 200, SHOWN },
    }
    local _, err = support.update_route(client)
    assert.same({ "rate_limited", "refused", 1e9 }, { err.kind, err.outcome, err.retry_after })
    _, err = support.update_route(client)
    assert.same({ "rate_limited", "not_sent", 86400 }, { err.kind, err.outcome, err.retry_after })
    seen.time = seen.time + 86400
    assert(support.update_route(client))
  end)

  it("a pause of more than a day is waited out where max_retry_after says so", function()
    local client, seen = support.scripted({ { 429, "", { ["Retry-After"] = "100000" } }, { 200, SHOWN } },
      { max_retry_after = 200000 })
    assert(support.update_route(client))
    assert.is_true(seen.time >= support.NOON + 100000)
  end)

  it("calls within each wait out a pause of up to an hour, and return at once from a longer one", function()
    for asked, expected in pairs { ["3600"] = { 3, 0, 4 }, ["3601"] = { 0, 3, 1 } } do
      local client, seen = support.scripted({ { 429, "", { ["Retry-After"] = asked } }, { 200, SHOWN } })
      local report = patchbay.each({ 1, 2, 3 }, { concurrency = 1 }, function()
        return support.update_route(client)
      end)
      assert.same(expected, { report.done, report.failed, #seen })
      assert.equal(report.done == 3, seen.time >= support.NOON + 3600)
    end
  end)

  it("a login that a bulk run needs waits as long as its bodies do, and another call beside it does not",
    function()
      local answers = 0
      local transport = { time = support.NOON }
      function transport.sleep(_, seconds) transport.time = transport.time + seconds end
      function transport.now() return transport.time end
      function transport.send(_, request)
        answers = answers + 1
        if answers == 1 then return { status = 429, headers = { ["Retry-After"] = "3000" } } end
        local login = request.url:find "tokens"
        return { status = 200, body = login and '{"token":"t","successful":true}' or SHOWN }
      end
      local function client()
        answers = 0
        return patchbay.telegent { transport = transport, account_key = "DID-1", account_secret = "s" }
      end
      local _, err = support.update_route(client())
      assert.same({ "rate_limited", 1 }, { err.kind, answers })
      local within = client()
      assert.equal(2, patchbay.each({ 1, 2 }, function() return support.update_route(within) end).done)
      local report = patchbay.each({ 1 }, function()
        local beside = client()
        return coroutine.wrap(function() return support.update_route(beside) end)()
      end)
      assert.same({ 1, 1 }, { report.failed, answers })
    end)

  it("a pause is waited out as long as the option max_retry_after says, by all calls", function()
    for _, status in ipairs { 429, 503 } do
      local function run(asked, within)
        local client, seen = support.scripted(
          { { status, "", { ["Retry-After"] = asked } }, { 200, SHOWN } }, { max_retry_after = 100 })
        local updated
        if within then
          patchbay.each({ 1 }, function() updated = support.update_route(client) end)
        else
          updated = support.update_route(client)
        end
        return updated ~= nil, seen.time - support.NOON >= 100
      end
      for _, within in ipairs { false, true } do
        assert.same({ true, true }, { run("100", within) })
        assert.same({ false, false }, { run("101", within) })
      end
    end
  end)

  it("a pause of our own choice is waited out, whatever max_retry_after says", function()
    local client = support.scripted({ { 429 }, { 429 }, { 429 }, { 200, SHOWN } },
      { max_retry_after = 0.001, retries = 5 })
    assert(support.update_route(client))
  end)

  it("it lets a call go on as if nothing had been, once the longest pause it was told is over", function()
    local client, seen = support.scripted({ { 429, "", { ["Retry-After"] = "300" } }, { 200, SHOWN } },
      { retries = 0 })
    support.update_route(client)
    seen.time = seen.time + 241
    assert(support.update_route(client))
    assert.is_true(seen.time >= support.NOON + 300)
  end)
end)

describe("a vendor that fails all the time", function()
  it("gets at most one retry per two successes, plus the budget of a client", function()
    local client, seen = support.scripted({ { 503 } }, { retries = 5 })
    local report = patchbay.each(function() return #seen < 2000 and {} or nil end, { concurrency = 10 },
      function() return support.update_route(client) end)
    assert.is_true(#seen <= report.failed + 100)
  end)

  it("at times gets no more than that either", function()
    local random = generator(SEED)
    local client, seen = support.scripted({ function()
      return random() < 0.7 and { 503 } or { 200, SHOWN }
    end }, { retries = 10 })
    local report = patchbay.each(function() return #seen < 5000 and {} or nil end, function()
      return support.update_route(client)
    end)
    local calls = report.done + report.failed
    assert.is_true(#seen <= 1.5 * calls + 100, ("seed %d: %d for %d"):format(SEED, #seen, calls))
    assert.equal(#seen - calls, report.retries)
  end)
end)
