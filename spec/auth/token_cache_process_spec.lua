-- Tokens kept between runs, in processes that start together or are killed, against the sandbox as a server.

local sandbox_server = require "spec.support.sandbox_server"
local system = require "spec.support.system"

local PROCESSES = 8

-- Lists the routes with a client of its own, and prints what came of it.
local SCRIPT = [[
  local patchbay = require "patchbay"
  local client = patchbay.telegent { base_url = os.getenv "PATCHBAY_BASE_URL", token_cache = ... }
  local found = false
  local ok, err = pcall(function()
    for _ in client.voice_routes:list() do found = true end
  end)
  print(ok and found and "ok" or tostring(err))
]]

describe("processes that share a cache of tokens", function()
  if not sandbox_server.available() then return it("need curl and nginx",
    function() pending "not here" end) end

  local server, folder, path, script

  setup(function() server = sandbox_server.start() end)
  teardown(function() server:stop() end)
  before_each(function()
    folder = system.line "mktemp -d"
    path, script = folder .. "/tokens", folder .. "/script.lua"
    system.write(script, SCRIPT)
    server:reset()
  end)
  after_each(function() os.execute("rm -rf " .. system.quote(folder)) end)

  local function counts()
    local logins, calls = 0, 0
    for _, request in ipairs(server:control("GET", "requests")) do
      if request.path:find "oauth" then logins = logins + 1 else calls = calls + 1 end
    end
    return logins, calls
  end

  -- Starts `count` processes at once, and waits for them: what they printed.
  local function start(count, given)
    local out = system.run(([[%s
      for i in $(seq %d); do %s %s %s >%s/out.$i 2>&1 & done
      wait
      cat %s/out.*]]):format(server.exports, count, system.interpreter(), script, given or path, folder,
      folder))
    return out
  end

  it("log in once, together, however slow that is; later ones not at all", function()
    server:fail { match = "/v1.0/oauth2/tokens", delay = 0.5 }
    assert.equal(("ok\n"):rep(PROCESSES), start(PROCESSES))
    assert.same({ 1, PROCESSES }, { counts() })
    assert.equal(("ok\n"):rep(PROCESSES), start(PROCESSES))
    assert.same({ 1, 2 * PROCESSES }, { counts() })
    assert.equal("script.lua\ntokens", system.line("cd " .. folder .. "; ls | grep -v out"))
  end)

  it("obtain one token again, together, where the vendor refuses the one that is kept", function()
    start(1)
    local text = system.read(path)
    system.write(path, (text:gsub('"token":"[^"]*"', '"token":"withdrawn"')))
    assert.equal(("ok\n"):rep(PROCESSES), start(PROCESSES))
    local logins, calls = counts()
    -- One that starts late finds the new token.
    assert.equal(2, logins)
    assert.is_true(calls > PROCESSES and calls <= 1 + 2 * PROCESSES, calls)
  end)

  -- Shell text that starts the script as the process $first, and waits until its login has arrived: then it
  -- holds the lock.
  local function begin(output)
    return ([[%s
      %s %s %s >%s 2>&1 & first=$!
      i=0; until curl -s $PATCHBAY_BASE_URL/_sandbox/requests | grep -q oauth || test $i = 300; do
        sleep 0.05; i=$((i + 1)); done]]):format(server.exports, system.interpreter(), script, path, output)
  end

  it("do not wait for one that was killed during its login", function()
    server:fail { match = "/v1.0/oauth2/tokens", delay = 30 }
    local out = system.run(([[%s
      kill -9 $first; wait $first 2>/dev/null
      ls %s.*.lock | wc -l
      timeout 20 %s %s %s]]):format(begin "/dev/null", path, system.interpreter(), script, path))
    assert.equal("1 ok", (out:gsub("%s+", " "):gsub("^ ", ""):gsub(" $", "")))
    assert.equal("script.lua\ntokens", system.line("cd " .. folder .. "; ls"))
  end)

  it("do not wait for ever for one that hangs", function()
    server:fail { match = "/v1.0/oauth2/tokens", delay = 30 }
    -- Only the second one has a deadline: the first one's could pass before it is stopped.
    system.write(script, (SCRIPT:gsub("token_cache = %.%.%.",
      "%0, deadline = tonumber(os.getenv 'DEADLINE'), retries = 0")))
    local out = system.run(([[%s
      kill -STOP $first
      DEADLINE=1.5 %s %s %s 2>&1
      kill -9 $first]]):format(begin(folder .. "/out.1"), system.interpreter(), script, path))
    assert.truthy(out:find "^[^\n]*deadline of 1.5 s passed[^\n]*\n$", out)
  end)

  it("of several accounts and vendors have one file", function()
    system.write(script, [[
      local patchbay = require "patchbay"
      local at, base_url = ..., os.getenv "PATCHBAY_BASE_URL"
      for _ = 1, 2 do
        patchbay.telegent { base_url = base_url, token_cache = at }.voice_routes:get "CRID-x"
        patchbay.convirza { base_url = base_url, token_cache = at }.provisioned_routes:update(1,
          { call_value = 1 })
      end
      print "ok"]])
    assert.equal(("ok\n"):rep(4), start(4))
    assert.same({ 2, 16 }, { counts() })
    assert.equal(3, select(2, system.read(path):gsub("\n", "")))
  end)
end)
