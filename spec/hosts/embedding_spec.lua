-- docs/embedding.md: the host that it shows is taken from the page as it stands, and driven.

local patchbay = require "patchbay"
local system = require "spec.support.system"

local CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb"

-- The vendor, the loop and the host of the page.
local function from_the_page()
  local block = system.read("docs/embedding.md"):match "\n```lua\n(local vendor.-)\n%-%- Three calls at once"
  local chunk = assert((loadstring or load)("local patchbay = ...\n" .. block .. "\nreturn vendor, loop, host")) -- luacheck: ignore
  return chunk(patchbay)
end

describe("a host written from docs/embedding.md", function()
  local vendor, loop, host, telegent

  local function client(options)
    local given = { transport = host, account_key = vendor.credentials.telegent.account_key,
      account_secret = vendor.credentials.telegent.account_secret }
    for name, value in pairs(options or {}) do given[name] = value end
    return patchbay.telegent(given)
  end

  before_each(function()
    vendor, loop, host = from_the_page()
    telegent = client()
  end)

  local function start(work)
    local co = coroutine.create(work)
    local good, problem = coroutine.resume(co)
    if not good then error(problem, 0) end
    return co
  end

  local function update(weight, with)
    local route = (with or telegent).voice_routes[CRID]
    route.Trunk1Weight = weight
    return route:update()
  end

  local function logins()
    local count = 0
    for _, call in ipairs(vendor:requests()) do
      if call.path:find "tokens" then count = count + 1 end
    end
    return count
  end

  it("gets what the page says", function()
    local seen = {}
    function loop.request(request, callback)
      for name, value in pairs(request) do seen[name] = type(value) end
      loop.after(0.5, function() callback(vendor:send(request)) end)
    end
    start(function() assert(update(1)) end)
    loop.run()
    assert.same({ method = "string", url = "string", headers = "table", body = "string", timeout = "number" },
      seen)
    local page = system.read "docs/embedding.md"
    for name in pairs(seen) do assert.truthy(page:find(name .. " =", 1, true), name) end
  end)

  it("has a hundred calls in flight at once, with one login for all that meet an expired token", function()
    start(function() assert(update(0)) end)
    loop.run()
    vendor:advance(1e6)
    local begun, done, most, under_way = loop.time, 0, 0, 0
    local request = loop.request
    function loop.request(what, callback)
      under_way = under_way + 1
      most = math.max(most, under_way)
      request(what, function(...)
        under_way = under_way - 1
        callback(...)
      end)
    end
    for i = 1, 100 do
      start(function()
        assert(update(i))
        done = done + 1
      end)
    end
    loop.run()
    assert.same({ 100, 2, 100 }, { done, logins(), most })
    -- A refusal, a login, an update: three answers of half a second, and no look further than it has to be.
    assert.is_true(loop.time - begun < 1.6, tostring(loop.time - begun))
  end)

  it("keeps the rate, and sleeps in its own way", function()
    telegent = client { rate = 10 }
    local done = 0
    for i = 1, 21 do
      start(function()
        assert(update(i))
        done = done + 1
      end)
    end
    loop.run()
    assert.equal(21, done)
    assert.is_true(loop.time > 2 and loop.time < 6, tostring(loop.time))
  end)

  it("tries again what fails, while other calls go on", function()
    vendor:fail { status = 503, times = 1, match = "/v1.0/voice/routes/update" }
    local order = {}
    for i = 1, 2 do
      start(function()
        assert(update(i))
        order[#order + 1] = i
      end)
    end
    loop.run()
    assert.same({ 2, 1 }, order)
  end)

  it("says what send has said of a failure", function()
    local errors = {}
    for i, fault in ipairs { "the line is cut", { kind = "timeout", message = "too slow" },
      { kind = "tls", message = "not trusted", sent = "no", retry = "never" } } do
      function loop.request(_, callback) loop.after(0.1, function() callback(nil, fault) end) end
      start(function() errors[i] = select(2, update(i, client { retries = 0, token = "t" })) end)
      loop.run()
    end
    local function facts(err)
      return { err.kind, err.outcome, err.message:match "^telegent [%w_.]+ [%w-]+: (.*)$" }
    end
    local unknown = "; whether the change was applied is not known"
    assert.same({ "network", "unknown", "the line is cut" .. unknown }, facts(errors[1]))
    assert.same({ "timeout", "unknown", "too slow" .. unknown }, facts(errors[2]))
    assert.same({ "tls", "not_sent", "not trusted" }, facts(errors[3]))
  end)

  it("passes the turn at a login on when its coroutine is given up", function()
    local request, first, lost = loop.request, true, nil
    function loop.request(what, callback)
      if first and what.url:find "tokens" then
        first, lost = false, callback -- never called back
        return
      end
      request(what, callback)
    end
    start(function() update(1) end)
    local done = {}
    start(function() done[2] = update(2) and loop.time end)
    loop.run()
    assert.truthy(lost)
    assert.truthy(done[2] and done[2] > 60 and done[2] < 63, tostring(done[2]))
  end)

  it("passes it on at once when its coroutine dies", function()
    local send = host.send
    function host.send()
      host.send = send
      host:sleep(0.2)
      error("the line broke", 0)
    end
    local done
    start(function() update(1) end)
    start(function() done = update(2) and loop.time end)
    assert.same({ false, "the line broke" }, { pcall(loop.run) })
    loop.run()
    assert.truthy(done and done < 1.5, tostring(done))
    assert.equal(1, logins())
  end)
end)
