-- Applies of several processes that have one undo plan, or one journal, at the same time.

local patchbay = require "patchbay"
local redis = require "spec.support.redis"
local system = require "spec.support.system"
local together = require "spec.support.together"

-- Applies plans whose changes the vendor refuses, so that none of them ends: the undo plan grows by each.
local SCRIPT = [[
  local patchbay = require "patchbay"
  local acme = require "spec.support.acme"
  local process, path, count = arg[1], arg[2], tonumber(arg[3])
  local records = {}
  for i = 1, count do records[i] = { id = ("P%sN%d"):format(process, i), name = "x" } end
  local description = acme.description()
  local sandbox = patchbay.sandbox.vendor(description, { acme = { records = { lines = records } } })
  local client = patchbay.vendor(description) { key = sandbox.credentials.acme.key, retries = 0,
    transport = function(request)
      if request.method ~= "GET" then return { status = 422, headers = {}, body = "{}" } end
      return sandbox:send(request)
    end }
  local done, place = 0, path:find "^redis:" and patchbay.storage(path, "lines.undo") or path
  while done < count do
    local id = records[done + 1].id
    local plan = assert(patchbay.plan({ acme = client }, { ["acme.lines"] = { [id] = { name = "y" } } },
      { state = false, undo = place }))
    local report, err = plan:apply()
    if report then
      done = done + 1
      print(id)
    elseif not tostring(err):find(" process is using it", 1, true) then
      print("wrong: " .. tostring(err))
      break
    end
  end
]]

-- Begins the journals of plans in turn, as applies do: those of two processes are of the same plan.
local JOURNALS = [[
  local journals = require "patchbay.bulk.journal"
  local plan_journal = require "patchbay.desired.plan_journal"
  local process, path, count = arg[1], arg[2], tonumber(arg[3])
  local plan = process == "3" and "2" or process
  for i = 1, count do
    local id = ("%s-%d"):format(plan, i)
    local ok, problem = plan_journal.prepare(path, id)
    if ok then
      local journal = journals.open(path, { job = plan_journal.job(id), create = true })
      if journal then
        journal:finish("L1", nil, "done")
        journal:close()
      end
    elseif not problem:find(": in use by another run", 1, true) then
      print(problem)
    end
  end
]]

describe("applies at the same time", function()
  local folder

  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  -- Checks that the undo plan `text`, of so many applies of each process, has the records of all of them.
  local function check_undo(text, applies, made)
    local lost, count = {}, 0
    for id in made:gmatch "[^\n]+" do
      count = count + 1
      if not text:find(('"key":"%s"'):format(id), 1, true) then lost[#lost + 1] = id end
    end
    assert.equal(3 * applies, count, made)
    assert.same({}, lost)
  end

  it("leave the old values of all of them in the undo plan #slow", function()
    local path, applies = folder .. "/lines.undo", 25
    local made = together.run(3, SCRIPT, folder, path .. " " .. applies)
    check_undo(system.read(path), applies, made)
    assert.equal("lines.undo\nscript.lua", system.line("ls " .. folder))
  end)

  it("leave them in an undo plan in a store, too #slow", function()
    finally(redis.stop_all)
    local store, applies = redis.shared(), 15
    local made = together.run(3, SCRIPT, folder, store.url .. " " .. applies)
    check_undo(assert(patchbay.storage(store.url, "lines.undo"):read()), applies, made)
  end)

  it("replace the journal of another plan, or find it in use #slow", function()
    assert.equal("", together.run(3, JOURNALS, folder, folder .. "/journal 3000"))
  end)
end)
