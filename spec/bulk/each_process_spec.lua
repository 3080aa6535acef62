-- Bulk runs and the process they are in: Ctrl-C, os.exit, a disk that is full. Each in a process of its own.

local json = require "patchbay.sandbox.json"
local server = require "spec.support.server"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local directory

local function shell(command)
  -- Named by its path, it may be below the directory that is left.
  return system.output(([[
    exec 2>&1
    lua=$(command -v "$lua")
    case $lua in /*) ;; *) lua=$PWD/$lua ;; esac
    cd '%s'
    %s]]):format(directory, command))
end

local HEAD = [[
  io.stdout:setvbuf "no"
  local patchbay = require "patchbay"
  local each, sleep = patchbay.each, patchbay.sleep
  local function mark(name) assert(io.open(name, "w")):close() end
  local function exists(name) local file = io.open(name) return file ~= nil and file:close() end
  -- Not for ever, and without what the specs share: this runs in another directory.
  local function await(name)
    local bound = os.time() + ]] .. wait.BOUND .. [[

    while not exists(name) do
      assert(os.time() < bound, name)
      sleep(0.005)
    end
  end
  local function iterator(count)
    local i = 0
    return function() i = i + 1 return i <= count and i or nil end
  end
  -- Changes the number of an item; `at_vendor` is called when the change is there.
  local at_vendor
  local function transport(request)
    if at_vendor then at_vendor(tonumber((request.url .. request.body):match "61290000(%d+)")) end
    return { status = 200, body = "{}" }
  end
  local crazytel = patchbay.crazytel { api_key = "key-of-the-account", rate = 1e6, transport = transport }
  local function change(i)
    return crazytel.phone_numbers:update(("%d"):format(61290000000 + i), { description = "x" })
  end
]]

local function script(text)
  system.write(directory .. "/script.lua", HEAD, text)
end

-- Runs the script, and commands beside it: those of wait.SHELL, `await test -e NAME` for a file that it
-- makes; `interrupt` is Ctrl-C, and waits until the script has it. Gives its output and its status. What a
-- shell has in the background ignores Ctrl-C: these are the commands.
local function beside(text, commands)
  script(text)
  return shell([[
    ]] .. wait.SHELL .. [[
    interrupt() { kill -INT "$(cat pid)"; taken "$(cat pid)"; }
    { ]] .. commands .. [[; } >/dev/null &
    sh -c 'echo $$ >pid && exec "$0" script.lua' "$lua"
    echo status $?
    wait]])
end

-- Ctrl-C, when it is left to Lua: its own program makes an error of it, others end.
local function was_interrupted(output)
  return output:find "false\t[^\n]*interrupted!\n" or output:find "status 130\n$"
end

local function outcomes(name)
  local count = {}
  for line in io.lines(directory .. "/" .. name) do
    local outcome = json.decode(line).outcome
    if outcome then count[outcome] = (count[outcome] or 0) + 1 end
  end
  return count
end

describe("a bulk run in its process", function()
  before_each(function() directory = system.line "mktemp -d" end)
  after_each(function() os.execute("rm -rf '" .. directory .. "'") end)
  teardown(server.stop_all)

  it("keeps what is printed out of its files where it was started without output", function()
    script([[
      local report = each(iterator(3), { journal = "journal", progress = true, concurrency = 1 }, function(i)
        io.stdout:write("standard output\n")
        io.stderr:write("standard error\n")
        change(i)
        if i == 2 then return nil, "wrong" end
        return true
      end)
      assert(report:save "failures.csv")
      mark "complete"
    ]])
    for _, closed in ipairs { "2>&-", ">&-", "<&- >&- 2>&-" } do
      shell('"$lua" script.lua ' .. closed)
      assert.truthy(os.remove(directory .. "/complete"), closed)
      assert.same({ begun = 3, done = 2, failed = 1 }, outcomes "journal")
      assert(os.remove(directory .. "/journal"))
    end
  end)

  it("shows on a terminal a line that fits it, and plain lines on one that can do no more", function()
    if system.line "command -v script || true" == "" then pending "util-linux's script makes the terminal" end
    script [[each(iterator(3), { progress = true, total = 3, concurrency = 1 }, function() sleep(0.11) end)]]
    local function shown(term, columns)
      return shell(("%s script -qec \"stty cols %d; '$lua' script.lua\" /dev/null </dev/null")
        :format(term, columns))
    end
    local output = shown("TERM=xterm", 31)
    assert.truthy(output:find("\r[===>      ]  33% 1 of 3 items\27[K", 1, true), output)
    assert.falsy(output:match "[^\r\27]*":len() > 30, output)
    for line in output:gmatch "\r([^\r\27]*)\27%[K" do assert.is_true(#line < 31, line) end
    for _, term in ipairs { "TERM=dumb", "env -u TERM" } do
      assert.matches("^3 of 3 items %(100%%%), [^\27]*\r\n$", (shown(term, 80)))
    end
  end)

  it("goes on without its progress where nobody reads that any more", function()
    script([[
      await "gone"
      print(each(iterator(3), { progress = true }, function() end).done)
      local items = iterator(3)
      local function source() return items() or error("no more", 0) end
      print(each(source, { progress = true }, function() end).incomplete)
    ]])
    assert.equal("3\nno more\nstatus 0\n", shell([[
      mkfifo pipe
      { "$lua" script.lua 2>pipe; echo status $?; } &
      exec 3<pipe 3<&-
      touch gone
      wait]]))
  end)

  it("finishes at Ctrl-C what is in flight, begins nothing new, and reports that", function()
    local output = beside([[
      function at_vendor(i)
        if i == 3 then mark "at-work" end
        await "go-on"
      end
      local report = each(iterator(100), { concurrency = 3, journal = "journal" }, change)
      print(report.interrupted, report.done, report.failed)
      print(report)
      local again = each(iterator(100), { journal = "journal", job = "script.lua" }, change)
      print(again.interrupted, again.done, again.skipped)
    ]], "await test -e at-work; interrupt; touch go-on")
    assert.truthy(output:find("true\t3\t0\n", 1, true), output)
    assert.truthy(output:find("\ninterrupted before all items were tried\n", 1, true), output)
    assert.truthy(output:find("\nfalse\t97\t3\nstatus 0\n", 1, true), output)
    assert.same({ begun = 100, done = 100 }, outcomes "journal")
  end)

  it("has the answers of what is in flight at Ctrl-C", function()
    -- It answers none before there is a file `go-on`, and makes one named by how many it has.
    local s = server.nginx { http = "init_by_lua_block { arrived = 0 }", lua = ([[
      local directory = "%s/"
      arrived = arrived + 1
      io.open(directory .. "arrived-" .. arrived, "w"):close()
      while not io.open(directory .. "go-on") do ngx.sleep(0.005) end
      ngx.say '{"Numbers":[]}'
    ]]):format(directory) }
    local output = beside([[
      local client = patchbay.telegent { base_url = "]] .. s:url "" .. [[", token = "t", retries = 0 }
      local report = each(iterator(100), { concurrency = 4 }, function(i)
        return client:call("GET", "/v1.0/numbers")
      end)
      print(report.interrupted, report.done, report.failed)
    ]], "await test -e arrived-4; interrupt; touch go-on")
    assert.equal("true\t4\t0\nstatus 0\n", output)
  end)

  it("takes notice of Ctrl-C where no body ever waits", function()
    local output = beside([[
      local report = each(iterator(1e12), function(i)
        if i == 1000 then mark "at-work" end
        if os.clock() > 60 then os.exit(1) end
      end)
      print(report.interrupted, report.done >= 1000)
    ]], "await test -e at-work; interrupt")
    assert.equal("true\ttrue\nstatus 0\n", output)
  end)

  it("stops at once at the second Ctrl-C, with a journal that tells what is in flight", function()
    for _, waits in ipairs { "sleep", "compute" } do
      local output = beside([[
        function at_vendor(i)
          if i == 3 then mark "at-work" end
          local till = os.clock() + 0.5
          while i == 3 and "]] .. waits .. [[" == "compute" and os.clock() < till do end
          sleep(60)
        end
        local good, why = pcall(each, iterator(100), { concurrency = 3, journal = "journal" }, change)
        print(good, why)
        local n = 0
        each(iterator(10), function() n = n + 1 sleep(0) end) -- leaves nothing behind
        assert(n == 10)
      ]], "await test -e at-work; interrupt; interrupt")
      assert.truthy(was_interrupted(output) and not output:find "assertion failed", output)
      assert.equal(3, outcomes("journal").begun)
      os.remove(directory .. "/journal")
      os.remove(directory .. "/at-work")
    end
  end)

  it("ends at Ctrl-C a long pause that the vendor has asked for, and shows it before", function()
    for _, status in ipairs { 429, 503 } do
      local s = server.nginx { lua = 'ngx.header["Retry-After"] = 3000 ngx.exit(' .. status .. ")" }
      local output = beside([[
        local client = patchbay.telegent { base_url = "]] .. s:url "" .. [[", token = "t" }
        local pause
        local report = each(iterator(100), { concurrency = 4, progress = function(numbers)
          if numbers.pause and not pause then pause = numbers.pause mark "pausing-]] .. status .. [[" end
        end }, function(i) return client:call("GET", "/v1.0/numbers") end)
        print(pause > 2000 and pause <= 3000, report.interrupted, report.done, report.failed)
        local err = report.failures[1].err
        print(err.kind, err.outcome)
      ]], "await test -e pausing-" .. status .. "; interrupt")
      local err = status == 429 and "rate_limited\tnot_sent" or "unavailable\tunknown"
      assert.equal("true\ttrue\t0\t4\n" .. err .. "\nstatus 0\n", output)
    end
  end)

  it("takes notice of Ctrl-C while a coroutine of the script's own waits within a body", function()
    for _, case in ipairs {
      { 'ngx.header["Retry-After"] = 50 ngx.exit(429)', "on_response", "rate_limited\tnot_sent\n" },
      { 'ngx.header["Retry-After"] = 50 ngx.exit(503)', "on_response", "unavailable\tunknown\n" },
      { "ngx.sleep(600)", "on_request" },
    } do
      local s = server.nginx { lua = case[1] }
      local output = beside([[
        local client = patchbay.telegent { base_url = "]] .. s:url "" .. [[", token = "t", timeout = 600,
          ]] .. case[2] .. [[ = function() mark "waiting" end }
        local began = os.time()
        local good, report = pcall(each, iterator(100), { concurrency = 4 }, function()
          return coroutine.wrap(function() return client:call("GET", "/v1.0/numbers") end)()
        end)
        assert(os.time() - began < 45)
        if not good then return print(good, report) end
        print(report.interrupted, report.done, report.failed)
        print(report.failures[1].err.kind, report.failures[1].err.outcome)
      ]], "await test -e waiting; interrupt" .. (case[3] and "" or "; interrupt"))
      if case[3] then
        assert.equal("true\t0\t1\n" .. case[3] .. "status 0\n", output)
      else
        assert.truthy(was_interrupted(output), output)
      end
      os.remove(directory .. "/waiting")
    end
  end)

  it("begins at Ctrl-C nothing new in the runs within its bodies either", function()
    local output = beside([[
      local inner = {}
      local report = each(iterator(100), { concurrency = 2 }, function(n)
        inner[n] = each(iterator(100), { concurrency = 3 }, function(i)
          if n == 2 and i == 3 then mark "at-work" end
          await "go-on"
        end)
      end)
      print(report.interrupted, report.done, report.failed)
      for n = 1, 2 do print(inner[n].interrupted, inner[n].done) end
      print(each({ 1, 2 }, { interrupts = false }, function() end).done)
    ]], "await test -e at-work; interrupt; touch go-on")
    assert.equal("true\t2\t0\ntrue\t3\ntrue\t3\n2\nstatus 0\n", output)
  end)

  it("begins nothing new after Ctrl-C during what blocks", function()
    for _, case in ipairs {
      { "a body", "each(list, { concurrency = 4 }, block)", "1 true" },
      { "a body that raises",
        "each(list, { concurrency = 4 }, function() block() error 'no' end)", "1 true" },
      { "the third body that raises",
        "each(list, { concurrency = 4 }, function(i) count(i) if begun == 3 then press() end error 'no' end)",
        "3 true" },
      { "the iterator of items", [[each(function() press() return 1 end, { concurrency = 4 }, count)]],
        "0 true" },
      { "the key function",
        "each(list, { concurrency = 4, key = function(i) press() return i end }, count)", "0 true" },
      { "a run within a body", [[
        each({ 1 }, function() report = each(list, { concurrency = 4 }, block) return true end)]], "1 true" },
      { "a body that starts a run then",
        "each({ 1 }, function() press() report = each(list, { concurrency = 4 }, count) return true end)",
        "0 true" },
    } do
      local output = beside([[
        local list, begun, report = { 1, 2, 3, 4, 5, 6, 7, 8 }, 0, nil
        local function press() io.popen("kill -INT $(cat pid); sleep 0.03"):close() end
        local function count() begun = begun + 1 return true end
        local function block() count() press() return true end
        local outer = ]] .. case[2] .. [[

        print(begun, (report or outer).interrupted)
      ]], ":")
      assert.equal(case[3]:gsub(" ", "\t") .. "\nstatus 0\n", output, case[1])
    end
  end)

  it("leaves Ctrl-C to the script where it says so, and after it", function()
    local output = beside([[
      each({ 1 }, function() end)
      print(pcall(each, iterator(100), { interrupts = false }, function() mark "at-work" sleep(60) end))
    ]], "await test -e at-work; interrupt")
    assert.truthy(was_interrupted(output), output)
  end)

  it("may be left by os.exit within a body, with requests in flight", function()
    local s = server.nginx { lua = 'ngx.sleep(600) ngx.say "{}"' }
    script([[
      local client = patchbay.telegent { base_url = "]] .. s:url "" .. [[", token = "t" }
      each(iterator(100), { concurrency = 4, journal = "journal" }, function(i)
        if i == 4 then
          sleep(0.02)
          print "leaves"
          os.exit(7, true)
        end
        client.numbers:update("+1801801801" .. i, { VoiceEnabled = true })
      end)
    ]])
    assert.equal("leaves\nstatus 7\n", shell '"$lua" script.lua; echo status $?')
    assert.same({ begun = 3 }, outcomes "journal")
  end)

  it("ends where the journal cannot be written, and says why", function()
    script [[
      local n = 0
      local good, why = pcall(each, iterator(1e6), { concurrency = 3, journal = "journal" }, function()
        sleep(0)
        n = n + 1
      end)
      print(good, n > 3, why)
    ]]
    -- One block of 512 or 1,024 bytes.
    local output = shell [[(trap '' XFSZ; ulimit -f 1; exec "$lua" script.lua 2>errors); echo status $?]]
    assert.equal("false\ttrue\tjournal: the journal cannot be written (it would pass the limit on the size "
      .. "of files (ulimit -f)); the run cannot "
      .. "go on, for what it does would be forgotten; start it again once that is mended\nstatus 0\n", output)
  end)
end)
