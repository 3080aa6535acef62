-- HTTP through a proxy.

local echo_server = require "spec.support.echo_server"
local server = require "spec.support.server"
local support = require "spec.support.http"
local system = require "spec.support.system"

local http, send, failure = support.http, support.send, support.failure

describe("HTTP", function()
  local s
  setup(function() s = echo_server.start() end)
  teardown(server.stop_all)

  describe("a proxy", function()
    it("is used when given, with the whole URL", function()
      local proxied = http.pool { proxy = ("http://127.0.0.1:%d"):format(s.port), timeout = 60 }
      local head = send(proxied, "GET", "http://service.invalid/head"):body()
      assert.equal("GET http://service.invalid/head HTTP/1.1\r\nHost: service.invalid\r\n",
        head:match "^.-\n.-\n")
    end)

    it("is told the user agent of the pool, once, and that of the request before it", function()
      local proxied = http.pool {
        proxy = ("http://127.0.0.1:%d"):format(s.port), timeout = 60, user_agent = "ours",
      }
      local own = http.headers { "User-Agent: mine" }
      for _, case in ipairs { { "ours" }, { "mine", own }, { "ours" } } do
        local head = send(proxied, "GET", "http://service.invalid/head", case[2]):body()
        local agents = {}
        for agent in head:gmatch "User%-Agent: (%C*)" do agents[#agents + 1] = agent end
        assert.same({ case[1] }, agents)
      end
    end)

    it("of the environment is used, whatever its variable, unless the option is empty", function()
      local script = ([[
        local http = require("patchbay.core").http
        for _, proxy in ipairs { "unset", "" } do
          local pool = http.pool { proxy = proxy ~= "unset" and proxy or nil, timeout = 60 }
          local t = pool:start("GET", "%s")
          while not pool:wait(t, 1) do end
          print(t:status() or t:error())
        end]]):format(s:url "/empty")
      local name = os.tmpname()
      system.write(name, script)
      local function run(variables)
        return system.output(('unset http_proxy all_proxy ALL_PROXY; no_proxy= %s "$lua" %s'):format(
          variables, name))
      end
      for _, variable in ipairs { "http_proxy", "all_proxy", "ALL_PROXY" } do
        assert.equal("network\n204\n", run(variable .. "=http://127.0.0.1:1"))
      end
      assert.equal("204\n204\n", run "http_proxy=")
      assert.equal("204\n204\n", run "http_proxy=http://127.0.0.1:1 no_proxy=127.0.0.1")
      os.remove(name)
    end)

    it("that cannot be reached is mentioned in the error, and nothing was sent", function()
      local proxied = http.pool { proxy = "http://127.0.0.1:1", timeout = 60 }
      local e = failure(send(proxied, "POST", "https://service.invalid/x", nil, "x"))
      assert.same({ "network", "no" }, { e.kind, e.sent })
      assert.equal("cannot connect to service.invalid:443, or to the proxy on the way: the connection was "
        .. "refused", (e.message:gsub(" %(.*", "")))
    end)

    it("that refuses its credentials is asked once, and says what to check", function()
      local proxy = server.nginx { server = "error_page 400 405 =407 /refused;",
        conf = "location /refused { return 407; }" }
      local address = ("http://me:pass-of-proxy@127.0.0.1:%d"):format(proxy.port)
      local proxied = http.pool { proxy = address, timeout = 60 }
      local transfer = send(proxied, "POST", "https://service.invalid/x", nil, "x")
      local e = failure(transfer)
      assert.same({ "unauthorized", "no", "never", 407 }, { e.kind, e.sent, e.retry, transfer:status() })
      assert.truthy(e.message:find("^the proxy on the way to service.invalid:443 did not accept its "
        .. "credentials %(status 407%); check the user name and password in proxy, or in the environment's "
        .. "proxy variables"))
      assert.is_nil(e.message:find("pass-of-proxy", 1, true))
      proxy:stop()
    end)

    it("that refuses to connect is named, and nothing was sent", function()
      local proxied = http.pool { proxy = ("http://127.0.0.1:%d"):format(s.port), timeout = 60 }
      local e = failure(send(proxied, "POST", "https://service.invalid/x", nil, "x"))
      assert.equal("network", e.kind)
      assert.equal("no", e.sent)
      assert.truthy(e.message:find(
        "^the proxy does not connect to service.invalid:443: it answered with status 40%d"))
    end)
  end)
end)
