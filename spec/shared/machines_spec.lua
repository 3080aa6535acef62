-- Several machines share an account through a real Redis: each is a process of its own.

local haproxy = require "spec.support.haproxy"
local machines = require "spec.support.machines"
local nginx_host = require "spec.support.nginx_host"
local redis = require "spec.support.redis"
local server = require "spec.support.server"
local system = require "spec.support.system"
local vendor = require "spec.support.vendor"
local wait = require "spec.support.wait"

local RATE, WINDOW = 10, 1
local MACHINES = 3

-- Updates until `until_file` is there, or `count` of them.
local SCRIPT = [[
  local base_url, shared, rate, count, more = ...
  local patchbay = require "patchbay"
  require("patchbay.shared.store").COMMAND = 20 -- a busy machine may keep the store from answering
  local options = { base_url = base_url, account_key = "DID-1", account_secret = "s", shared = shared,
    rate = rate }
  for name, value in (more or ""):gmatch "([%w_]+)=(%S+)" do options[name] = tonumber(value) or value end
  if options.shared_required then options.shared_required = true end
  if options.share_tokens then options.share_tokens = false end
  local client = patchbay.telegent(options)
  local failed = 0
  for i = 1, tonumber(count) do
    local ok, err = client.voice_routes:update("CRID-" .. i, { RouteName = "name " .. i })
    if not ok then
      failed = failed + 1
      io.stderr:write(tostring(err), "\n")
    elseif i == 1 then
      io.stderr:write "begun\n"
    end
  end
  print("failed " .. failed)
]]

describe("machines that share a store #slow", function()
  local store, v

  local it_on_one = redis.on_one_lua(it)

  before_each(function()
    store, v = redis.start(), vendor.start()
  end)

  after_each(function()
    machines.stop_all()
    haproxy.stop_all()
    redis.stop_all()
    server.stop_all()
  end)

  local function start(count, more)
    local list = {}
    for i = 1, MACHINES do
      list[i] = machines.start(SCRIPT, v.server:url "", store.url, ("%d/s"):format(RATE), count, more or "")
    end
    return list
  end

  local function finish(list)
    for _, machine in ipairs(list) do
      local said = machine:finish()
      assert.truthy(said:find("failed 0", 1, true), said)
    end
  end

  -- The clock of the vendor counts milliseconds, and stands still while it works.
  local function check_rate(books)
    local most = v:most_within(WINDOW - 0.005, books)
    assert.is_true(most <= RATE, most .. " requests in a window")
    return most
  end

  it("send no more in any window than one may, and log in once", function()
    finish(start(15))
    local books = v:books()
    assert.equal(46, books.requests)
    assert.equal(1, books.logins)
    check_rate(books)
  end)

  it_on_one("may be a Lua, an nginx with four workers and a HAProxy", function()
    if not nginx_host.available() or not haproxy.lua() then return pending "needs LuaJIT and HAProxy" end
    local options = ('shared = "%s", rate = "%d/s"'):format(store.url, RATE)
    local host = nginx_host.start { vendor = v, workers = 4, listen = "reuseport", client = options,
      locations = { ["/update"] = "local ok, err = update() ngx.say(ok and 'done' or tostring(err))" } }
    local proxy = haproxy.start { lua = ([[
      client = patchbay.telegent { base_url = "%s", account_key = "DID-1", account_secret = "very-secret",
        %s }
    ]]):format(v.server:url "", options) }
    local machine = machines.start(SCRIPT, v.server:url "", store.url, ("%d/s"):format(RATE), 10,
      "account_secret=very-secret")
    local results = proxy:run_all(5, [[
      local ok, err = client.voice_routes:update("CRID-$i", { RouteName = "x" })
      return ok and "done" or err]])
    assert.same({ done = 20 }, host:get_all("/update", 20))
    for _, said in ipairs(results()) do assert.equal("done", said) end
    finish { machine }
    local books = v:books()
    assert.equal(36, books.requests)
    assert.equal(1, books.logins)
    check_rate(books)
  end)

  it_on_one("keep to it though their clocks differ by minutes", function()
    if system.line "command -v faketime" == "" then return pending "needs faketime" end
    local list = {}
    for i, offset in ipairs { "-7m", "+0", "+12m" } do
      machines.before = ("FAKETIME_DONT_FAKE_MONOTONIC=1 faketime -f %s"):format(offset)
      list[i] = machines.start(SCRIPT, v.server:url "", store.url, ("%d/s"):format(RATE), 12)
    end
    machines.before = nil
    finish(list)
    local books = v:books()
    assert.equal(37, books.requests)
    assert.equal(1, books.logins)
    check_rate(books)
  end)

  it("change a record one after the other, say that they wait, and wait no longer for one that was killed",
    function()
    v:stop()
    v = vendor.start { work = 0.3 }
    local script = [[
      local base_url, shared, timeout, gate = ...
      local patchbay = require "patchbay"
      require("patchbay.shared.store").COMMAND = 20
      local client = patchbay.telegent { base_url = base_url, account_key = "DID-1", account_secret = "s",
        shared = shared, timeout = tonumber(timeout), retries = 0, log = io.stderr }
      io.stderr:write "is there\n"
      while gate and not io.open(gate) do patchbay.sleep(0.01) end
      for i = 1, 3 do assert(client.voice_routes:update("CRID-1", { RouteName = "x" })) end
      print "ended"
    ]]
    local list, gate = {}, os.tmpname()
    os.remove(gate)
    finally(function() os.remove(gate) end)
    for i = 1, MACHINES do list[i] = machines.start(script, v.server:url "", store.url, 30, gate) end
    for _, machine in ipairs(list) do machine:says "is there" end
    system.write(gate, "")
    local waited = 0
    for _, machine in ipairs(list) do
      local said = machine:finish()
      assert.truthy(said:find "ended\n$", said)
      if said:find("CRID-1: waits for a change of this record by another machine", 1,
        true) then waited = waited + 1 end
    end
    assert.is_true(waited >= 1)
    local books = v:books()
    assert.equal(9, books.applied["CRID-1"])
    assert.equal(1, books.most)
    -- One is killed while it has the lease; the others go on once that has run out.
    v:stop()
    v = vendor.start { work = 1 }
    local killed = machines.start(script, v.server:url "", store.url, 2)
    wait.until_true(function() return v:books().most == 1 end, "a change")
    killed:kill()
    local said = machines.start(script, v.server:url "", store.url, 30):finish()
    assert.truthy(said:find "ended\n$", said)
  end)

  it("go on alone, or not at all, where they must not go on without the store", function()
    local url = v.server:url ""
    store:kill()
    local said = machines.start(SCRIPT, url, store.url, "100/s", 1, "shared_required=true"):finish()
    assert.truthy(said:find("telegent login: not sent: the store that the machines share is away: "
      .. "Connection refused; call again once it is back, or leave out shared_required", 1, true), said)
    assert.equal(0, v:books().requests)
    said = machines.start(SCRIPT, url, store.url, "100/s", 3):finish()
    assert.truthy(said:find("failed 0", 1, true), said)
    assert.equal(4, v:books().requests)
  end)

  it_on_one("log in each for itself with share_tokens = false, and keep to the rate", function()
    finish(start(8, "share_tokens=false"))
    local books = v:books()
    assert.equal(MACHINES, books.logins)
    check_rate(books)
    assert.is_nil(store:command("KEYS '*'"):find "token")
  end)

  it_on_one("need no more of the store than its rules allow in the documentation", function()
    local command = assert(system.read("docs/machines.md"):match "\nredis%-cli (ACL SETUSER .-[^\\])\n")
    assert.equal("OK", store:command((command:gsub(">password", ">very-secret"))))
    store:command "ACL SETUSER default off"
    local url = store.url:gsub("redis://", "redis://patchbay:very-secret@")
    local machine = machines.start(SCRIPT, v.server:url "", url, ("%d/s"):format(RATE), 12)
    finish { machine }
    assert.is_nil(machine:output():find("away", 1, true), machine:output())
    local run = machines.start([[
      local shared = ...
      local patchbay = require "patchbay"
      print(patchbay.each({ "a", "b" }, { shared = shared, run = "x" }, function() return true end).done)
      local kept = patchbay.storage(shared, "x")
      local lock = assert(kept:lock())
      assert(kept:replace "a" and kept:append "b" and kept:read() == "ab" and lock:hold())
      lock:close()
    ]], url)
    local said = run:finish()
    assert.equal("2\n", said)
    said = machines.start(SCRIPT, v.server:url "", (url:gsub("very%-secret", "very-wrong")), "100/s",
      1):finish()
    assert.truthy(said:find("it refuses the user or the password", 1, true), said)
    assert.is_nil(said:find("very-wrong", 1, true))
  end)

  it_on_one("keep to the rate when the store is killed in the middle and comes back empty", function()
    local list = start(30)
    for _, machine in ipairs(list) do machine:says "begun" end
    store:kill()
    for _, machine in ipairs(list) do machine:says "is away: [^\n]+ each machine goes on with its share" end
    store:restart()
    finish(list)
    local books = v:books()
    assert.equal(91, books.requests)
    assert.equal(1, books.logins)
    check_rate(books)
  end)
end)
