-- Files that another process creates, replaces and deletes at the very time at which this one opens them.

local core = require "patchbay.core"
local system = require "spec.support.system"

-- Does a step, again and again, until the file `stop` is there.
local OTHER = [[
  local core = require "patchbay.core"
  local folder = ...
  local path, number = folder .. "/file", 0
  while not core.own_file.open(folder .. "/stop") do
    for _ = 1, 100 do
      number = number + 1
      %s
    end
  end
]]

local LOOKS, MOST_SECONDS = 10000, 20

describe("a file that another process changes meanwhile", function()
  local folder, path

  before_each(function()
    folder = system.line "mktemp -d"
    path = folder .. "/file"
  end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  -- Counts the results of `look` beside a process that does `step`, until all of `wanted` have been seen.
  local function beside(step, wanted, look)
    local script = folder .. "/script.lua"
    system.write(script, OTHER:format(step))
    local process = io.popen(("%s %s %s 2>&1"):format(system.interpreter(), system.quote(script),
      system.quote(folder)))
    local seen, stops_at = {}, os.time() + MOST_SECONDS
    local function has_all()
      for _, result in ipairs(wanted) do
        if not seen[result] then return false end
      end
      return true
    end
    local looks = 0
    repeat
      for _ = 1, LOOKS do
        local result = look()
        seen[result] = (seen[result] or 0) + 1
      end
      looks = looks + LOOKS
    until has_all() or os.time() > stops_at
    system.write(folder .. "/stop", "")
    os.execute("chmod 600 " .. folder .. "/stop")
    assert.equal("", process:read "*a")
    process:close()
    for _, result in ipairs(wanted) do
      assert.is_truthy(seen[result], result)
      seen[result] = nil
    end
    assert.same({}, seen)
  end

  it("is there or missing, and nothing else", function()
    beside([[assert(core.own_file.replace(path .. ".part", path, "x")) os.remove(path)]],
      { "there", "missing" }, function()
        local file, reason, message = core.own_file.open(path)
        if not file then return reason == "missing" and reason or message end
        file:close()
        return "there"
      end)
  end)

  it("is the one that has the name, once it is locked for appending", function()
    beside([[
      local file = core.journal.open(path, true)
      if file then
        local part = assert(core.journal.open(path .. ".part", true))
        assert(part:truncate(0) and part:append(tostring(number)))
        assert(core.system.replace_file(path .. ".part", path))
        part:close()
        file:close()
      end]], { "mine", "locked" }, function()
        local file, reason = core.journal.open(path, false)
        if not file then return reason == "missing" and "locked" or reason end
        local text = file:read(0, 100)
        local present = system.read(path)
        file:close()
        return text == present and "mine" or "another one"
      end)
  end)

  it("is replaced, though it is deleted before it is", function()
    local part = folder .. "/new"
    beside("os.remove(path)", { "replaced" }, function()
      assert(core.system.append_line(part, "x\n"))
      local ok, problem = core.system.replace_file(part, path)
      return ok and "replaced" or problem
    end)
  end)

  it("excludes others while its lock is held, though its holders delete it", function()
    beside([[
      local lock, reason = core.own_file.lock(path)
      if lock then
        os.remove(path)
        lock:close()
      else
        assert(reason == "locked", reason)
      end]], { "mine", "locked" }, function()
        local lock, reason = core.own_file.lock(path)
        if not lock then return reason end
        local _, why = core.own_file.lock(path)
        os.remove(path)
        lock:close()
        return why == "locked" and "mine" or "shared"
      end)
  end)
end)
