-- Tokens and leases in a store: a real Redis, and clients of it in this process.

local addresses = require "patchbay.shared.address"
local core = require "patchbay.core"
local hosts = require "patchbay.hosts"
local orders = require "patchbay.shared.order"
local redis = require "spec.support.redis"
local scripts = require "patchbay.shared.scripts"
local stores = require "patchbay.shared.store"
local tokens = require "patchbay.shared.tokens"

local clock = core.system.clock
local host = setmetatable({}, { __index = hosts.time })
local PREFIX = scripts.prefix "test"

describe("in a store", function()
  local server, report

  -- A busy machine may keep the store from answering for longer than a machine waits.
  local SECONDS = stores.COMMAND

  setup(function()
    report = hosts.report
    stores.COMMAND = 20
  end)

  before_each(function()
    server = redis.shared()
    hosts.report = function() end
  end)

  after_each(function() hosts.report = report end)
  teardown(function()
    stores.COMMAND = SECONDS
    redis.stop_all()
  end)

  local function open()
    return assert(stores.new(addresses.parse(server.url), "test", "so"))
  end

  local function new_tokens(identity, longest)
    return tokens.new(open(), PREFIX, identity or "one", host, longest or 1)
  end

  local function write(of, text, seconds)
    return of:alone("https://a.example", function() return of:put("https://a.example", text, seconds) end)
  end

  it("a token is what the last machine has stored, with its age and rest by the store's clock", function()
    local one, other = new_tokens(), new_tokens()
    assert.is_true(write(one, "first", 100))
    local text, left, age = other:get "https://a.example"
    assert.equal("first", text)
    assert.is_true(left > 90 and left <= 100 and age >= 0 and age < 10)
    assert.is_true(write(other, "second"))
    assert.equal("second", (one:get "https://a.example"))
    assert.is_nil((one:get "https://b.example"))
    assert.is_nil((new_tokens "other credentials":get "https://a.example"))
  end)

  it("an older fencing number never replaces a newer one", function()
    local late, other = new_tokens(), new_tokens()
    late.held = 0.05 -- it stands still for longer than it has the lock
    late:alone("https://a.example", function()
      core.system.sleep(0.1)
      assert.is_true(write(other, "newer"))
      assert.is_false(late:put("https://a.example", "older"))
    end)
    assert.equal("newer", (late:get "https://a.example"))
    server:command "FLUSHALL"
    assert.is_true(write(other, "after the loss"))
    assert.is_false(late:put("https://a.example", "older"))
  end)

  it("a login waits for another machine's, and takes over from one that has died", function()
    local dead, other = new_tokens(), new_tokens()
    dead.held = 1
    local begun, waited = clock(), nil
    local co = coroutine.create(function() dead:alone("https://a.example", coroutine.yield) end)
    coroutine.resume(co)
    local asked = clock()
    other:alone("https://a.example", function(seconds) waited = seconds end)
    assert.is_true(clock() - begun > 0.9 and waited > 0.9 - (asked - begun))
  end)

  it("a refused token is gone for all, unless it has been replaced", function()
    local one, other = new_tokens(), new_tokens()
    write(one, "refused")
    assert.equal("refused", (other:get "https://a.example"))
    write(one, "another")
    other:drop "https://a.example"
    assert.equal("another", (other:get "https://a.example"))
    other:drop "https://a.example"
    assert.is_nil((one:get "https://a.example"))
  end)

  it("tokens and leases go on while the store is full", function()
    local one = new_tokens()
    server:command "CONFIG SET maxmemory 1"
    assert.is_true(write(one, "kept"))
    assert.equal("kept", (one:get "https://a.example"))
    local order = orders.new(open(), PREFIX, host)
    assert.equal("table", type(order:enter("r", 1, 1, clock() + 5, function() end, true)))
    assert.is_nil(one.store.away_since)
  end)

  it("no key and no value shows the credentials", function()
    write(new_tokens "very-secret-password", "text")
    assert.is_nil(server:command("KEYS '*'"):find "very%-secret")
  end)

  local function enter(order, key, seconds, tell, is_first)
    return order:enter("routes", key, 1, clock() + (seconds or 60), tell or function() end, is_first)
  end

  it("a lease lets one machine change a record at a time", function()
    local one, other, told = orders.new(open(), PREFIX, host), orders.new(open(), PREFIX, host), 0
    local lease = enter(one, "CRID-1")
    assert.is_false(enter(other, "crid-1", 0.8, function() told = told + 1 end))
    assert.equal(1, told)
    local elsewhere = enter(other, "CRID-2")
    other:leave(elsewhere)
    one:leave(lease)
    one.store:run(scripts.get, { PREFIX .. "x" }, {}) -- its reply comes behind that of leave()
    assert.equal("table", type(enter(other, "CRID-1")))
  end)

  it("a lease serves the calls of one change, and ends with the last of them", function()
    local one, other = orders.new(open(), PREFIX, host), orders.new(open(), PREFIX, host)
    local lease = enter(one, 1)
    assert.equal(lease, enter(one, 1))
    one:leave(lease)
    assert.is_false(enter(other, 1, 0.1))
    one:leave(lease)
    assert.equal("table", type(enter(other, 1)))
  end)

  it("a lease goes to those who wait in the order in which they came, but not to one that has died",
    function()
    local order = {}
    for i = 1, 4 do order[i] = orders.new(open(), PREFIX, host) end
    local lease = enter(order[1], 1)
    local function ask(i, caller)
      return order[i].store:run(scripts.lease, lease.keys, { caller, "5000" })
    end
    assert.equal(0, ask(2, "second"))
    assert.equal(0, ask(3, "third"))
    order[1]:leave(lease)
    order[1].store:run(scripts.get, { PREFIX .. "x" }, {})
    assert.equal(0, ask(3, "third"))
    core.system.sleep(3.2)
    assert.equal(1, ask(3, "third")) -- the second has given no sign for three seconds
  end)

  it("a lease that was lost is waited for again", function()
    local one, other = orders.new(open(), PREFIX, host), orders.new(open(), PREFIX, host)
    local lease = enter(one, 1)
    server:command("DEL " .. ("'%s'"):format(lease.keys[1]))
    local taken = enter(other, 1)
    lease.held_until = 0
    assert.is_false(one:renew(lease, 1))
    assert.is_false(one:wait(lease, 1, clock() + 0.1, function() end))
    other:leave(taken)
    other.store:run(scripts.get, { PREFIX .. "x" }, {})
    assert.is_true(one:wait(lease, 1, clock() + 10, function() end))
  end)

  it("nothing is waited for while the store is away", function()
    server:kill()
    local one, order = new_tokens(), orders.new(open(), PREFIX, host)
    assert.equal("done", (one:alone("x", function() return "done" end)))
    assert.is_nil((one:get "x"))
    assert.is_nil((enter(order, 1)))
  end)
end)
