-- Files that would pass the limit on their size (ulimit -f): by default the system ends the process. The
-- scripts run in separate programs; their output goes through a pipe, as the limit is for files.

local system = require "spec.support.system"

describe("where a file would pass the limit on the size of files", function()
  local folder

  before_each(function() folder = system.line "mktemp -d" end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  -- The script's output, and its status; `more`: for the shell, behind the script.
  local function run(text, more)
    system.write(folder .. "/run.lua", 'local folder = "' .. folder .. '"\n', text)
    return system.output(('(ulimit -f 1; "$lua" %s %s; echo status $?) 2>&1 | cat'):format(
      system.quote(folder .. "/run.lua"), more or ""))
  end

  local PASSED = "it would pass the limit on the size of files (ulimit -f)"

  local FAILURES = [[
    local patchbay = require "patchbay"
    local items = {}
    for i = 1, 2000 do items[i] = "item " .. i end
    local report = patchbay.each(items, function() return nil, ("x"):rep(100) end)
  ]]

  it("a report is not saved, and the file that is there stays", function()
    system.write(folder .. "/f.csv", "old")
    local out = run(FAILURES .. [[
      print(report:save(folder .. "/f.csv"))
      print(io.open(folder .. "/f.csv"):read "*a", io.open(folder .. "/f.csv.part") == nil)]])
    assert.equal(("nil\tfailures not saved: %s/f.csv: %s\nold\ttrue\n"
      .. "status 0\n"):format(folder, PASSED), out)
  end)

  it("nor into an open file", function()
    assert.equal("nil\tfailures not saved: " .. PASSED .. "\nstatus 0\n",
      run(FAILURES .. [[print(report:save(assert(io.open(folder .. "/f.csv", "w"))))]]))
  end)

  it("a journal is not converted, and stays as it is", function()
    local old = { '{"patchbay_journal":1,"job":"move.lua","first":"k1","started":"2026-05-02T01:00:00Z"}' }
    for i = 2, 100 do old[i] = ('{"key":"k%d","at":"2026-05-02T01:00:00Z","outcome":"done"}'):format(i) end
    local text = table.concat(old, "\n") .. "\n"
    system.write(folder .. "/journal", text)
    assert.equal(("nil\t%s/journal: not converted: %s\nstatus 0\n"):format(folder, PASSED), run [[
      print(require("patchbay.bulk.journal_upgrade").convert(folder .. "/journal"))]])
    assert.equal(text, system.read(folder .. "/journal"))
    assert.is_nil(system.read(folder .. "/journal.part"))
  end)

  it("calls go on without a log", function()
    local out = run [[
      local patchbay = require "patchbay"
      local log = assert(io.open(folder .. "/log", "w"))
      log:setvbuf "no"
      local sent = 0
      local client = patchbay.telegent { token = "t", log = log, transport = function()
        sent = sent + 1
        return { status = 200, body = '{"CallRouteId":"CRID-1","TrunkIp1":"192.0.2.1"}' }
      end }
      for _ = 1, 50 do assert(client.voice_routes:update("CRID-1", { TrunkIp1 = "192.0.2.1" })) end
      print(sent)]]
    assert.matches("50\nstatus 0\n$", out)
    assert.truthy(out:find("File too large", 1, true), out)
  end)

  it("progress ends, and the run does not", function()
    assert.equal("done 3000\nstatus 0\n", run([[
      local patchbay = require "patchbay"
      io.stderr:write(("x"):rep(500))
      local items = {}
      for i = 1, 3000 do items[i] = i end
      local report = patchbay.each(items, { progress = true }, function() return nil, ("y"):rep(300) end)
      pcall(function() require("patchbay.bulk.progress").write(io.stderr, tostring(report):rep(10)) end)
      print("done " .. report.failed)]], "2>" .. system.quote(folder .. "/err")))
  end)
end)
