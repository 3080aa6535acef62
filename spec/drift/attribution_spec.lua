-- patchbay.drift since a snapshot, where the record of changes does not say whether we have changed a field.

local core = require "patchbay.core"
local drifts = require "spec.support.drifts"
local patchbay = require "patchbay"
local planned = require "spec.support.planned"
local system = require "spec.support.system"

local other_client, set, verdicts, why = drifts.other_client, drifts.set, drifts.verdicts, drifts.why

describe("drift since a snapshot", function()
  local folder, path, ours, theirs, before

  before_each(function()
    folder = system.line "mktemp -d"
    path = folder .. "/changes.jsonl"
    local sandbox
    ours, sandbox = planned.acme { lines = planned.lines(9, { rings = 3, pin = "s3cret-old" }),
      client = { changes_log = path } }
    theirs = other_client(sandbox)
    before = patchbay.snapshot({ acme = ours })
  end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  local function drift(options) return drifts.since(before, ours, options) end

  describe("is unknown", function()
    it("where there is no record of changes", function()
      set(theirs, "L1", { rings = 5 })
      local found = assert(patchbay.drift({ acme = theirs }, nil, { since = before }))
      assert.same({ "changed L1 unknown rings:unknown" }, verdicts(found))
      assert.same({ "no record of changes was given: what we have changed ourselves is not known" },
        found.holes)
      found = drift { changes_log = folder .. "/none" }
      assert.same({ "changed L1 unknown rings:unknown" }, verdicts(found))
      assert.truthy(tostring(found):find(folder .. "/none: it does not exist", 1, true))
    end)

    it("where the record of changes begins behind the snapshot", function()
      os.remove(path .. ".begun")
      set(ours, "L2", { rings = 4 })
      set(theirs, "L1", { rings = 5 })
      local found = drift()
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 ours rings:ours" }, verdicts(found))
      assert.truthy(found.holes[1]:find("the record of changes begins at 2", 1, true))
    end)

    it("where the lines of a change are gone that was begun", function()
      set(ours, "L2", { rings = 4 })
      set(theirs, "L1", { rings = 5 })
      os.remove(path)
      -- The changes that were begun are known all the same.
      assert.same({ "changed L1 theirs rings:theirs", "changed L2 unknown rings:unknown" }, verdicts(drift()))
      os.remove(path .. ".begun")
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 unknown rings:unknown" },
        verdicts(drift()))
    end)

    it("where the process was killed while the change was in flight", function()
      set(ours, "L2", { rings = 4 })
      set(theirs, "L1", { rings = 5 })
      set(theirs, "L3", { rings = 5 })
      local text = system.read(path)
      set(ours, "L1", { rings = 6 })
      set(ours, "L1", { name = "in flight" })
      system.write(path, text)
      local found = drift()
      assert.same({ "changed L1 unknown name:unknown rings:unknown", "changed L2 ours rings:ours",
        "changed L3 theirs rings:theirs" }, verdicts(found))
      assert.truthy(why(found):find "a change of it was begun at .*, and nothing says how it ended")
    end)

    it("no longer where a later change of ours settles what was in flight", function()
      local line = '{"patchbay_change":1,"time":"%s","begun":"x%s","vendor":"acme","address":'
        .. '"https://api.acme.example","collection":"lines","key":"L1","action":"update",'
        .. '"fields":["rings"]}\n'
      local now = core.json.decode(system.read(path .. ".begun"):match "^[^\n]*").time
      set(ours, "L1", { rings = 7 })
      set(theirs, "L1", { rings = 9 })
      local begun = system.read(path .. ".begun")
      system.write(path .. ".begun", begun .. line:format(now, 1))
      assert.same({ "changed L1 theirs rings:theirs" }, verdicts(drift()))
      system.write(path .. ".begun", begun .. line:format("2099-01-01T00:00:00.000Z", 2))
      assert.same({ "changed L1 unknown rings:unknown" }, verdicts(drift()))
    end)

    it("where a create was in flight: of every record of the collection that appeared", function()
      set(ours, "L2", { rings = 4 })
      local text = system.read(path)
      assert(ours.lines:create { name = "x" })
      system.write(path, text)
      local found = drift()
      assert.same({ "changed L2 ours rings:ours", "appeared id unknown" }, verdicts(found))
      assert.truthy(found.entries[2].why:find("we created a record of this collection", 1, true))
    end)

    it("where the outcome of our change is", function()
      set(ours, "L2", { rings = 4 })
      set(ours, "L1", { rings = 5 })
      system.write(path, (system.read(path):gsub('("to":5,"outcome":)"ok"', '%1"unknown"')))
      local found = drift()
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 ours rings:ours" }, verdicts(found))
      assert.truthy(why(found):find("whether that was applied is not known", 1, true))
      -- A later change of ours, which was applied, settles it.
      set(ours, "L1", { rings = 9 })
      assert.same({ "changed L1 ours rings:ours", "changed L2 ours rings:ours" }, verdicts(drift()))
      set(theirs, "L1", { rings = 1 })
      assert.same({ "changed L1 theirs rings:theirs", "changed L2 ours rings:ours" }, verdicts(drift()))
    end)

    it("where our order was still open, unless it shows exactly this", function()
      set(ours, "L1", { rings = 5 })
      system.write(path, (system.read(path):gsub('"outcome":"ok"', '"outcome":"open"')))
      assert.same({ "changed L1 ours rings:ours" }, verdicts(drift()))
      set(theirs, "L1", { rings = 6 })
      assert.same({ "changed L1 unknown rings:unknown" }, verdicts(drift()))
    end)

    it("where a line is damaged, torn, lost, too long, or of a later version", function()
      set(ours, "L2", { rings = 4 })
      set(theirs, "L1", { rings = 5 })
      local good = system.read(path)
      local cases = {
        { "garbage\n", "line 2 is damaged: garbage" },
        { good:sub(1, 60), "its last line is incomplete: the process that wrote it was killed" },
        { good:sub(1, 60) .. "\n", "line 2 is incomplete: the process that wrote it was killed" },
        { '{"patchbay_change":1,"time":"2099-01-01T00:00:00.000Z","vendor":"acme","address":'
          .. '"https://api.acme.example","lost":3,"since":"x"}\n', "line 2 says that 3 lines before it could "
          .. "not be written" },
        { '{"patchbay_change":2,"time":"2099-01-01T00:00:00.000Z"}\n',
          "line 2 was written by a later Patchbay (format 2, this one knows 1)" },
        { ("x"):rep(17 * 1024 * 1024) .. "\n", "line 2 is longer than any that a record of changes has" },
      }
      for _, case in ipairs(cases) do
        system.write(path, good .. case[1])
        local found = drift()
        assert.same({ "changed L1 unknown rings:unknown", "changed L2 ours rings:ours" }, verdicts(found))
        assert.equal(path .. ": " .. case[2], found.holes[1])
        assert.equal(1, #found.holes)
      end
      -- An empty line, a complete last line without its newline, and another account's lines are none.
      for _, more in ipairs { "\n\n", '{"patchbay_change":1,"time":"2026-01-01T00:00:00Z","vendor":"other",'
        .. '"address":"https://x","action":"update","outcome":"ok"}' } do
        system.write(path, good .. more)
        assert.same({ "changed L1 theirs rings:theirs", "changed L2 ours rings:ours" }, verdicts(drift()))
      end
    end)

    it("where we have reset it, or sent all of the record", function()
      set(ours, "L1", { name = "x" })
      local line = ours.lines.L1
      line.name = "y"
      assert(line:replace { reset_missing = true })
      assert.matches("^we have reset it at .*, and to what is not known$",
        drift().entries[1].fields[2].why)
      assert(assert(ours.lines:get "L2"):replace())
      set(theirs, "L2", { name = "x" })
      assert.matches("^we have changed the record at .*, and which fields is not known$",
        drift().entries[2].fields[1].why)
    end)

    it("where other credentials have changed it, which may be of the same account", function()
      set(ours, "L1", { rings = 5 })
      set(ours, "L2", { rings = 5 })
      set(theirs, "L3", { rings = 5 })
      for _, name in ipairs { path, path .. ".begun" } do
        system.write(name, (system.read(name):gsub("[^\n]+", function(one)
          return one:find('"key":"L1"', 1, true)
            and one:gsub('"account":"%x+"', '"account":"0123456789abcdef"') or nil
        end)))
      end
      local found = drift()
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 ours rings:ours",
        "changed L3 theirs rings:theirs" }, verdicts(found))
      assert.matches("with other credentials", why(found))
    end)

    it("where the clock was set back, also before the change", function()
      set(ours, "L1", { rings = 5 })
      for _, name in ipairs { path, path .. ".begun" } do
        local text = system.read(name)
        local last = text:match "[^\n]+\n$"
        system.write(name, text:sub(1, #text - #last) .. last:gsub('"time":"%d%d%d%d', '"time":"2020'))
      end
      local found = drift()
      assert.same({ "changed L1 unknown rings:unknown" }, verdicts(found))
      assert.matches("the clock was set back", why(found))
    end)

    it("where we made a call that may have changed it", function()
      set(theirs, "L1", { rings = 5 })
      set(theirs, "L2", { rings = 5 })
      assert(ours:call("PATCH", "/lines/L1", { name = "line 1" }))
      local found = drift()
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 theirs rings:theirs" }, verdicts(found))
      assert.truthy(why(found):find("we sent PATCH /lines/L1 by client:call()", 1, true), why(found))
    end)

    it("for all where the path of a call names no record", function()
      set(theirs, "L1", { rings = 5 })
      set(ours, "L2", { rings = 4 })
      local line = '{"patchbay_change":1,"time":"2099-01-01T00:00:00.000Z","vendor":"acme","address":'
        .. '"https://api.acme.example","action":"call","method":"POST","path":"/bulk","outcome":"ok"}\n'
      system.write(path, system.read(path) .. line)
      assert.same({ "changed L1 unknown rings:unknown", "changed L2 ours rings:ours" }, verdicts(drift()))
    end)
  end)
end)
