-- The journal of a process that is killed, again and again.

local core = require "patchbay.core"
local files = require "spec.support.files"
local journal = require "patchbay.bulk.journal"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local read, shell, write = system.read, system.output, system.write
local new_path, script = files.new_path, files.script

after_each(files.remove_all)

describe("a process that is killed", function()
  -- Four items in flight. It writes down what it does before and after the journal hears of it.
  local WORKER = [[
    local journal = require "patchbay.bulk.journal"
    local path, log, seed, from, till = ...
    math.randomseed(tonumber(seed))
    local j = assert(journal.open(path, { job = "killed", first = 1 }))
    local out = io.open(log, "ab")
    out:setvbuf "no"
    local function say(what, key) out:write(what .. " " .. key .. "\n") end
    local flying = {}
    local function land()
      local key = table.remove(flying, math.random(#flying))
      for _ = 1, math.random(0, 20000) do math.abs(key) end
      j:finish(key, journal.digest { key }, "done")
      say("ended", key)
    end
    say("open", 0)
    for key = tonumber(from), tonumber(till) do
      if j:known(key, journal.digest { key }) ~= "done" then
        j:begin(key, journal.digest { key })
        say("begun", key)
        flying[#flying + 1] = key
        if #flying == 4 then land() end
      end
    end
    while flying[1] do land() end
    say("complete", 0)]]
  local KILLS, IN_FLIGHT = 30, 4

  it("has all that ended known as done, and only what was in flight as unknown #slow", function()
    local path, log, worker = new_path(), new_path(), script(WORKER)
    local ended, highest = {}, 0

    local function run(seed, till, ending)
      write(log, "")
      local from = 1
      while ended[from] do from = from + 1 end
      shell(([[%s
        wrote() { [ "$(wc -l <%s)" -ge $1 ] || ! kill -0 $pid; }
        "$lua" %s %s %s %d %d %d & pid=$!
        await wrote 1; %s; wait $pid 2>/dev/null]]):format(wait.SHELL, log, worker, path, log, seed, from,
        till, ending))
      local begun, said = {}, read(log)
      assert.is_truthy(said:find("open", 1, true))
      for what, key in said:gmatch "(%a+) (%d+)\n" do
        key = tonumber(key)
        if what == "begun" then
          assert.is_nil(ended[key], "sent again")
          begun[key], highest = true, math.max(highest, key)
        elseif what == "ended" then
          ended[key], begun[key] = true, nil
        end
      end
      local j = assert(journal.open(path, { job = "killed", first = 1 }))
      local unknown = 0
      -- Two beyond what was written down: the journal may have heard of one more.
      for key = 1, highest + 2 do
        local state = j:known(key, journal.digest { key })
        if ended[key] then assert.equal("done", state) end
        if begun[key] then assert.is_truthy(state == "done" or state == "unknown") end
        if state == "unknown" then unknown = unknown + 1 end
        if state == "done" then ended[key] = true end
      end
      j:close()
      assert.is_true(unknown <= IN_FLIGHT)
      -- The kernel may have written half of the last line.
      for line in read(path):gmatch "([^\n]*)\n" do assert.is_truthy(core.json.check(line)) end
      return said
    end

    for i = 1, KILLS do
      run(i, 1e6, ("await wrote %d; kill -9 $pid"):format(math.random(1, 100)))
    end
    assert.is_true(highest > KILLS)
    assert.is_truthy(run(0, highest, ":"):find("complete", 1, true))
    assert.equal("\n", read(path):sub(-1))
    for key = 1, highest do assert.is_true(ended[key]) end
  end)
end)
