-- Independence of the program's locale: numbers have a full stop, and only A to Z have small letters. A
-- script exercises all code that reads or writes numbers or compares names. Its output is the same in every
-- locale.

local locales = require "spec.support.locales"
local server = require "spec.support.server"
local system = require "spec.support.system"

local SCRIPT = [=[
local locale, url = arg[1], arg[2]
local core, patchbay = require "patchbay.core", require "patchbay"
local json, redact = require "patchbay.sandbox.json", require "patchbay.exchange.redact"
local rate, wording = require "patchbay.exchange.rate", require "patchbay.bulk.wording"
local text = require "patchbay.util.text"
-- A program may do so at any time.
assert(os.setlocale(locale) == locale)
-- One result a line; print itself writes numbers as the locale has them.
local function say(...)
  local parts = { ... }
  for i = 1, select("#", ...) do
    local part = parts[i]
    parts[i] = type(part) == "number" and core.json.encode(part) or tostring(part)
  end
  print((table.concat(parts, " "):gsub("127%.0%.0%.1:%d+", "host")))
end

-- JSON, the client's and the sandbox's.
for _, number in ipairs { 0.5, -1.25, 1e300, 5e-324, 0.1 + 0.2, 123456789.125, 100 } do
  say(core.json.encode { number }, json.encode { number }, patchbay.csv.line { number, "a" })
  say(core.json.decode(core.json.encode { number })[1] == number)
  say(json.decode(json.encode { number })[1] == number)
end
say(json.decode "[0.5, 1.5e3, -2]" [2], core.json.decode "[0.5, 1.5e3, -2]" [2])

-- Numbers in messages, and such as people write them.
local schema = core.schema.compile { type = "object", properties = {
  { "n", type = "number", minimum = 0.25, maximum = 1.5 }, { "s", type = "string" },
  { "i", type = "integer" } } }
say(select(2, core.schema.check(schema, { n = 0.125 }, "t")))
say(select(2, core.schema.check(schema, { n = 2.5 }, "t")))
say(select(2, core.schema.check(schema, { s = 0.1 }, "t")))
say(select(2, core.schema.check(schema, { n = "0.5" }, "t")))
say(select(2, core.schema.check(schema, { i = 0.5 }, "t")))
say(rate.parse "0.5/s")
say(rate.parse "90.0/min")
say(rate.parse(-0.5))
say(wording.duration(0.00042), wording.duration(0.0042), wording.duration(4.25), wording.count(1234567))
say(core.text.retry_after("1.5", 0, 100), core.text.retry_after("2", 0, 100))
say(core.text.parse_time("2026-04-03T12:00:00.25Z", "date-time"), core.text.format_time(0.5, "date-time"))
say(text.of(0.5), text.of(1e300), text.to_number "0.5", text.to_number "12", text.to_number ".5",
  text.to_number "1,5", text.to_number "x")
say(pcall(patchbay.telegent, { token = "abcdefgh", timeout = -0.5 }))
say(pcall(patchbay.telegent, { token = "abcdefgh", rate = -0.5 }))

-- Names, in any letter case.
say(core.record.place "CONTENT-ID I" == core.record.place "content-id i",
  core.record.place "I" ~= core.record.place "J")
local names = redact.names { "Identity", "API_KEY_ID" }
say(redact.body('{"IDENTITY":"s1","identity":"s2","api_key_id":"s3","other":"IDENTITY"}', names, {}))
say(redact.body('{"IDENTITY":"s1","api_key_id":"s3', names, {}))
local answers = {}
local function transport(request)
  local answer = table.remove(answers, 1) or { status = 200, headers = {}, body = request.body or "{}" }
  for name, value in pairs(answer.headers) do request.headers[name] = value end
  return answer
end
local client = patchbay.telegent { token = "abcdefgh", transport = transport, retries = 0 }
local route = client.voice_routes["CRID-1"]
answers[1] = { status = 429, headers = { ["RETRY-AFTER"] = "1", ["X-REQUEST-ID"] = "42" }, body = "" }
local _, err = route { Trunk1Weight = 1 }:update()
say(err)
say(err.retry_after, err.request_id)
answers[1] = { status = 400, headers = {}, body = '{"TITLE":"INVALID TITLE","DETAIL":"Ungültig – ø…"}' }
_, err = route:update()
say(err)
say((pcall(function() route.RouteName = "ungültig…\1\n" end)), tostring(route))
say(select(2, pcall(function() route.trunkip1 = "1" end)))
say(select(2, pcall(function() route.TrunkTransport1 = "udpi" end)))
say(pcall(client.call, client, "GET", "/x y"))
say(pcall(client.call, client, "GÉT", "/x"))

-- HTTP itself: framing, codings and headers are known by names.
local pool = core.http.pool { timeout = 20 }
local function get(path, headers)
  local transfer = pool:start("GET", url .. path, headers)
  while not pool:wait(transfer, 0.5) do end
  local fields = transfer:headers() or {}
  say(path, transfer:status(), transfer:body(), fields["content-id"], fields["x-id"], (transfer:error()))
end
get("/identity")
get("/chunked")
get("/length")
get("/unknown")
say(select(2, pcall(core.http.headers, { "TRANSFER-ENCODING: chunked" })))
say(select(2, pcall(core.http.headers, { "CONTENT-LENGTH: 1", "ÉTAG: 1" })))
get("/identity", core.http.headers { "X-ID: 1", "IDENTITY: 2" })
say(pcall(pool.start, pool, "GET", "FILE:///etc/passwd"))
]=]

local ANSWERS = [[
  local answers = {
    ["/identity"] = "HTTP/1.1 200 OK\r\nCONTENT-ID: I\r\nX-ID: 1\r\nCONTENT-ENCODING: IDENTITY\r\n"
      .. "CONTENT-LENGTH: 2\r\n\r\n{}",
    ["/chunked"] = "HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: CHUNKED\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ["/length"] = "HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 2\r\ncontent-length: 3\r\n\r\n{}",
    ["/unknown"] = "HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: TIFF\r\n\r\n{}",
  }
  sock:send(answers[ngx.var.uri])
]]

describe("a locale with a decimal comma, or with other small letters", function()
  local folder, names = locales.make()
  teardown(function() if folder then system.run("rm -rf " .. system.quote(folder)) end end)

  it("changes nothing", function()
    if not folder then return pending(names) end
    local vendor = server.raw(ANSWERS)
    finally(server.stop_all)
    local script = os.tmpname()
    system.write(script, SCRIPT)
    finally(function() os.remove(script) server.stop_all() end)
    local function output(locale)
      local out, err, status = system.run(("LOCPATH=%s $lua %s %s %s"):format(system.quote(folder),
        system.quote(script), locale, vendor:url(""):gsub("/$", "")))
      assert.equal("", err)
      assert.equal(0, status)
      return out
    end
    local expected = output "C"
    assert.truthy(expected:find('%["?0.5"?%] %[0.5%] 0.5,a'))
    assert.truthy(expected:find('{"IDENTITY":"***","api_key_id":"***', 1, true))
    assert.truthy(expected:find("/identity 200 {} I 1 nil", 1, true))
    for _, locale in ipairs(names) do assert.equal(expected, output(locale), locale) end
  end)
end)
