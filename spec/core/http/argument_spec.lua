-- HTTP: arguments that are refused.

local echo_server = require "spec.support.echo_server"
local server = require "spec.support.server"
local support = require "spec.support.http"

local http, send = support.http, support.send

describe("HTTP", function()
  local s, pool
  setup(function()
    s = echo_server.start()
    pool = echo_server.new_pool()
  end)
  teardown(server.stop_all)

  describe("a mistake", function()
    local function refused(message, f, ...)
      local ok, err = pcall(f, ...)
      assert.is_false(ok)
      assert.equal(message, (tostring(err):gsub("^bad argument #%d to '?.-'? %((.*)%)$", "%1")))
    end

    it("in a header is refused without showing its value", function()
      for _, bad in ipairs { "\r", "\n", "\0", "\r\nX-Evil: 1", "\127", "\27" } do
        refused("header X-Key: its value has a control character (a line break, a NUL)",
          http.headers, { "Accept: a/b", "X-Key: sec" .. bad .. "ret" })
      end
      for _, bad in ipairs {
        "", ":", ": secret", "secret", "X Key: secret", "X\r\nKey: secret", "X\0: secret",
      } do
        refused("header 2: it must be \"Name: value\" with a valid name", http.headers, { "A: b", bad })
      end
      for _, bad in ipairs { "Content-Length", "transfer-encoding" } do
        refused(("header %s: it follows from the body and cannot be set"):format(bad),
          http.headers, { bad .. ": 5" })
      end
      refused("header 1 is not a string", http.headers, { 5 })
    end)

    it("in the object is refused", function()
      local transfer = send(pool, "GET", s:url "/empty")
      for _, bad in ipairs { transfer, io.stdout, {}, 1, "", require "patchbay".null, http.headers {} } do
        assert.has_error(function() pool.active(bad) end)
        assert.has_error(function() pool:start("GET", s:url "/empty", bad ~= transfer and 5 or bad) end)
        if bad ~= transfer then assert.has_error(function() transfer.status(bad) end) end
      end
      refused("patchbay.http.pool expected, got table", pool.active, {})
      assert.equal(0, pool:active())
    end)

    it("in a method or URL is refused", function()
      for _, bad in ipairs { "", "GET /", "G\0T", "GET\r\n", ("G"):rep(32) } do
        refused("this is not an HTTP method", pool.start, pool, bad, s:url "/empty")
      end
      for _, bad in ipairs { "", "ftp://h/", "file:///etc/passwd", "/x", "h/x", "http:/h", "httpx://h/" } do
        refused("the URL must start with http:// or https://", pool.start, pool, "GET", bad)
      end
      for _, bad in ipairs { "http://h/a b", "http://h/\r\nX: y", "http://h/\0", "http://h/\195\164", " " } do
        local message = bad == " " and "the URL must start with http:// or https://" or
          "the URL has a space, a control character or a byte above 126; percent-encode it"
        refused(message, pool.start, pool, "GET", bad)
      end
      refused("the URL has no host", pool.start, pool, "GET", "http:///x")
    end)

    it("in an option is refused", function()
      refused("a pool has no option insecure", http.pool, { insecure = true })
      refused("timeout must be a number of seconds, above 0 and up to a million", http.pool, { timeout = 0 })
      refused("connect_timeout must be a number of seconds, above 0 and up to a million",
        http.pool, { connect_timeout = 0 / 0 })
      refused("timeout must be a number of seconds, above 0 and up to a million",
        pool.start, pool, "GET", s:url "/empty", nil, nil, -1)
      refused("user_agent has a control character", http.pool, { user_agent = "a\r\nX: y" })
      refused("http_version must be \"1.1\" or \"2\"", http.pool, { http_version = "1.0" })
      refused("ca_file must be a string", http.pool, { ca_file = 5 })
      assert.has_error(function() http.pool { max_connections = 0 } end)
      assert.has_error(function() http.pool { max_response_bytes = 1.5 } end)
      refused("the body must be a string", pool.start, pool, "POST", s:url "/empty", nil, 5)
      assert.equal(0, pool:active())
    end)
  end)
end)
