-- Patchbay's calls through HAProxy's own HTTP client: straight to the vendor, through a gateway, over TLS.

local haproxy = require "spec.support.haproxy"
local server = require "spec.support.server"
local system = require "spec.support.system"

local AGENT = (" - patchbay/%s "):format(require("patchbay")._VERSION)

local describe_where_it_is = haproxy.lua() and describe or pending

-- Does as the body of the request says, and counts; else it answers with the name that it was sent, and tells
-- in the route's status what has arrived.
local VENDOR = [[
  location /count { content_by_lua_block { ngx.print(seen or 0) } }
  location / { content_by_lua_block {
    seen = (seen or 0) + 1
    ngx.req.read_body()
    local body = ngx.req.get_body_data() or ""
    local function tell(...)
      ngx.print('{"CallRouteId":"CRID-1","RouteName":"', body:match '"RouteName":"(.-)"' or "", '",',
        '"CallRouteStatus":"', table.concat({ ngx.var.request_method, ... }, " "), '"}')
    end
    if #body > 100000 then return tell(#body, "received") end
    local function is(what) return body:find(what, 1, true) end
    if is "drop" then return ngx.exit(444) end
    if is "late" then ngx.sleep(60) end
    if is "busy" then
      ngx.status = 503
      return ngx.print '{"StatusCode":503,"Message":"busy"}'
    elseif is "refused" then
      ngx.header["X-Request-Id"] = { "first", "last" }
      ngx.status = 400
      return ngx.print '{"Message":"no"}'
    elseif is "half" then
      ngx.header.content_length = 100
      ngx.print '{"CallRouteId":'
      ngx.flush(true)
      return ngx.exit(ngx.ERROR)
    elseif is "large" then
      return ngx.print('{"RouteName":"', ("x"):rep(5000), '"}')
    elseif is "huge" then
      return ngx.print('{"RouteName":"', ("x"):rep(30 * 1024 * 1024), '"}')
    end
    local headers = ngx.req.get_headers()
    tell(headers["content-length"] or "-", headers["transfer-encoding"] or "-",
      headers["patchbay-method"] or "-", headers.user_agent, headers.host)
  } }
]]

describe_where_it_is("a call within HAProxy #slow #once", function()
  local h, v

  after_each(function()
    if h then h:stop() end
    if v then v:stop() end
    h, v = nil, nil
  end)
  teardown(function()
    haproxy.stop_all()
    server.stop_all()
  end)

  local function seen()
    return h:run(("return core.httpclient():get{ url = %q }.body"):format(v:url "/count"))
  end

  -- The result of a call: the route's status, or the error, a line for each part.
  local TELL = [[
    function tell(done, err)
      if done then return done.CallRouteStatus end
      return ("%s\n%s\n%s\n%s"):format(err.kind, err.outcome, tostring(err.status), err.message)
    end
  ]]
  local function told(kind, outcome, status, message)
    return ("%s\n%s\n%s\n%s"):format(kind, outcome, status, message)
  end
  -- The headers about the length of a body, as VENDOR reports them: Content-Length, Transfer-Encoding.
  local function framing(length)
    return haproxy.is_at_least(3, 0) and "- chunked" or length .. " -"
  end
  -- The framing of a call of any kind.
  local SHORT = [[
    local function call(method, body)
      local answer, err = client:call(method, "/v1.0/x", body)
      return answer and answer.CallRouteStatus:match "^%u+ %S+ %S+" or tostring(err)
    end
  ]]
  local NOT_KNOWN = "; whether the change was applied is not known"
  local NO_CONNECTION = "there is no connection to the vendor: nothing listens, the name is not known to a "
    .. "name server, or the certificate is not trusted"
  local BROKEN = "the connection broke before the response was complete, or it was no HTTP"

  describe("straight to the vendor", function()
    local UPDATE = "telegent voice_routes.update CRID-1: "
    local ITSELF = UPDATE .. "HAProxy answered %d itself: %s" .. NOT_KNOWN

    local function start(options, base, global)
      v = server.nginx { conf = VENDOR }
      h = haproxy.start { global = global, lua = TELL .. ([[
        client = patchbay.telegent { base_url = %q, token = "t", allow_cleartext = true, %s }
        function update(what) return tell(client.voice_routes:update("CRID-1", { RouteName = what })) end
      ]]):format(base or v:url "", options or "retries = 0") }
    end

    local function update(what) return h:run(("return update(%q)"):format(what)) end

    it("has the method, framing and headers that it is to have", function()
      start()
      assert.equal("POST " .. framing(44) .. AGENT .. v:url "":match "//(.*)$", update "plain")
    end)

    it("says of no body that its length is 0, before HAProxy 3.0; and a large body arrives whole", function()
      start()
      assert.equal("GET - -", h:run(SHORT .. "return call('GET')"))
      assert.equal(haproxy.is_at_least(3, 0) and "PUT - -" or "PUT 0 -", h:run(SHORT .. "return call('PUT')"))
      assert.equal("PUT 100011 received", h:run(SHORT .. "return call('PUT', { a = ('x'):rep(100003) })"))
    end)

    it("finds localhost without a name server", function()
      start()
      h:run(("client = patchbay.telegent { base_url = 'http://localhost:%d', token = 't' }"):format(v.port))
      assert.equal("POST", update("plain"):match "^%a+")
    end)

    it("takes the vendor's refusals for what they are", function()
      start()
      assert.equal(told("unavailable", "refused", 503, UPDATE .. 'unavailable (503): "busy"'), update "busy")
      assert.equal("last", h:run [[
        local _, err = client.voice_routes:update("CRID-1", { RouteName = "refused" })
        return err.request_id
      ]])
    end)

    it("tells HAProxy's own pages from the vendor's answers", function()
      start()
      assert.equal(told("network", "unknown", 502, ITSELF:format(502, BROKEN)), update "drop")
    end)

    it("tells that there is no connection, and no such name", function()
      for _, base in ipairs { "http://127.0.0.1:1", "http://no.such.name.invalid" } do
        start(nil, base)
        assert.equal(told("network", "unknown", 503, ITSELF:format(503, NO_CONNECTION)), update "n")
        h:stop()
        v:stop()
      end
    end)

    it("ends when its time is over, with all that HAProxy tries by itself", function()
      start "retries = 0, timeout = 8"
      assert.truthy(update("late"):find "^timeout\nunknown\n")
      assert.equal("4", seen())
    end)

    it("fails when the answer is cut short, or too large", function()
      start "retries = 0, max_response_bytes = 4096"
      local half = update("half"):gsub("\nnil\n", "\n200\n") -- HAProxy 3.5 may have no status then
      assert.equal(told("network", "unknown", 200, UPDATE .. "the connection closed in the middle of the "
        .. "response: 15 of 100 bytes came" .. NOT_KNOWN), half)
      assert.equal(told("too_large", "unknown", 200, UPDATE .. "the response is larger than 4096 bytes; if "
        .. "such responses are right, raise max_response_bytes" .. NOT_KNOWN), update "large")
    end)

    it("may have been applied when HAProxy has no memory for the answer", function()
      start("retries = 0", nil, "tune.lua.maxmem 20")
      assert.equal(told("too_large", "unknown", "nil", UPDATE .. "HAProxy's Lua has no memory left for the "
        .. "response; tune.lua.maxmem in haproxy.cfg bounds it" .. NOT_KNOWN), update "huge")
      assert.equal("1", seen())
    end)

    it("is not sent when HAProxy cannot make the request", function()
      start()
      local said = h:run [[ return tell(client:call("GET", "/" .. ("x"):rep(30000))) ]]
      assert.truthy(said:find "^network\nnot_sent\n", said:sub(1, 100))
      assert.truthy(said:find("HTTP client did not start: Can't generate the HTTP request", 1, true))
    end)

    it("is not sent when it must not be sent twice, or HAProxy has not its method", function()
      start()
      local NO, GATEWAY = "HAProxy cannot send this straight to the vendor: its HTTP client ",
        "; add a gateway to haproxy.cfg as docs/haproxy.md shows, and name it in the option gateway"
      assert.equal(told("unsupported", "not_sent", "nil", "telegent voice_routes.create: " .. NO .. "would "
        .. "send this call again by itself when the response is lost, and the vendor might do it twice"
        .. GATEWAY),
        h:run "return tell(client.voice_routes:create { RouteName = 'n', RouteType = 'Trunk' })")
      assert.equal(told("unsupported", "not_sent", "nil", "telegent call PATCH /v1.0/x: " .. NO
        .. "has no PATCH" .. GATEWAY),
        h:run "return tell(client:call('PATCH', '/v1.0/x', { a = 1 }))")
      assert.equal("0", seen())
    end)
  end)

  describe("by way of a gateway", function()
    local GATEWAY = [[
      frontend gateway
        bind 127.0.0.1:$PORT2
        option httpclose
        http-request set-method %[req.hdr(patchbay-method)] if { req.hdr(patchbay-method) -m found }
        http-request del-header patchbay-method
        use_backend gone if { req.hdr(host) 127.0.0.1:1 }
        default_backend vendor
      backend vendor
        timeout server 5s
        MARK
        server vendor VENDOR
      backend gone
        retries 0
        server gone 127.0.0.1:1
    ]]

    local function start(mark)
      v = server.nginx { conf = VENDOR }
      local address = v:url "":match "//(.*)$"
      mark = mark or "http-response set-header patchbay-vendor 1"
      h = haproxy.start { conf = GATEWAY:gsub("VENDOR", address):gsub("MARK", mark), lua = TELL .. ([[
        function call(method, what, options)
          local given = { base_url = %q, gateway = "127.0.0.1:$PORT2", token = "t", retries = 0 }
          for name, value in pairs(options or {}) do given[name] = value end
          return tell(patchbay.telegent(given):call(method, "/v1.0/x", { what = what }))
        end
      ]]):format(v:url "") }
      return address
    end

    local function call(what, options)
      return h:run(("return call('PATCH', %q, %s)"):format(what, options or "nil"))
    end

    -- The same, with the gateway's address left out of it.
    local function call_error(what, options)
      return (call(what, options):gsub("gateway 127%.0%.0%.1:%d+", "gateway"))
    end

    local THE_GATEWAY = "telegent call PATCH /v1.0/x: the gateway answered "

    it("has methods that HAProxy's client has not", function()
      local address = start()
      for _, method in ipairs { "PATCH", "POST", "PUT" } do
        assert.equal(method .. " " .. framing(14) .. AGENT .. address,
          h:run(("return call(%q, 'any')"):format(method)))
      end
    end)

    it("is sent once, whatever becomes of the answer", function()
      start()
      assert.equal(told("network", "unknown", 502, THE_GATEWAY .. "502 itself: " .. BROKEN .. NOT_KNOWN),
        call_error "drop")
      assert.equal("1", seen())
      assert.equal(told("timeout", "unknown", 504, THE_GATEWAY .. "504 itself: no response came in time"
        .. NOT_KNOWN), call_error "late")
      assert.equal("2", seen())
    end)

    it("knows the vendor's answer from the gateway's, and what never left", function()
      start()
      assert.equal(told("unavailable", "refused", 503,
        'telegent call PATCH /v1.0/x: unavailable (503): "busy"'), call "busy")
      assert.equal(told("network", "not_sent", 503, THE_GATEWAY .. "503 itself: " .. NO_CONNECTION),
        call_error("any", "{ base_url = 'http://127.0.0.1:1' }"))
      assert.truthy(call("any", "{ gateway = 'unix@/no/such/socket' }"):find "^network\nnot_sent\n503\n")
    end)

    it("is given up when its time is over, though the gateway has not", function()
      start()
      assert.equal(told("timeout", "unknown", "nil", "telegent call PATCH /v1.0/x: no response within 0.05 s"
        .. NOT_KNOWN), call("late", "{ timeout = 0.05 }"))
    end)

    it("takes no answer for the vendor's that is not marked, and says what is missing", function()
      start ""
      assert.equal(told("protocol", "unknown", 200, THE_GATEWAY .. "200 itself: if the vendor did, the "
        .. "gateway lacks the line http-response set-header patchbay-vendor 1" .. NOT_KNOWN),
        call_error "any")
    end)
  end)

  describe("over TLS", function()
    local certificates

    setup(function() certificates = server.certificates() end)

    local ECHO = [[ ngx.print('{"RouteName":"n","CallRouteStatus":"', ngx.req.get_method(), '"}') ]]

    local function start_vendor(certificate)
      v = server.nginx { listen = "ssl", server = certificates.conf(certificate), lua = ECHO }
    end

    local function update(certificate)
      start_vendor(certificate)
      h = haproxy.start { global = "httpclient.ssl.ca-file " .. certificates.path "ca", lua = TELL .. ([[
        client = patchbay.telegent { base_url = "https://localhost:%d", token = "t", retries = 0 }
      ]]):format(v.port) }
      return h:run [[ return tell(client.voice_routes:update("CRID-1", { RouteName = "n" })) ]]
    end

    it("goes to whom the configured authority vouches for", function()
      assert.equal("POST", update "localhost")
    end)

    it("goes to nobody else", function()
      assert.equal(told("network", "unknown", 503, "telegent voice_routes.update CRID-1: HAProxy answered "
        .. "503 itself: " .. NO_CONNECTION .. NOT_KNOWN), update "wronghost")
    end)

    it("goes through the gateway that docs/haproxy.md shows, and to no vendor that is not in it", function()
      start_vendor "localhost"
      local page = assert(system.read("docs/haproxy.md"))
      local function filled(text)
        return (text:gsub("127%.0%.0%.1:8099", "127.0.0.1:$PORT2"):gsub("@system%-ca", certificates.path "ca")
          :gsub("api%.telegent%.com:443", "127.0.0.1:" .. v.port):gsub("api%.telegent%.com", "localhost"))
      end
      h = haproxy.start { conf = filled(page:match "\n```haproxy\n(.-)```"),
        lua = TELL .. filled(page:match "\n```lua\n(local options.-)```") .. [[
          function call(base)
            options.base_url, options.token, options.retries = base, "t", 0
            return tell(patchbay.telegent(options):call("PATCH", "/v1.0/x", { a = 1 }))
          end
        ]] }
      assert.equal("PATCH", h:run "return call 'https://localhost'")
      assert.truthy(h:run("return call 'https://elsewhere.example'"):find "^network\nnot_sent\n503\n")
    end)
  end)
end)
