local server = require "spec.support.server"
local support = require "spec.support.http"
local system = require "spec.support.system"

local http, send, finish, failure = support.http, support.send, support.finish, support.failure

describe("HTTP over TLS", function()
  local certificates, s, pool

  -- One nginx, a server per certificate: [1] good with HTTP/2, [2] expired, [3] for another host,
  -- [4] signed by itself.
  setup(function()
    certificates = server.certificates()
    local conf = {}
    for i, name in ipairs { "good", "expired", "wronghost", "selfsigned" } do
      conf[i] = ([[ server { listen 127.0.0.1:$PORT%s ssl%s; %s
        location / { content_by_lua_block {
          ngx.req.read_body()
          ngx.shared.counts:incr("requests%d", 1, 0)
          if ngx.var.arg_sleep then ngx.sleep(tonumber(ngx.var.arg_sleep)) end
          ngx.header["X-Connection"] = ngx.var.connection
          ngx.header["X-Protocol"] = ngx.var.ssl_protocol
          ngx.print(ngx.req.get_body_data() or ngx.var.server_protocol)
        } }
        location /count { content_by_lua_block { ngx.print(ngx.shared.counts:get(ngx.var.arg_of) or 0) } } }
      ]]):format(i == 1 and "" or i, i == 1 and " http2" or "", certificates.conf(name), i)
    end
    s = server.nginx { listen = "ssl", conf = table.concat(conf) }
    pool = http.pool { ca_file = certificates.path "ca", timeout = 60, proxy = "" }
  end)
  teardown(server.stop_all)

  it("speaks HTTP/2 where that is offered, byte for byte", function()
    local body = ("\0\r\nx"):rep(50000)
    local t = send(pool, "POST", s:url "/", http.headers { "X-One: 1" }, body)
    assert.is_nil(t:error())
    assert.equal("2", t:http_version())
    assert.is_true(t:body() == body)
    assert.truthy(t:header "date")
    assert.equal(200, t:status())
  end)

  it("shares one HTTP/2 connection between transfers in flight", function()
    local seen, count = {}, 0
    for _ = 1, 32 do pool:start("GET", s:url "/?sleep=0.02") end
    while pool:active() > 0 do
      local t = pool:next(1)
      if t then
        assert.equal("HTTP/2.0", t:body())
        if not seen[t:header "x-connection"] then count = count + 1 end
        seen[t:header "x-connection"] = true
      end
    end
    assert.equal(1, count)
  end)

  it("speaks HTTP/1.1 when told to, and keeps the connection", function()
    local old = http.pool { ca_file = certificates.path "ca", http_version = "1.1", proxy = "" }
    local first = send(old, "GET", s:url "/")
    assert.same({ "1.1", "HTTP/1.1" }, { first:http_version(), first:body() })
    local second = send(old, "GET", s:url "/")
    assert.equal(first:header "x-connection", second:header "x-connection")
  end)

  local function refused(t, detail)
    local e = failure(t)
    assert.same({ "tls", "no", "never" }, { e.kind, e.sent, e.retry })
    assert.truthy(e.message:find "^the certificate of 127%.0%.0%.1:%d+ was not accepted %(")
    assert.truthy(e.message:find(detail), e.message)
    assert.is_nil(t:status())
  end

  it("refuses a certificate that is expired, of another host or self-signed, before sending", function()
    refused(send(pool, "POST", s:url("/", 2), nil, "x"), "expired")
    refused(send(pool, "POST", s:url("/", 3), nil, "x"), "match")
    refused(send(pool, "POST", s:url("/", 4), nil, "x"), "self")
    for i = 2, 4 do
      assert.equal("0", send(pool, "GET", s:url("/count?of=requests" .. i)):body())
    end
  end)

  it("trusts ca_file alone, and the system's authorities without it", function()
    local other = http.pool { ca_file = certificates.path "other", proxy = "" }
    refused(send(other, "GET", s:url "/"), "certificate")
    refused(send(http.pool { proxy = "" }, "GET", s:url "/"), "certificate")
  end)

  it("names ca_file when that cannot be read", function()
    local e = failure(send(http.pool { ca_file = "/nowhere/ca.pem", proxy = "" }, "GET", s:url "/"))
    assert.same({ "tls", "no", "never" }, { e.kind, e.sent, e.retry })
    assert.truthy(e.message:find "check ca_file")
  end)

  it("refuses TLS older than 1.2", function()
    local old = server.nginx {
      listen = "ssl",
      server = certificates.conf("good", "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT:@SECLEVEL=0;"),
      conf = "location / { return 200 old; }",
    }
    local e = failure(send(pool, "GET", old:url "/"))
    old:stop()
    assert.same({ "tls", "no", "safe" }, { e.kind, e.sent, e.retry })
    assert.equal(("no secure connection to 127.0.0.1:%d; TLS 1.2 or newer is needed"):format(old.port),
      (e.message:gsub(" %(.*", "")))
  end)

  it("refuses it of a proxy as well, also where the system's configuration would allow it", function()
    local old = server.nginx {
      listen = "ssl",
      server = certificates.conf("good", "ssl_protocols TLSv1.1; ssl_ciphers DEFAULT:@SECLEVEL=0;"),
      conf = "location / { return 200 old; }",
    }
    local folder = system.line "mktemp -d"
    system.write(folder .. "/openssl.cnf", "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n"
      .. "[c]\nMinProtocol = TLSv1\nCipherString = DEFAULT:@SECLEVEL=0\n")
    system.write(folder .. "/script.lua", ([[
      local http = require("patchbay.core").http
      for _, settings in ipairs { { proxy = "" }, { proxy = "%s" } } do
        settings.timeout = 60
        local pool = http.pool(settings)
        local transfer = pool:start("GET", "%s")
        while not pool:wait(transfer, 1) do end
        print(select(2, transfer:error()))
      end
    ]]):format(old:url "":gsub("/$", ""), old:url "/"))
    local printed = system.output(("folder=%s; "):format(folder)
      .. 'OPENSSL_CONF=$folder/openssl.cnf "$lua" $folder/script.lua 2>&1')
    system.run("rm -r " .. folder)
    old:stop()
    local _, count = printed:gsub("TLS 1.2 or newer is needed", "")
    assert.equal(2, count, printed)
  end)

  it("trusts a proxy by ca_file alone, too", function()
    local function through(settings)
      settings.timeout, settings.proxy = 60, (s:url "":gsub("/$", ""))
      local e = failure(send(http.pool(settings), "GET", "https://vendor.invalid/"))
      assert.equal("no", e.sent)
      return (e.message:gsub(" %(.*", ""))
    end
    -- nginx is no proxy, which it says once it is trusted.
    assert.equal("the proxy does not connect to vendor.invalid:443: it answered with status 405",
      (through { ca_file = certificates.path "ca" }:gsub("40%d", "405")))
    for _, settings in ipairs { { ca_file = certificates.path "other" }, {} } do
      assert.equal("the certificate of the proxy on the way to vendor.invalid:443 was not accepted",
        through(settings))
    end
  end)

  it("says that nothing was sent when a handshake does not end in time", function()
    local stalled = server.nginx {
      listen = "ssl",
      server = certificates.conf("good", "ssl_certificate_by_lua_block { ngx.sleep(600) }"),
      conf = "location / { return 200 late; }",
    }
    local impatient = http.pool { ca_file = certificates.path "ca", connect_timeout = 0.1, proxy = "" }
    local e = failure(send(impatient, "POST", stalled:url "/", nil, "x"))
    assert.same({ "timeout", "no", "safe" }, { e.kind, e.sent, e.retry })
    assert.equal(("no connection to 127.0.0.1:%d within 0.1 s"):format(stalled.port),
      (e.message:gsub(" %(.*", "")))
    e = failure(send(pool, "POST", stalled:url "/", nil, "x", 0.1))
    assert.same({ "timeout", "no" }, { e.kind, e.sent })
    stalled:stop()
  end)

  it("says that a request may have arrived when the answer does not end in time", function()
    assert.is_nil(send(pool, "GET", s:url "/"):error()) -- so that there is a connection
    local e = failure(send(pool, "POST", s:url "/?sleep=600", nil, "x", 1))
    assert.same({ "timeout", "maybe" }, { e.kind, e.sent })
  end)

  it("to a server without it is an error before anything was sent", function()
    local plain = server.nginx { conf = "location / { return 200 plain; }" }
    local e = failure(send(pool, "POST", (plain:url "/":gsub("^http", "https")), nil, "x"))
    plain:stop()
    assert.same({ "tls", "no", "safe" }, { e.kind, e.sent, e.retry })
  end)

  it("cancels one of several streams without harm to the others", function()
    local a, b = pool:start("GET", s:url "/?sleep=30"), pool:start("GET", s:url "/?sleep=0.05")
    pool:wait(a, 0.02)
    a:cancel()
    assert.equal("HTTP/2.0", finish(pool, b):body())
  end)
end)

describe("a libcurl without TLS", function()
  it("sends to http addresses, and says of https ones what to do", function()
    local build, script = os.getenv "PB_BUILD", os.tmpname()
    finally(function() os.remove(script) os.execute("rm -f " .. script .. ".so") end)
    system.write(script, [[
      local pool = require("patchbay.core").http.pool { proxy = "", ca_file = "/dev/null" }
      for _, scheme in ipairs { "https", "http" } do
        local transfer = pool:start("GET", scheme .. "://127.0.0.1:1/")
        while not pool:wait(transfer, 1) do end
        local kind, message, sent, retry = transfer:error()
        print(kind, (message:gsub(" %(.*", "")), sent, retry)
      end]])
    -- A space would end the name in LD_PRELOAD. AddressSanitizer must be the first library.
    local out = system.output(('cp %s %s.so; ASAN_OPTIONS="$ASAN_OPTIONS:verify_asan_link_order=0" '
      .. 'LD_PRELOAD=%s.so "$lua" %s 2>&1'):format(system.quote(build .. "/no_tls.so"), script, script,
      script))
    assert.equal("tls\tno secure connection to 127.0.0.1:1: this libcurl is built without TLS; install one "
      .. "that has it\tno\tnever\n"
      .. "network\tcannot connect to 127.0.0.1:1: the connection was refused\tno\tsafe\n", out)
  end)
end)
