-- lua-resty-http as transport within nginx.

local nginx_host = require "spec.support.nginx_host"
local server = require "spec.support.server"
local vendor = require "spec.support.vendor"

if not nginx_host.available() then return pending(nginx_host.NEEDS) end

local UPDATE = "local ok, err = update() ngx.say(ok and 'done' or tostring(err))"
local KIND = [[
  local ok, err = update()
  ngx.say(ok and "done" or err.kind .. " " .. err.outcome .. " " .. err.message:gsub("^.-CRID%-1: ", ""))
]]
local ASKED = 'transport = "resty.http"'

-- If lua-resty-http is not installed, a double replaces it; see there.
local DOUBLE = os.getenv "PB_RESTY_HTTP" or "$ROOT/spec/support/double/?.lua"

describe("lua-resty-http #slow", function()
  local v, host

  local function start(options, vendor_options)
    if not options.base_url then
      v = vendor.start(vendor_options)
      options.vendor = v
    end
    options.path = options.path or DOUBLE
    host = nginx_host.start(options)
  end

  after_each(server.stop_all)

  it("carries calls when it is asked for", function()
    start { threads = false, client = ASKED, locations = { ["/update"] = UPDATE, ["/list"] = [[
      local ok, err = client:call("GET", "/books")
      ngx.say(ok and ok.logins or tostring(err))
    ]] } }
    local before = v:books().connections
    for _ = 1, 10 do assert.equal("done", (host:get "/update")) end
    assert.equal("2", (host:get "/list")) -- each endpoint has its token
    assert.equal(10, v:books().applied["CRID-1"])
    assert.truthy(v:books().connections - before <= 2) -- that of the login, and its own
  end)

  it("carries them too when nginx has no thread pool", function()
    start { threads = false, locations = { ["/update"] = UPDATE } }
    assert.equal("done", (host:get "/update"))
    assert.same({ done = 20 }, host:get_all("/update", 20))
    assert.equal(1, v:books().logins)
  end)

  it("carries 64 calls at the same time while the worker answers others", function()
    -- Each changes another record: changes of one go out one at a time.
    local update = UPDATE:gsub("update%(%)", "update(ngx.var.arg_key)")
    start({ threads = false, client = ASKED,
      locations = { ["/update"] = update, ["/health"] = "ngx.say 'well'" } }, { gather = 65 })
    local transfers = {}
    for i = 1, 64 do transfers[i] = host:begin("/update?key=" .. i) end
    host:wait_for(function() return v:books().most == 64 end)
    assert.equal("well", (host:get "/health"))
    assert(v:client().voice_routes:update("CRID-65", { RouteName = "lets them go" }))
    for i = 1, 64 do assert.equal("done", (host:finish(transfers[i]))) end
  end)

  it("serves the phases access, rewrite and timer", function()
    start { client = ASKED, conf = [[
      location = /phases { rewrite_by_lua_block { one = tostring(update(1)) }
        access_by_lua_block { two = tostring(update(2)) }
        content_by_lua_block {
          local done = require("ngx.semaphore").new(0)
          ngx.timer.at(0, function() three = tostring(update(3)) done:post(1) end)
          done:wait(10)
          ngx.say(one:sub(1, 19), two:sub(1, 19), three:sub(1, 19)) } }]] }
    assert.equal("voice_routes CRID-1voice_routes CRID-2voice_routes CRID-3", (host:get "/phases"))
  end)

  it("tells what the vendor refused, with its headers", function()
    start({ client = ASKED .. ", retries = 0", locations = {
      ["/update"] = "local _, err = update() ngx.say(err.kind, ' ', err.status, ' ', err.retry_after)" } },
      { fault = "return refuse(429, 7)" })
    assert.equal("rate_limited 429 7", (host:get "/update"))
  end)

  it("says that nobody listens, that an answer is cut or late, and what was sent of it", function()
    start({ base_url = "http://127.0.0.1:9", client = ASKED .. ", retries = 0, token = 't'",
      locations = { ["/update"] = KIND } })
    assert.equal("network not_sent cannot connect to 127.0.0.1:9: "
      .. "connection refused", (host:get "/update"))
    -- With the timeout of each: short only where it passes, and then long enough for what comes before.
    local HALF = 'sock:send("HTTP/1.1 200 OK\\r\\nContent-Length: 99\\r\\n\\r\\nhalf")'
    for script, case in pairs {
      [HALF] = { 60, "network unknown while reading the response: closed" },
      ["ngx.sleep(600)"] = { 0.5, "timeout unknown no response in time, while waiting" },
      [HALF .. " ngx.sleep(600)"] = { 4, "timeout unknown no response in time, while reading the response" },
      ['sock:send("HTTP/1.1 200 OK\\r\\nContent-Length: 5000\\r\\n\\r\\n" .. ("x"):rep(5000))'] =
        { 60, "too_large unknown the response is larger than max_response_bytes, 1024" },
    } do
      local seconds, expected = case[1], case[2]
      local broken = server.raw(script)
      start { base_url = broken:url "", locations = { ["/update"] = KIND },
        client = ASKED .. ", retries = 0, token = 't', max_response_bytes = 1024, timeout = " .. seconds }
      local said = host:get "/update"
      assert.equal(expected, said:sub(1, #expected))
    end
  end)

  it("verifies certificates", function()
    local certificates = server.certificates()
    local secure = server.nginx { listen = "ssl", server = certificates.conf "good",
      lua = [[ngx.req.read_body() ngx.say '{"CallRouteId":"CRID-1"}']] }
    -- One that is trusted, but nginx compares names alone, and this is for an address.
    for _, authority in ipairs { "ca", "other" } do
      start { base_url = secure:url "", client = ASKED .. ", retries = 0, token = 't'",
        locations = { ["/update"] = KIND },
        http = ("lua_ssl_trusted_certificate %s;"):format(certificates.path(authority)) }
      local said = host:get "/update"
      assert.truthy(said:find "^tls not_sent .*nginx verifies with lua_ssl_trusted_certificate", said)
    end
  end)

  it("is asked for in vain where it is not installed, or where it lacks what is wanted", function()
    start { path = "/nowhere/?.lua", client = "token = 't'", init = [[
      said_missing = select(2, pcall(new_client, { transport = "resty.http" }))
      said_other = select(2, pcall(new_client, { transport = "resty.https" }))
      package.preload["resty.http"] = function() return {} end
      package.preload["resty.http_connect"] = function() require "resty.sha999" end
      said_needs = select(2, pcall(new_client, { transport = "resty.http" }))
      package.preload["resty.http_connect"] = nil
      said_file = select(2, pcall(new_client, { transport = "resty.http", ca_file = "/x.pem" }))
    ]], locations = { ["/missing"] = "ngx.say(said_missing)", ["/other"] = "ngx.say(said_other)",
      ["/file"] = "ngx.say(said_file)", ["/needs"] = "ngx.say(said_needs)" } }
    -- Where it is installed all the same, this cannot be seen.
    if not host:get("/missing"):find "^telegent client" then
      assert.truthy(host:get("/missing"):find("telegent: option transport: resty.http: it is not installed; "
        .. "opm get ledgetech/lua-resty-http, or luarocks install lua-resty-http", 1, true))
    end
    assert.truthy(host:get("/other"):find('telegent: option transport: expected a function, an object with a '
      .. 'method send(request), or "resty.http", got "resty.https"', 1, true))
    assert.truthy(host:get("/needs"):find("resty.http: it needs the module resty.sha999 of lua-resty-string, "
      .. "which is not installed; opm get openresty/lua-resty-string", 1, true))
    assert.truthy(host:get("/file"):find("resty.http has no ca_file; write lua_ssl_trusted_certificate into "
      .. "nginx.conf", 1, true))
  end)
end)
