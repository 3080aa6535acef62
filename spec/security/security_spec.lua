-- SECURITY.md: each promise has its spec; and specs of promises that have no better place.

local patchbay = require "patchbay"
local server = require "spec.support.server"
local support = require "spec.support.telegent_client"
local system = require "spec.support.system"

local read = system.read

-- The files of a folder whose names end so.
local function files(folder, ending)
  local list = {}
  local found = system.output(("find %s -type f -name '*%s'"):format(folder, ending))
  for path in found:gmatch "[^\n]+" do list[#list + 1] = path end
  table.sort(list)
  return list
end

describe("SECURITY.md", function()
  local page = read "SECURITY.md"

  it("names for each promise a test that there is", function()
    local promises, named = 0, 0
    for line in page:match "\n## What is promised\n(.-)\n## ":gmatch "[^\n]+" do
      if line:find "^|" and not line:find "^| Promise" and not line:find "^|%-" then
        promises = promises + 1
        local before = named
        local path
        for word in line:gmatch '`([^`]+)`' do
          if word:find "^spec/" then
            path = word
          elseif path then
            assert.truthy(read(path):find('it("' .. word .. '"', 1, true), path .. " has no test: " .. word)
            named = named + 1
          end
        end
        assert.is_true(named > before, "no test for: " .. line)
      end
    end
    assert.is_true(promises >= 10)
  end)

  it("names the limits that there are", function()
    local function constant(path, pattern) return assert(read(path):match(pattern), path) end
    for text, value in pairs {
      ["16 MiB"] = constant("lua/patchbay/client/options.lua", "max_response_bytes = (16 %* 1024 %* 1024)"),
      ["128 KiB"] = constant("src/http/transfer.h", "PB_HTTP_HEAD_LIMIT = (128 %* 1024)"),
      ["1,000 levels"] = constant("src/json/reader.h", "PB_JSON_MAX_DEPTH = 1000"),
    } do
      assert.truthy(value)
      assert.truthy(page:find(text, 1, true), text)
    end
  end)
end)

describe("verification of certificates", function()
  it("has no option that turns it off", function()
    for _, name in ipairs { "insecure", "verify", "ssl_verify", "verify_peer", "verify_host", "verify_ssl",
      "tls", "ca_path", "cert", "min_tls" } do
      local text = support.raised(patchbay.telegent, { token = "abcd", [name] = false })
      assert.truthy(text:find("no such option", 1, true), text)
    end
    local source = read "src/http/settings.c"
    assert.truthy(source:find("SET(CURLOPT_SSL_VERIFYPEER, 1L)", 1, true))
    assert.truthy(source:find("SET(CURLOPT_SSL_VERIFYHOST, 2L)", 1, true))
    for _, path in ipairs(files("src", ".c")) do
      local _, count = read(path):gsub("CURLOPT_SSL_VERIFY", "")
      assert.equal(path == "src/http/settings.c" and 2 or 0, count, path)
    end
  end)
end)

describe("the credentials of a client", function()
  local here, elsewhere

  -- `here` redirects to `elsewhere`, which counts, and writes down what it gets; it is a proxy, too.
  setup(function()
    elsewhere = server.nginx { lua = [[
      ngx.shared.counts:incr("requests", 1, 0)
      ngx.say "{}"
    ]], conf = [[location /count { content_by_lua_block {
      ngx.print(ngx.shared.counts:get "requests" or 0)
    } }]] }
    here = server.nginx { conf = ([[
      location / { content_by_lua_block {
        ngx.req.read_body()
        if ngx.var.arg_status then
          ngx.header["Location"] = "%s" .. ngx.var.request_uri
          ngx.status = tonumber(ngx.var.arg_status)
          return ngx.say "{}"
        end
        ngx.say('{"Authorization":"', ngx.var.http_authorization or "", '"}')
      } }
    ]]):format((elsewhere:url "":gsub("/$", ""))) }
  end)
  teardown(server.stop_all)

  local function count()
    local client = patchbay.telegent { token = "for-counting", base_url = elsewhere:url "", proxy = "" }
    return assert(client:call("GET", "/count"))
  end

  it("reach no other host by a redirect, whatever its status and the method", function()
    local client = patchbay.telegent { token = "stays-here-1234", base_url = here:url "", retries = 0 }
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      for _, method in ipairs { "GET", "POST", "PATCH", "DELETE" } do
        local _, err = client:call(method, "/", nil, { query = { status = status } })
        assert.same({ "protocol", status }, { err.kind, err.status })
      end
    end
    assert.equal(0, count())
  end)

  local SCRIPT = [[
    local patchbay = require "patchbay"
    local client = patchbay.telegent { base_url = "%s", token = "from-the-script", retries = 0 }
    local answer, err = client:call("GET", "/")
    print(answer and answer.Authorization or err)
    local http = require("patchbay.core").http
    local pool = http.pool { proxy = "" }
    local transfer = pool:start("GET", "%s")
    while not pool:wait(transfer, 1) do end
    print(transfer:body())
  ]]

  -- The output of the script with these environment variables.
  local function run(environment)
    local name = os.tmpname()
    system.write(name, SCRIPT:format(here:url "", here:url "/"))
    local out, err = system.run(('%s "$lua" %s'):format(environment, name))
    os.remove(name)
    return out .. err
  end

  it("for this machine pass no proxy of the environment in clear text", function()
    local proxy = elsewhere:url "":gsub("/$", "")
    local out = run(("http_proxy=%s all_proxy=%s ALL_PROXY=%s no_proxy="):format(proxy, proxy, proxy))
    assert.equal('Bearer from-the-script\n{"Authorization":""}\n\n', out)
    assert.equal(0, count())
  end)

  it("are not looked for in a .netrc", function()
    local home = system.line "mktemp -d"
    system.write(home .. "/.netrc",
      "machine 127.0.0.1 login me password not-for-you\ndefault login me password not-for-you\n")
    local out = run(("chmod 600 %s/.netrc; HOME=%s NETRC=%s/.netrc"):format(home, home, home))
    system.run("rm -r " .. home)
    assert.equal('Bearer from-the-script\n{"Authorization":""}\n\n', out)
  end)
end)

describe("an answer, a journal or a CSV file", function()
  -- The calls in a file, without comments.
  local function calls(path, name)
    local text = read(path):gsub("%-%-[^\n]*", ""):gsub("/%*.-%*/", "")
    return text:find("%f[%w_.:\"']" .. name:gsub("%.", "%%.") .. "%s*[%(\"'{%[]") ~= nil
  end

  -- The command runs what its user's file of accounts names: descriptions of vendors, and commands that print
  -- a secret.
  local OF_THE_COMMAND = {
    ["lua/patchbay/command/accounts.lua"] = { loadfile = true },
    ["lua/patchbay/command/secret.lua"] = { ["io.popen"] = true },
  }

  it("is never run: nothing in the module compiles text or starts a process", function()
    for _, path in ipairs(files("lua", ".lua")) do
      local own = OF_THE_COMMAND[path] or {}
      for _, name in ipairs { "load", "loadstring", "loadfile", "dofile", "io.popen", "os.execute",
        "setfenv" } do
        assert.equal(own[name] or false, calls(path, name), path .. " calls " .. name)
      end
      -- The command starts the sandbox's server in its own place.
      local starts = read(path):find("process.exec", 1, true) ~= nil
      assert.equal(path == "lua/patchbay/command/sandbox.lua", starts, path .. " starts a process")
    end
    for _, path in ipairs(files("src", ".c")) do
      local text = read(path):gsub("/%*.-%*/", "")
      -- Keeps the module itself in memory, by its own path.
      if path == "src/system/stay_loaded.c" then text = text:gsub("dlopen%(library%.dli_fname", "", 1) end
      -- For the command, see above.
      if path == "src/lua/process.c" then text = text:gsub("execv%(words%[0%], words%)", "", 1) end
      -- Evaluates desired-state files in a state without libraries: spec/desired/load_spec.lua.
      if path == "src/lua/isolated.c" then text = text:gsub("luaL_loadbuffer%(state, self%->text", "", 1) end
      for _, name in ipairs { "system", "popen", "fork", "vfork", "execv", "execvp", "execl", "posix_spawn",
        "dlopen", "lua_load", "luaL_loadbuffer", "luaL_loadstring", "luaL_loadfile", "luaL_dostring" } do
        assert.is_nil(text:find("%f[%w_]" .. name .. "%s*%("), path .. " calls " .. name)
      end
    end
  end)

  it("names no file: what is opened is what the script has named", function()
    local opening = {}
    for _, path in ipairs(files("lua", ".lua")) do
      if not path:find "/sandbox/" and (calls(path, "io.open") or calls(path, "os.rename")
        or calls(path, "os.remove") or calls(path, "io.output")) then
        opening[#opening + 1] = path
      end
    end
    assert.same({ "lua/patchbay/auth/token_file.lua", "lua/patchbay/bulk/csv.lua",
      "lua/patchbay/bulk/failures_csv.lua", "lua/patchbay/bulk/journal.lua",
      "lua/patchbay/bulk/journal_upgrade.lua", "lua/patchbay/bulk/whole_file.lua",
      "lua/patchbay/command/accounts_file.lua",
      "lua/patchbay/command/files.lua", "lua/patchbay/command/import.lua", "lua/patchbay/command/secret.lua",
      "lua/patchbay/desired/load.lua", "lua/patchbay/desired/plan_journal.lua",
      "lua/patchbay/desired/state_store.lua", "lua/patchbay/desired/storage.lua",
      "lua/patchbay/drift/lines.lua" }, opening)
    opening = {}
    for _, path in ipairs(files("src", ".c")) do
      if read(path):gsub("/%*.-%*/", ""):find "%f[%w_]f?open%s*%(" then opening[#opening + 1] = path end
    end
    -- core.c opens /dev/null in the place of a closed standard descriptor, system/entropy.c a device.
    assert.same({ "src/core.c", "src/system/append_file.c", "src/system/append_line.c",
      "src/system/entropy.c", "src/system/own_file.c" }, opening)
  end)

  it("cannot reach outside of itself with a key: that is percent-encoded", function()
    local seen = {}
    local client = patchbay.telegent { token = "abcd-efgh", transport = function(request)
      seen[#seen + 1] = request.url
      return { status = 200, body = "{}" }
    end, paths = { ["voice_routes.get"] = "/v1.0/x/{key}" } }
    client.voice_routes:get "CRID-../../y?z=1#@host/é%2e\\"
    local written = "CRID-..%2F..%2Fy%3Fz%3D1%23%40host%2F%C3%A9%252e%5C"
    assert.equal("https://api.telegent.com/v1.0/x/" .. written .. "?CallRouteID=" .. written, seen[1])
    for _, bad in ipairs { "CRID-\r\nX: y", "CRID-\0", "CRID-\127" } do
      assert.is_false(pcall(client.voice_routes.get, client.voice_routes, bad))
      assert.is_false(pcall(client.call, client, "GET", "/" .. bad))
    end
    assert.equal(1, #seen)
  end)
end)
