-- The rate in a store, and each way in which the store can fail: a real Redis, and clients of it in this
-- process.

local addresses = require "patchbay.shared.address"
local core = require "patchbay.core"
local hosts = require "patchbay.hosts"
local paces = require "patchbay.shared.pace"
local redis = require "spec.support.redis"
local scripts = require "patchbay.shared.scripts"
local stores = require "patchbay.shared.store"
local wait = require "spec.support.wait"

local clock = core.system.clock
local host = setmetatable({}, { __index = hosts.time })

describe("a rate in a store #slow", function()
  local server, report, said

  -- For how long a machine waits for the store; only where that is the subject, for a busy machine may keep
  -- the store from answering, too.
  local SECONDS = stores.COMMAND

  setup(function() report = hosts.report end)

  before_each(function()
    stores.COMMAND = 20
    server = redis.shared()
    said = {}
    hosts.report = function(line) said[#said + 1] = line end
  end)

  after_each(function() hosts.report = report end)
  teardown(function()
    stores.COMMAND = SECONDS
    redis.stop_all()
  end)

  -- A machine: `per` requests in `window` seconds; `longest`: of a request.
  local function machine(per, window, longest, required)
    local store = assert(stores.new(addresses.parse(server.url), "test", "each goes on with its share"))
    return paces.new(store, scripts.prefix "test", host, per / window, window, longest or 1, required)
  end

  -- Sends `count` requests of each machine in turn, and returns the times of all.
  local function send(list, count, times)
    times = times or {}
    for _ = 1, count do
      for _, pace in ipairs(list) do
        local ticket, reason = pace:wait(math.huge)
        assert.truthy(ticket, reason)
        times[#times + 1] = clock()
        pace:finished(ticket)
      end
    end
    return times
  end

  local function most_within(times, window)
    table.sort(times)
    local most, first = 0, 1
    for last = 1, #times do
      while times[last] - times[first] >= window do first = first + 1 end
      most = math.max(most, last - first + 1)
    end
    return most
  end

  local it_on_one = redis.on_one_lua(it)

  it("holds in every window, whoever sends", function()
    local list = { machine(20, 0.5), machine(20, 0.5), machine(20, 0.5) }
    assert.is_true(most_within(send(list, 20), 0.5) <= 20)
    assert.equal(3, list[3].members)
  end)

  it("counts a request until one window after its end", function()
    local pace = machine(2, 0.5, 5)
    local first, second = pace:wait(math.huge), pace:wait(math.huge)
    local ended = clock()
    pace:finished(first)
    pace:finished((pace:wait(math.huge)))
    assert.is_true(clock() - ended >= 0.5)
    pace:finished(second)
    local slow = machine(1, 60, 5)
    slow:finished((slow:wait(math.huge)))
    local _, reason, seconds = slow:wait(clock() + 0.1)
    assert.equal("slot", reason)
    assert.is_true(seconds > 30 and seconds <= 61.3, seconds)
  end)

  it_on_one("frees the slots of a machine that has died, and keeps its share for ten windows", function()
    local dead, pace = machine(4, 1, 0), machine(4, 1, 0)
    send({ pace }, 1)
    local begun = clock()
    for _ = 1, 4 do dead:wait(math.huge) end
    send({ pace }, 1)
    -- A request has ended two seconds after its timeout, and counts for one window more.
    assert.is_true(clock() - begun > 2.9 and clock() - begun < 30)
    assert.is_true(most_within(send({ pace }, 4), 1) <= 2, "half of the rate")
  end)

  it("keeps nothing for a machine that has ended what it sent", function()
    local ended, pace = machine(4, 0.3), machine(4, 0.3)
    send({ ended, pace }, 1)
    core.system.sleep(0.5)
    local times = send({ pace }, 8)
    assert.is_true(most_within(times, 0.28) > 2, "the whole rate")
  end)

  it("pauses all machines when one meets a 429", function()
    local one, other = machine(50, 1), machine(50, 1)
    send({ one, other }, 1)
    local begun = clock()
    one:slow_down(0.7, 0.7)
    send({ other }, 1)
    assert.is_true(clock() - begun > 0.5)
    one:slow_down(100, 100)
    local _, reason, seconds = other:wait(math.huge)
    assert.equal("pause", reason)
    assert.is_true(seconds > 95, seconds)
    assert.equal("pause", select(2, machine(50, 1):wait(math.huge)))
  end)

  -- Breaks the store with `break_it`, and repairs it with `repair`, if given, while two machines send.
  local function through(break_it, repair, problem)
    local list = { machine(10, 0.5), machine(10, 0.5) }
    local times = send(list, 6)
    send(list, 1, times) -- both know of each other
    break_it()
    send(list, 6, times)
    assert.truthy(table.concat(said, "\n"):find(problem), table.concat(said, "\n"))
    if repair then
      repair()
      wait.until_true(function()
        send(list, 1, times)
        return not list[1].store.away_since and not list[2].store.away_since
      end, "the store to be back")
      send(list, 6, times)
      assert.truthy(table.concat(said, "\n"):find "is back after")
    end
    local most = most_within(times, 0.5)
    assert.is_true(most <= 10, most .. " in a window")
    return list, times
  end

  it("is divided while the store is killed, and whole when it is back with nothing in it", function()
    through(function() server:kill() end, function() server:restart() end, "is away: Connection refused")
  end)

  it_on_one("is kept through a store that is restarted at once with nothing in it", function()
    through(function() server:restart() send({ machine(10, 0.5) }, 0) said[1] = "" end, nil, "")
  end)

  it_on_one("is kept through a store that forgets all at an operator's word", function()
    through(function() server:command "FLUSHALL" end, nil, "")
  end)

  it("is divided while the store does not answer", function()
    stores.COMMAND = SECONDS
    through(function() server:freeze() end, function() server:thaw() end, "no answer within 1 s")
  end)

  it_on_one("is divided while the store is busy", function()
    stores.COMMAND = SECONDS
    local command = ("redis-cli -p %d DEBUG SLEEP 4 >/dev/null 2>&1 &"):format(server.port)
    through(function() os.execute(command) end,
      function() end, "no answer within 1 s")
  end)

  it("is kept in a store that is full, for it takes no memory to speak of", function()
    through(function() server:command "CONFIG SET maxmemory 1" end, nil, "^$")
  end)

  it_on_one("is divided while the store is a replica that takes no writes", function()
    through(function() server:command "REPLICAOF 127.0.0.1 1" end,
      function() server:command "REPLICAOF NO ONE" end,
      "it is a read%-only replica")
  end)

  it("is not used without the store where it is required", function()
    local pace = machine(10, 1, 1, true)
    send({ pace }, 1)
    server:kill()
    local ticket, reason, problem = pace:wait(math.huge)
    assert.same({ nil, "store" }, { ticket, reason })
    assert.equal("string", type(problem))
    server:restart()
    wait.until_true(function() return (pace:wait(math.huge)) end, "the store to be back")
  end)

  it_on_one("is divided by turns where there are more machines than requests in a window", function()
    local list = {}
    for i = 1, 4 do list[i] = machine(2, 0.5) end
    send(list, 1)
    send(list, 1)
    server:kill()
    local times = {}
    for _ = 1, 2 do send(list, 1, times) end
    assert.is_true(most_within(times, 0.5) <= 2)
  end)

  it("asks the store now and then for pauses alone, where the client has no rate", function()
    local store = assert(stores.new(addresses.parse(server.url), "test", "so"))
    local pace = paces.new(store, scripts.prefix "test", host, nil, nil, 1)
    for _ = 1, 1000 do assert.is_true((pace:wait(math.huge))) end
    assert.is_true(tonumber(server:command("INFO commandstats"):match "cmdstat_evalsha:calls=(%d+)") < 100)
  end)

  it("survives idle connections that the store closes", function()
    local pace = machine(10, 0.5)
    send({ pace }, 1)
    server:command "CLIENT KILL TYPE normal"
    send({ pace }, 1)
    assert.same({}, said)
  end)
end)
