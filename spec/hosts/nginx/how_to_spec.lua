-- The configurations of nginx on the how-to pages, taken from the pages as they stand: one nginx with all of
-- them, and the server that simulates the vendors.

local markdown = require "spec.support.markdown"
local nginx_host = require "spec.support.nginx_host"
local sandbox_server = require "spec.support.sandbox_server"
local server = require "spec.support.server"
local system = require "spec.support.system"

if not nginx_host.available() then return pending(nginx_host.NEEDS) end
if not sandbox_server.available() then return pending "needs curl and nginx #slow" end

local CRID = "CRID-509de94f-79cc-429b-a317-2102654dabbb"

local function block_of(page)
  for _, block in ipairs(markdown.blocks(assert(system.read(page)))) do
    if block.kind == "nginx" then return block.text end
  end
  error(page .. " has no block of nginx")
end

describe("nginx as docs/how-to has it #slow", function()
  local sandbox, nginx

  setup(function()
    sandbox = sandbox_server.start()
    local main, http, locations = block_of("docs/how-to/install-in-openresty.md")
      :match "^(.-)\nhttp {\n(.-)\n  server {\n(.-)\n  }\n}\n$"
    local function exported(name) return sandbox.exports:match(name .. "='([^']*)'") end
    -- The page's account is the sandbox's.
    local account = ("%%0, base_url = %q, account_key = %q, account_secret = %q"):format(
      sandbox.base_url, exported "TELEGENT_ACCOUNT_KEY", exported "TELEGENT_ACCOUNT_SECRET")
    local given, count = http:gsub('shared = "patchbay"', account)
    assert.equal(1, count)
    given = given:gsub("timeout = 5", "metrics = true, %0")
    local root, build = system.line "pwd", os.getenv "PB_BUILD" or "build/luajit"
    if build:sub(1, 1) ~= "/" then build = root .. "/" .. build end
    nginx = server.nginx {
      main = main,
      http = ("lua_package_path '%s/lua/?.lua;%s/lua/?/init.lua;;'; lua_package_cpath '%s/?.so;;';\n")
        :format(root, root, build) .. given,
      conf = locations:gsub("CRID%-…", CRID) .. "\n" .. block_of "docs/how-to/metrics-and-alerts.md",
    }
  end)
  teardown(function()
    if nginx then nginx:stop() end
    if sandbox then sandbox:stop() end
  end)

  local function get(path)
    return (system.run(("curl -sS --max-time 30 -w '%%{http_code}' %s"):format(nginx:url(path))))
  end

  it("changes the route, and counts the call", function()
    assert.equal("done\n200", get "/disable")
    assert.same({ 'POST /v1.0/voice/routes/update {"CallRouteId":"' .. CRID .. '","TrunkEnabled1":false}' },
      sandbox:changes())
    local text = get "/metrics"
    assert.truthy(text:find('operation="update",outcome="ok"} 1', 1, true), text)
  end)

  it("answers with 502 and logs the reason where it fails", function()
    sandbox:fail { status = 422, match = "/v1.0/voice/routes/update" }
    assert.truthy(get("/disable"):find "502$")
    assert.truthy(nginx:log():find("invalid (422)", 1, true), nginx:log())
  end)
end)
