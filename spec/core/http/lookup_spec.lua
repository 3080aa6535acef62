-- Names whose look-up takes longer than the timeouts, and the rest of the process meanwhile. The scripts run
-- in separate programs, with the getaddrinfo of support/lookups.c.

local core = require "patchbay.core"
local server = require "spec.support.server"
local system = require "spec.support.system"

local BUILD = os.getenv "PB_BUILD"
local LOOKUPS = BUILD .. "/lookups.so"
-- A look-up takes a minute; waiting for it would far exceed this.
local SOON = 30

local PRELUDE = [[
  local patchbay = require "patchbay"
  local core = require "patchbay.core"
  local function exists(name) local file = io.open(name) return file ~= nil and file:close() end
  local function client(host, more)
    local options = { token = "t", base_url = "http://" .. host, allow_cleartext = true, proxy = "",
      retries = 0 }
    for name, value in pairs(more or {}) do options[name] = value end
    return patchbay.telegent(options)
  end
]]

describe("a name with a slow look-up", function()
  local directory

  before_each(function() directory = system.line "mktemp -d" end)
  after_each(function() os.execute("rm -rf '" .. directory .. "'") end)
  teardown(server.stop_all)

  -- Runs a program on the script, with our getaddrinfo; returns its output and its duration.
  local function run(program, text, arguments)
    system.write(directory .. "/script.lua", PRELUDE, text)
    local begun = core.system.clock()
    -- A space would end the name in LD_PRELOAD, so the library is copied. AddressSanitizer must be the first
    -- library.
    local output = system.output(([[
      exec 2>&1
      lua=$(command -v "$lua")
      case $lua in /*) ;; *) lua=$PWD/$lua ;; esac
      cp %s %s && cd %s
      ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" LD_PRELOAD=./lookups.so %s script.lua %s
      echo status $?]]):format(system.quote(LOOKUPS), system.quote(directory .. "/lookups.so"),
      system.quote(directory), program, arguments or ""))
    return output, core.system.clock() - begun
  end

  -- The look-up is in a thread of its own, which on a busy machine may begin after the call has ended.
  local ASKED = [[
    for _ = 1, 2000 do
      if exists "asked" then break end
      patchbay.sleep(0.01)
    end
  ]]

  local function needs_preload()
    if not run('"$lua"', 'client("x.held.test", { timeout = 0.1 }):call("GET", "/")' .. ASKED):find "status 0"
      or not system.exists(directory .. "/asked") then
      pending "LD_PRELOAD does not work here"
    end
    os.remove(directory .. "/asked")
  end

  for _, limit in ipairs { "deadline", "timeout", "connect_timeout" } do
    it("ends a call within its " .. limit .. ", and the process does not wait for it either", function()
      needs_preload()
      local output, took = run('"$lua"', ([[
        local _, err = client("vendor.held.test", { %s = 0.5 }):call("POST", "/x", { a = 1 })
        %s
        print(err.kind, err.outcome, exists "asked", exists "answered")
      ]]):format(limit, ASKED))
      assert.equal("timeout\tnot_sent\ttrue\tfalse\nstatus 0\n", output)
      assert.is_true(took < SOON)
    end)
  end

  it("leaves the other bodies of the run and other clients undisturbed", function()
    needs_preload()
    local s = server.nginx { conf = 'location / { content_by_lua_block { ngx.say("{}") } }' }
    local output, took = run('"$lua"', ([[
      local other = client("%s", { timeout = 30 })
      local over = false
      local report = patchbay.each({ "held", "free" }, { concurrency = 2 }, function(which)
        if which == "held" then
          local _, err = client("vendor.held.test", { timeout = 4 }):call("POST", "/x", { a = 1 })
          over = true
          print(err.kind, err.outcome)
          return true
        end
        -- Before, beyond its end, and after it.
        local during, after = 0, 0
        while after < 5 do
          local ok, err = other:call("POST", "/x", { a = 1 })
          if not ok then return nil, err end
          if over then after = after + 1 else during = during + 1 end
          patchbay.sleep(0.01)
        end
        print(during > 5)
        return true
      end)
      print(report.done, report.failed)
    ]]):format(s:url(""):gsub("^http://", "")))
    assert.equal("timeout\tnot_sent\ntrue\n2\t0\nstatus 0\n", output)
    assert.is_true(took < SOON)
  end)

  it("sends nothing when it is found after the end of its call", function()
    needs_preload()
    local s = server.nginx { conf = [[
      location = /seen { content_by_lua_block { ngx.print(seen and "seen" or "nothing") } }
      location / { content_by_lua_block { seen = true ngx.say("{}") } }]] }
    local port = s:url(""):match ":(%d+)"
    local output = run('"$lua"', ([[
      local pool = core.http.pool { proxy = "" }
      local function finish(transfer)
        while not pool:wait(transfer, 0.1) do end
        return transfer
      end
      local late = finish(pool:start("POST", "http://vendor.held.test:%s/x", nil, "{}", 0.3))
      print(late:error())
      io.open("let-go", "w"):close()
      for _ = 1, 3000 do
        if exists "answered" then break end
        patchbay.sleep(0.01)
      end
      -- The same connections continue, to a port where nobody listens.
      for _ = 1, 12 do
        finish(pool:start("GET", "http://127.0.0.1:1/x"))
        patchbay.sleep(0.01)
      end
      print(finish(pool:start("GET", "http://127.0.0.1:%s/seen")):body())
    ]]):format(port, port))
    assert.matches("^timeout\t[^\n]*\tno\tsafe\nnothing\nstatus 0\n$", output)
  end)

  it("is done anew for each attempt after one that failed", function()
    needs_preload()
    local s = server.nginx { conf = 'location / { content_by_lua_block { ngx.say("{}") } }' }
    local output = run('"$lua"', ([[
      local flaky = client("vendor.flaky.test:%s", { deadline = 20 })
      for _ = 1, 2 do
        local ok, err = flaky:call("POST", "/x", { a = 1 })
        print(ok and "ok" or err.kind, err and err.outcome)
        io.open("let-go", "w"):close()
      end
    ]]):format(s:url(""):match ":(%d+)"))
    assert.equal("network\tnot_sent\nok\tnil\nstatus 0\n", output)
  end)

  it("may go on after Lua's state is closed, in a program that goes on", function()
    needs_preload()
    local output, took = run(system.quote(BUILD .. "/closing_host"), [[
      local pool = core.http.pool { proxy = "" }
      local transfer = pool:start("GET", "http://vendor.held.test/")
      for _ = 1, 3000 do
        if pool:wait(transfer, 0.01) or exists "asked" then break end
      end
      print(pool:active(), exists "answered")
    ]])
    assert.equal("1\tfalse\nclosed\nthe host's handler had 1 of 1\nstatus 0\n", output)
    assert.is_true(took < SOON)
  end)
end)
