-- The workers of one nginx share tokens and the pace in a dictionary.

local core = require "patchbay.core"
local nginx_host = require "spec.support.nginx_host"
local server = require "spec.support.server"
local vendor = require "spec.support.vendor"

if not nginx_host.available() then return pending(nginx_host.NEEDS) end

local UPDATE = "local ok, err = update() ngx.say(ok and 'done' or tostring(err))"
local SHARED = 'shared = "patchbay"'
-- With the number of the worker, so that it can be seen that both were asked.
local UPDATE_BY = "local ok, err = update() ngx.say(ok and 'done' or tostring(err), ' ', ngx.worker.id())"

describe("two workers of nginx with a shared dictionary #slow", function()
  local v, host

  local function start(options, vendor_options)
    v = vendor.start(vendor_options)
    options.vendor = v
    options.workers, options.listen = 2, "reuseport"
    options.client = options.client or SHARED
    host = nginx_host.start(options)
  end

  -- Requests until both workers have answered; so many to each connection's luck.
  local function ask_both(path)
    local seen, count = {}, 0
    host:wait_for(function()
      local worker = host:get_all(path, 4)
      for said, times in pairs(worker) do
        seen[said] = (seen[said] or 0) + times
        count = count + times
      end
      local workers = 0
      for said in pairs(seen) do workers = workers + (said:find "[01]$" and 1 or 0) end
      return workers >= 2
    end)
    return seen, count
  end

  after_each(server.stop_all)

  it("buy one token for 100 requests that find none, and one for 100 that meet an expired one", function()
    start { threads = 16, locations = { ["/update"] = UPDATE_BY } }
    local seen = host:get_all("/update", 100)
    assert.equal(100, (seen["done 0"] or 0) + (seen["done 1"] or 0))
    assert.truthy(seen["done 0"] and seen["done 1"])
    assert.equal(1, v:books().logins)
    v:expire()
    seen = host:get_all("/update", 100)
    assert.equal(100, (seen["done 0"] or 0) + (seen["done 1"] or 0))
    assert.equal(2, v:books().logins)
  end)

  it("count calls together, and each for itself without the dictionary", function()
    local METRICS = [[
      local sum, workers = 0, {}
      for _, series in ipairs(patchbay.metrics().calls) do
        if series.operation == "update" then
          sum = sum + series.count
          workers[#workers + 1] = tostring(series.worker)
        end
      end
      ngx.say(sum, " ", table.concat(workers, ","), " ", ngx.worker.id())
    ]]
    for client, expected in pairs { [SHARED .. ", metrics = true"] = "shared", ["metrics = true"] = "own" } do
      start { client = client, locations = { ["/update"] = UPDATE_BY, ["/metrics"] = METRICS } }
      local _, count = ask_both "/update"
      local seen, sum = ask_both "/metrics", 0
      for said in pairs(seen) do
        local number, worker, by = said:match "^(%d+) (%S*) (%d)$"
        if expected == "shared" then
          assert.same({ count, "nil" }, { tonumber(number), worker })
        else
          assert.equal(by, worker)
          sum = sum + tonumber(number)
        end
      end
      if expected == "own" then assert.equal(count, sum) end
      server.stop_all()
    end
  end)

  it("buy one each without the dictionary", function()
    start { client = "", locations = { ["/update"] = UPDATE_BY } }
    ask_both "/update"
    assert.equal(2, v:books().logins)
  end)

  it("keep the deadline when the vendor hangs while one of them logs in", function()
    start({ client = SHARED .. ", deadline = 1", threads = 16, locations = { ["/update"] = [[
      local begun = require("patchbay.core").system.clock()
      local _, err = update()
      local late = require("patchbay.core").system.clock() - begun > 8
      ngx.say(err.kind, " ", err.outcome, " ", late and "too late" or "in time", " ", ngx.worker.id())
    ]] } }, { login = 25 })
    local seen = host:get_all("/update", 40)
    assert.equal(40, (seen["timeout not_sent in time 0"] or 0) + (seen["timeout not_sent in time 1"] or 0))
    assert.truthy(seen["timeout not_sent in time 0"] and seen["timeout not_sent in time 1"])
  end)

  it("do not share with another account", function()
    start { init = 'other = new_client { shared = "patchbay", account_key = "DID-2" }', locations = {
      ["/update"] = UPDATE, ["/other"] = "client = other " .. UPDATE } }
    assert.equal("done", (host:get "/update"))
    assert.equal("done", (host:get "/other"))
    assert.equal(2, v:books().logins)
  end)

  it("keep the vendor's rate together", function()
    start { client = SHARED .. ', rate = "10/s", token = "token-1"',
      locations = { ["/update"] = UPDATE_BY } }
    local seen = host:get_all("/update", 25)
    assert.truthy(seen["done 0"] and seen["done 1"])
    assert.equal(25, seen["done 0"] + seen["done 1"])
    assert.truthy(v:most_within(0.99) <= 10, v:most_within(0.99))
  end)

  it("count requests in flight", function()
    start({ client = SHARED .. ', rate = "4/s", token = "token-1"', locations = { ["/update"] = UPDATE_BY } },
      { work = 1.2 })
    host:get_all("/update", 8)
    assert.truthy(v:books().most <= 4, v:books().most)
  end)

  it("keep no place in it for calls that found theirs too late", function()
    start { client = SHARED .. ', rate = "2/s", deadline = 1, retries = 0, token = "token-1"',
      locations = { ["/update"] = UPDATE } }
    local seen, late = host:get_all("/update", 60), 0
    for said, times in pairs(seen) do
      if said:find "its turn comes after the deadline" then late = late + times end
    end
    -- On a busy machine they come over many seconds, and more have their turn.
    assert.truthy(late >= 15, late)
    -- Their places would take half a second each.
    local begun = core.system.clock()
    host:wait_for(function() return host:get "/update" == "done" end)
    assert.truthy(core.system.clock() - begun < 0.4 * late)
  end)

  it("both stay away when the vendor has told one of them to", function()
    start({ client = SHARED .. ', retries = 0, token = "token-1"',
      locations = { ["/update"] = UPDATE_BY } },
      { fault = "if n == 1 then return refuse(429, 3600) end" })
    local first = host:get "/update"
    assert.truthy(first:find "rate limited", first)
    for said in pairs((ask_both "/update")) do
      assert.truthy(said:find "rate limited by the vendor; retry in 3[56]%d%d s", said)
    end
    assert.equal(1, v:books().requests)
  end)

  it("go on together after a shorter pause", function()
    start({ client = SHARED .. ', retries = 0, token = "token-1"',
      locations = { ["/update"] = UPDATE_BY } },
      { fault = "if n == 20 then return refuse(429, 1) end" })
    host:get_all("/update", 19)
    assert.truthy(host:get("/update"):find "rate limited")
    ask_both "/update"
    local arrivals = v:books().arrivals
    assert.truthy(arrivals[21] - arrivals[20] >= 0.95, arrivals[21] - arrivals[20])
  end)

  for _, rate in ipairs { "", ', rate = "50/s"' } do
    it("go on soon after it, also the one that had nothing to do before" .. rate, function()
      start({ client = SHARED .. rate .. ', retries = 0, token = "token-1"',
        locations = { ["/update"] = UPDATE_BY } },
        { fault = "if n == 20 then return refuse(429, 1) end" })
      for _ = 1, 19 do host:get "/update" end -- over one connection, and so in one worker
      assert.truthy(host:get("/update"):find "rate limited")
      local seen = host:get_all("/update", 16)
      assert.equal(16, (seen["done 0"] or 0) + (seen["done 1"] or 0))
    end)
  end

  it("go on when a worker dies while it buys a token", function()
    start({ client = SHARED, locations = { ["/update"] = UPDATE_BY, ["/die"] = [[
      local ffi = require "ffi"
      ffi.cdef "int kill(int pid, int signal);"
      ngx.timer.at(0, function() update() end)
      ngx.sleep(0.05)
      ffi.C.kill(ngx.worker.pid(), 9)
    ]] } }, { login = 0.3 })
    host:get "/die"
    local seen = host:get_all("/update", 10)
    assert.equal(10, (seen["done 0"] or 0) + (seen["done 1"] or 0))
  end)

  it("forget what a request that was given up has reserved", function()
    start({ client = SHARED .. ', rate = "1/s", timeout = 1, token = "token-1"',
      locations = { ["/update"] = UPDATE_BY },
      conf = "location = /gone { lua_check_client_abort on; content_by_lua_block { update(2) } }" },
      { work = 0.2 })
    local gone = host:begin "/gone"
    host:wait_for(function() return v:books().requests == 1 end)
    gone:cancel()
    local begun = core.system.clock()
    assert.truthy(host:get("/update"):find "^done")
    local seconds = core.system.clock() - begun
    assert.truthy(seconds < 15, seconds)
  end)

  it("leave the turn that one of these waited for to the next one", function()
    start { client = SHARED .. ', rate = "120/min", token = "token-1"', locations = { ["/update"] = UPDATE,
      ["/counts"] = "local c = ngx.shared.counts ngx.say(c:get 'came' or 0, ' ', c:get 'left' or 0)" },
      conf = [[
        location = /gone { lua_check_client_abort on;
          content_by_lua_block { ngx.shared.counts:incr("came", 1, 0) update(2) }
          log_by_lua_block { ngx.shared.counts:incr("left", 1, 0) } }
      ]] }
    local gone = {}
    for i = 1, 40 do gone[i] = host:begin "/gone" end
    host:wait_for(function() return host:get("/counts"):find "^40 " end)
    for i = 1, 40 do gone[i]:cancel() end
    host:wait_for(function() return host:get "/counts" == "40 40" end)
    -- The turns of the other worker may be the first twenty, ten seconds; all forty are twenty.
    local begun = core.system.clock()
    assert.equal("done", (host:get "/update"))
    local seconds = core.system.clock() - begun
    assert.truthy(seconds < 17, seconds)
  end)

  it("are told what the dictionary lacks", function()
    start { init = [[
      local given = { shared = "patchbay", tokens = { access_token = "x" } }
      nameless_said = select(2, pcall(patchbay.convirza, given))
      said = select(2, pcall(new_client, { shared = "nothing" }))
    ]], locations = { ["/said"] = "ngx.say(said)", ["/nameless"] = "ngx.say(nameless_said)" } }
    assert.truthy(host:get("/said"):find('telegent: option shared: nginx has no shared dictionary "nothing"; '
      .. 'write "lua_shared_dict nothing 1m;" into the http { } of nginx.conf', 1, true))
    assert.truthy(host:get("/nameless"):find("convirza: option shared: without credentials nothing tells "
      .. "which account it is for", 1, true))
  end)

  it("are kept in no file, which would hold up other requests", function()
    start { init = [[said = select(2, pcall(new_client, { token_cache = "/tmp/tokens" }))]],
      locations = { ["/said"] = "ngx.say(said)" } }
    assert.truthy(host:get("/said"):find("telegent: option token_cache: reading a file would hold up other "
      .. "requests; the workers share tokens with the option shared", 1, true))
  end)

  it("keep no credential in it but the token", function()
    start { locations = { ["/update"] = UPDATE, ["/dict"] = [[
      local dict = ngx.shared.patchbay
      for _, key in ipairs(dict:get_keys(0)) do ngx.say(key, " = ", tostring(dict:get(key))) end
    ]] } }
    host:get "/update"
    local kept = host:get "/dict"
    assert.truthy(kept:find("token-1", 1, true), kept)
    assert.falsy(kept:find("very-secret", 1, true))
    assert.falsy(host:log():find("token-1", 1, true))
  end)
end)
