-- HTTP responses: status, headers and body, and the limit on their size.

local echo_server = require "spec.support.echo_server"
local server = require "spec.support.server"
local support = require "spec.support.http"

local http, send, failure = support.http, support.send, support.failure

describe("HTTP", function()
  local s, pool
  setup(function()
    s = echo_server.start()
    pool = echo_server.new_pool()
  end)
  teardown(server.stop_all)

  describe("a response", function()
    it("may have no body", function()
      local t = send(pool, "GET", s:url "/empty")
      assert.same({ 204, "" }, { t:status(), t:body() })
      t = send(pool, "GET", s:url "/nothing")
      assert.same({ 200, "" }, { t:status(), t:body() })
    end)

    it("has headers by name in any case, repeated ones joined", function()
      local t = send(pool, "GET", s:url "/repeated")
      assert.equal("one, two", t:header "x-MANY")
      assert.equal("one, two", t:headers()["x-many"])
      assert.equal("application/octet-stream", t:headers()["content-type"])
      assert.is_nil(t:header "x-none")
      assert.is_nil(t:header "x-man")
    end)

    it("with an error status is not an error", function()
      local t = send(pool, "GET", s:url "/status?s=500")
      assert.is_nil(t:error())
      assert.same({ 500, "no" }, { t:status(), t:body() })
    end)

    it("is decompressed", function()
      local t = send(pool, "GET", s:url "/gzip?n=100000")
      assert.equal("gzip", t:header "content-encoding")
      assert.equal(100000, #t:body())
    end)

    it("that redirects is given to the caller and not followed", function()
      local t = send(pool, "GET", s:url "/redirect", http.headers { "Authorization: secret" })
      assert.equal(302, t:status())
      assert.truthy(t:header "location":find("/stolen", 1, true))
      assert.equal("0", send(pool, "GET", s:url("/count", 2)):body())
    end)

    it("can be freed before it is collected", function()
      local t = send(pool, "GET", s:url "/bytes?n=5")
      t:close()
      assert.same({ 200, "" }, { t:status(), t:body() })
      assert.is_nil(t:header "date")
    end)
  end)

  describe("limits", function()
    local small
    setup(function() small = http.pool { max_response_bytes = 1000, timeout = 60, proxy = "" } end)

    it("accept a response of exactly that size", function()
      assert.equal(1000, #send(small, "GET", s:url "/bytes?n=1000"):body())
    end)

    it("end a response with a larger body, keeping its status", function()
      local t = send(small, "GET", s:url "/bytes?n=1001")
      assert.same({
        kind = "too_large", sent = "maybe",
        message = ("the answer of 127.0.0.1:%d is larger than 1000 bytes; if such answers are right, "
          .. "raise max_response_bytes"):format(s.port),
      }, failure(t))
      assert.equal(200, t:status())
    end)

    it("count what compressed bytes become", function()
      local t = send(small, "GET", s:url "/gzip?n=50000000")
      assert.equal("too_large", (t:error()))
      assert.is_true(#t:body() <= 1000)
    end)

    it("leave the pool usable", function()
      assert.equal(5, #send(small, "GET", s:url "/bytes?n=5"):body())
    end)
  end)
end)
