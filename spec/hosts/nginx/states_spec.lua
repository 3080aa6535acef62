-- When nginx's threads get their Lua states: with a clock and an event loop that are played here.

local core = require "patchbay.core"

describe("the Lua states of nginx's threads", function()
  local states, now, turn, sleepers, before

  -- Runs what sleeps, one turn of nginx's loop after the other, until `till` or until nothing sleeps.
  local function run(till)
    while #sleepers > 0 and now < till do
      local due = math.huge
      for _, sleeper in ipairs(sleepers) do due = math.min(due, sleeper.at) end
      now = math.max(now, due)
      turn = now
      local awake, asleep = {}, {}
      for _, sleeper in ipairs(sleepers) do
        table.insert(sleeper.at <= turn and awake or asleep, sleeper)
      end
      sleepers = asleep
      for _, sleeper in ipairs(awake) do assert(coroutine.resume(sleeper.co)) end
    end
  end

  local function start(body)
    assert(coroutine.resume(coroutine.create(body)))
  end

  before_each(function()
    now, turn, sleepers = 100, 100, {}
    before = { ngx = rawget(_G, "ngx"), clock = core.system.clock }
    core.system.clock = function() return now end
    rawset(_G, "ngx", {
      timer = { at = function() return true end },
      now = function() return turn end,
      sleep = function(seconds)
        table.insert(sleepers, { at = now + seconds, co = coroutine.running() })
        coroutine.yield()
      end,
    })
    package.loaded["patchbay.hosts.nginx.states"] = nil
    states = require "patchbay.hosts.nginx.states"
  end)

  after_each(function()
    rawset(_G, "ngx", before.ngx)
    core.system.clock = before.clock
    package.loaded["patchbay.hosts.nginx.states"] = nil
  end)

  for machine, making in pairs { usual = 0.002, slow = 0.02 } do -- seconds that making one takes
    it("are made one a turn, with room between, in a burst on a " .. machine .. " machine", function()
      local made = {}
      for _ = 1, 20 do
        start(function()
          assert(states.take(now + 60, 60))
          made[#made + 1] = { at = now, turn = turn }
          now = now + making
        end)
      end
      run(200)
      assert.equal(20, #made)
      for i = 2, #made do
        assert.truthy(made[i].at - made[i - 1].at >= 0.0039, i)
        assert.not_equal(made[i].turn, made[i - 1].turn)
      end
      assert.truthy(made[20].at - made[1].at < 20 * (making + 0.012))
    end)
  end

  it("are used again without waiting", function()
    local count = 0
    start(function()
      for _ = 1, 100 do
        states.give_back(states.take(now + 60, 60))
        count = count + 1
      end
    end)
    assert.equal(100, count)
  end)

  it("that nginx refuses are waited for until one is free, or it is too late", function()
    local held, late, got
    local refusals = 0
    start(function() held = states.take(now + 60, 60) end)
    start(function()
      repeat
        got = states.take(now + 60, 60)
        if held then
          states.refused(got)
          refusals = refusals + 1
        end
      until not held
    end)
    run(100.1)
    assert.truthy(refusals >= 2 and refusals <= 6, refusals) -- looked for now and then, and not all the time
    start(function() late = states.take(now, 60) or "too late" end)
    run(100.15)
    assert.equal("too late", late)
    states.give_back(held)
    held = nil
    run(200)
    assert.truthy(got)
  end)

  it("come back when a call ended without saying so", function()
    local got
    start(function()
      states.take(now + 60, 1)
      states.refused(states.take(now + 60, 60) or {})
    end)
    run(101)
    now = 102
    start(function() got = states.take(now + 60, 60) end)
    assert.truthy(got)
  end)
end)
