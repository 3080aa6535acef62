-- Bulk runs against a real server that does everything a vendor does in a bad hour. What the report says
-- is held against the server's own books.
--
-- PB_UPDATES: how many updates (2,000); PB_SEED: where chance begins.

local clock = require("patchbay.core").system.clock
local patchbay = require "patchbay"
local server = require "spec.support.server"
local vendor = require "spec.support.vendor"

local each = patchbay.each
local UPDATES = tonumber(os.getenv "PB_UPDATES") or 2000
local RATE = 400 -- low enough to be what holds the run up between the bad moments

local function items(count)
  local i = 0
  return function()
    i = i + 1
    return i <= count and { key = "CRID-" .. i, name = "name " .. i } or nil
  end
end

local function updates(client)
  return function(item) return client.voice_routes:update(item.key, { RouteName = item.name }) end
end

-- How many items the server has with the right name, how often updates were applied, and how many were
-- applied more than once.
local function applied(books, count)
  local right, times, twice = 0, 0, 0
  for i = 1, count do
    local n = books.applied["CRID-" .. i] or 0
    if books.values["CRID-" .. i] == "name " .. i then right = right + 1 end
    if n > 1 then twice = twice + 1 end
    times = times + n
  end
  return right, times, twice
end

describe("a bulk run over HTTP", function()
  local v

  after_each(function()
    if v then v:stop() end
    v = nil
  end)
  teardown(server.stop_all)

  it("has exactly as many requests in flight as the concurrency allows", function()
    for _, concurrency in ipairs { 1, 8 } do
      if v then v:stop() end
      v = vendor.start { work = 0.005, gather = concurrency }
      local report = each(items(40), { concurrency = concurrency }, updates(v:client()))
      assert.same({ 40, 0 }, { report.done, report.failed })
      assert.equal(concurrency, v:books().most)
    end
  end)

  it("logs in once for a hundred bodies that meet an expired token, and tries each once more", function()
    v = vendor.start()
    local client = v:client { retries = 0 }
    assert(updates(client) { key = "CRID-1", name = "first" })
    for round = 1, 3 do
      v:expire()
      local report = each(items(100), { concurrency = 100 }, updates(client))
      assert.same({ 100, 0 }, { report.done, report.failed })
      local books = v:books()
      assert.equal(1 + round, books.logins)
      assert.is_true(books.refused <= 100 * round)
    end
    assert.equal(100, (applied(v:books(), 100)))
  end)

  it("sends no token that was found expired while a body waited for its turn #slow", function()
    v = vendor.start()
    -- Far enough apart that the first answer is there before the second request, also on a busy machine.
    local client = v:client { rate = 1 }
    assert(updates(client) { key = "CRID-1", name = "first" })
    v:expire()
    local report = each(items(3), { concurrency = 3 }, updates(client))
    assert.equal(3, report.done)
    local books = v:books()
    assert.same({ 2, 1 }, { books.logins, books.refused })
  end)

  it("logs in once where it has no token yet, and as often as tokens run out", function()
    v = vendor.start { token_uses = 50 }
    local report = each(items(200), { concurrency = 20 }, updates(v:client()))
    assert.equal(200, report.done)
    assert.equal(4, v:books().logins)
  end)

  it("serves clients of several pools in one body, and clients made in bodies", function()
    v = vendor.start { work = 0.002 }
    local w = vendor.start { work = 0.001 }
    local one, other = updates(v:client()), updates(w:client())
    local report = each(items(60), { concurrency = 12 }, function(item)
      assert(one(item))
      assert(other(item))
      if item.key:find "5$" then
        assert(updates(w:client())(item))
        collectgarbage()
      end
    end)
    assert.equal(60, report.done, tostring(report))
    assert.equal(60, (applied(v:books(), 60)))
    assert.same({ 60, 66, 6 }, { applied(w:books(), 60) })
    w:stop()
  end)

  it("lets a coroutine of the script's own wait within a body, while the others go on", function()
    v = vendor.start { work = 0.002 }
    local update = updates(v:client())
    local report = each(items(40), { concurrency = 8 }, function(item)
      if item.key:find "3$" then
        return coroutine.wrap(function() return update(item) end)()
      end
      return update(item)
    end)
    assert.same({ 40, 0 }, { report.done, report.failed })
    assert.same({ 40, 40, 0 }, { applied(v:books(), 40) })
  end)

  it("does not let answers run out of time while other bodies compute #slow", function()
    v = vendor.start()
    -- The answer comes at once; the others compute for longer than it is waited for.
    local client = v:client { timeout = 4, retries = 0 }
    assert(updates(client) { key = "CRID-0", name = "logs in" })
    local till = clock() + 6
    local report = each(function()
      return clock() < till and { key = "CRID-1", name = "name 1" } or nil
    end, { concurrency = 2 }, function(item)
      if not client then return end
      local update = updates(client)
      client = nil
      return update(item)
    end)
    assert.equal(0, report.failed, tostring(report))
  end)

  it("breaks off without harm to the next one", function()
    v = vendor.start { work = 0.005 }
    local client = v:client()
    local n = 0
    local report = each(function()
      n = n + 1
      return n < 2 and { key = "CRID-" .. n, name = "name " .. n } or error("broken off", 0)
    end, updates(client))
    assert.same({ 1, "broken off" }, { report.done, report.incomplete.message })
    assert.equal(1, (applied(v:books(), 1)))
    assert.equal(20, each(items(20), updates(client)).done)
  end)

  it("applies every item, loses none and keeps the rate, whatever the vendor does #slow", function()
    local seed = tonumber(os.getenv "PB_SEED") or os.time()
    v = vendor.start { token_uses = 700, work = 0.002, fault = ([[
      if n == 1 then math.randomseed(%d) end
      if n %% 1000 == 400 then return refuse(429, n %% 2000 < 1000 and "1" or ngx.http_time(now + 1)) end
      if n %% 900 > 600 and n %% 900 < 640 then return refuse(503) end
      local kinds = { "before", "middle", "after" }
      if n %% 10 == 3 then return drop(kinds[math.random(3)]) end
    ]]):format(seed) }
    local report = each(items(UPDATES), { concurrency = 32 },
      updates(v:client { retries = 10, rate = RATE, timeout = 60 }))
    local books = v:books()
    local text = ("seed %d\n%s"):format(seed, tostring(report))
    local right, times = applied(books, UPDATES)
    assert.same({ UPDATES, 0, UPDATES }, { report.done, report.failed, right }, text)
    -- Each try is one request: the first ones, further ones, those with a refused token, the logins.
    assert.equal(books.requests, UPDATES + report.retries + books.refused + books.logins, text)
    assert.is_true(times >= UPDATES and times < UPDATES * 1.2, text)
    local most = v:most_within(1, books)
    assert.is_true(most <= RATE and report.waited > 0, text .. "\n" .. most)
    assert.is_true(books.logins <= math.ceil(books.requests / 600) + 1, text .. "\n" .. books.logins)
    if os.getenv "PB_UPDATES" then print(text) end
  end)
end)
