-- Masking of secrets: in every form and in every place in which a server may repeat them.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local redact = require "patchbay.exchange.redact"
local support = require "spec.support.telegent_client"

local SECRET = "s3cr3t-of-the/account +1\\\""
local PASSWORD = "s3cr3t-for-the-webhook"

-- Base64 without padding.
local function base64(text)
  local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  local parts = {}
  for i = 1, #text, 3 do
    local a, b, c = text:byte(i, i + 2)
    local bits = a * 0x10000 + (b or 0) * 0x100 + (c or 0)
    for place = 1, c and 4 or b and 3 or 2 do
      local index = math.floor(bits / 64 ^ (4 - place)) % 64 + 1
      parts[#parts + 1] = alphabet:sub(index, index)
    end
  end
  return table.concat(parts)
end

local function each_byte(text, format)
  return (text:gsub(".", function(byte) return format:format(byte:byte()) end))
end

describe("a secret", function()
  local written = core.json.encode(SECRET):sub(2, -2)
  for form, text in pairs {
    ["as it is"] = SECRET,
    ["as JSON"] = written,
    ["as JSON with every character escaped"] = each_byte(SECRET, "\\u%04x"),
    ["as JSON with some slashes escaped"] = written:gsub("/", "\\/"):gsub("s3", "\\u00733"),
    ["as JSON in a string of JSON"] = core.json.encode(written):sub(2, -2),
    ["in an address"] = core.text.percent_encode(SECRET),
    ["in an address, in lower case"] = core.text.percent_encode(SECRET):gsub("%%%x%x", string.lower),
    ["in an address, every byte escaped"] = each_byte(SECRET, "%%%02X"),
    ["in an address within an address"] = core.text.percent_encode(core.text.percent_encode(SECRET)),
    ["in a page of HTML"] = SECRET:gsub('"', "&quot;"):gsub("/", "&#x2F;"):gsub("%+", "&#43;"),
    ["in hexadecimal digits"] = each_byte(SECRET, "%02x"),
    ["in hexadecimal digits of upper case"] = each_byte(SECRET, "%02X"),
  } do
    it(form .. " is masked, and nothing around it", function()
      assert.equal("before *** behind", redact.text("before " .. text .. " behind", { SECRET }))
    end)
  end

  it("in Base64 is masked, wherever in the coded text it begins", function()
    for before = 0, 3 do
      local coded = base64(("u"):rep(before) .. SECRET .. "::")
      local text = redact.text("Basic " .. coded, { SECRET })
      -- The remaining characters encode the bytes around the secret, and at most two of its bits.
      assert.is_true(#text:gsub("Basic ", ""):gsub("%*", "") <= 2 * (before + 2), text)
      assert.truthy(text:find("***", 1, true))
    end
    for before = 0, 2 do -- the shortest there is
      local text = redact.text(base64(("u"):rep(before) .. "9876::"), { "9876" })
      assert.truthy(text:find("***", 1, true), text)
    end
    assert.equal("cw", base64 "s")
    assert.equal("czNjcjN0", base64 "s3cr3t")
  end)

  it("beyond ASCII is masked behind its escapes, pairs of surrogates too", function()
    local secret = "gehäuse\226\130\172\240\159\148\145" -- ä, €, and a key outside the first plane
    assert.equal('"***"', redact.text('"geh\\u00e4use\\u20AC\\ud83d\\uDD11"', { secret }))
    assert.equal("***", redact.text("geh&#228;use&#x20ac;&#128273;", { secret }))
  end)

  it("of which two thirds are quoted is masked that far; a word of it is not", function()
    local secret = "s3cr3t-0123456789-abcdefghijkl"
    local said = "the token " .. secret:sub(1, 22) .. "... is not good"
    assert.equal("the token ***... is not good", redact.text(said, { secret }))
    assert.equal("…***", redact.text("…" .. secret:sub(-20), { secret }))
    assert.equal("(***)", redact.text("(" .. secret:sub(5, 26) .. ")", { secret }))
    assert.equal("it ends in ghijkl", redact.text("it ends in ghijkl", { secret }))
    assert.equal("the password is wrong", redact.text("the password is wrong", { "password1234" }))
  end)

  it("in which an answer breaks off is masked, at whatever byte, escaped or not", function()
    for _, text in ipairs { SECRET:gsub('[\\"]', "\\%0"), (each_byte(SECRET, "\\u%04x")) } do
      local whole = '{"Message":"' .. text
      for length = #'{"Message":"' + 1, #whole do
        local shown = redact.body(whole:sub(1, length), redact.names {}, { SECRET })
        assert.is_true(#shown <= #'{"Message":"' + 3 * 6 + 5, shown)
        assert.is_nil(shown:find("s3cr", 1, true), shown)
        assert.is_nil(shown:find("\\u0073\\u0033\\u0063\\u0072", 1, true), shown)
      end
    end
  end)

  it("is found in a long response wherever a piece of the response ends", function()
    local coded = each_byte(SECRET, "%%%02X")
    for _, before in ipairs { 262144 - #coded, 262144 - 7, 262144, 262144 + 24576 - 3 } do
      local text = ("x"):rep(before) .. coded .. ("y"):rep(300000)
      assert.is_true(redact.text(text, { SECRET }) == ("x"):rep(before) .. "***" .. ("y"):rep(300000))
    end
  end)

  it("of three bytes is not searched for", function()
    assert.equal("is it abc?", redact.text("is it abc?", { "abc", "" }))
  end)
end)

describe("a member with the name of a secret", function()
  local names = redact.names { "PortOutPin", "access_token" }

  it("is masked in whatever letter case, whole or cut off, whatever it holds", function()
    for text, shown in pairs {
      ['{"portoutpin":"12"}'] = '{"portoutpin":"***"}',
      ['{"ACCESS_TOKEN":{"a":1},"b":2}'] = '{"ACCESS_TOKEN":"***","b":2}',
      ['{"PortOutPin" : "1\\"2", "x'] = '{"PortOutPin" : "***", "x',
      ['{"PortOutPin":12'] = '{"PortOutPin":***',
      ['{"PortOutPin":12,"x'] = '{"PortOutPin":***,"x',
      ['{"PortOutPin":["12","13'] = '{"PortOutPin":***',
      ['{"Message":"{\\"PortOutPin\\":\\"12\\"}"}'] = '{"Message":"{\\"PortOutPin\\":\\"***\\"}"}',
      ['{"PortOutPin":null}'] = '{"PortOutPin":null}',
    } do
      assert.equal(shown, redact.body(text, names, {}))
    end
  end)

  it("is masked in a form, in an address, and in what a response repeats of them", function()
    for text, shown in pairs {
      ["a=1&PortOutPin=12%2034&b=2"] = "a=1&PortOutPin=***&b=2",
      ["portoutpin=12"] = "portoutpin=***",
      ["port%4FutPin=12&access%5ftoken=a+b"] = "port%4FutPin=***&access%5ftoken=***",
      ["GET https://a/b?access_token=xyz&c=1 failed"] = "GET https://a/b?access_token=***&c=1 failed",
      ['{"Message":"cannot take PortOutPin=12&b=2"}'] = '{"Message":"cannot take PortOutPin=***&b=2"}',
      ['{"Message":"\\"access_token=12\\" is wrong"}'] = '{"Message":"\\"access_token=***\\" is wrong"}',
      ["<p>PortOutPin=12</p>"] = "<p>PortOutPin=***</p>",
      ["NotPortOutPin=12&PortOutPin=&b=PortOutPin"] = "NotPortOutPin=12&PortOutPin=&b=PortOutPin",
      ["PortOutPin==&=="] = "PortOutPin=***&==",
    } do
      assert.equal(shown, redact.body(text, names, {}))
    end
    -- Each sign is looked at once.
    assert.equal(("a=PortOutPin"):rep(200000), redact.body(("a=PortOutPin"):rep(200000), names, {}))
  end)

  it("is masked each time, in a cut-off list of very many too", function()
    local many = 300000
    local text = '[{"PortOutPin":"12","access_token":"x"},' -- and so on: some 12 MB
    assert.equal(('[{"PortOutPin":"***","access_token":"***"},'):rep(many),
      redact.body(text:rep(many), names, {}))
  end)
end)

describe("a secret that a vendor repeats", function()
  local shown

  -- The error of a call with this response, everything that was shown, and the record.
  local function answered(answer, options)
    shown = {}
    local given = { account_secret = SECRET, retries = 0,
      log = function(line) shown[#shown + 1] = line end,
      on_request = function(request) shown[#shown + 1] = core.json.encode(request) end,
      on_response = function(response) shown[#shown + 1] = core.json.encode(response) end }
    for name, value in pairs(options or {}) do given[name] = value end
    local client = support.scripted({ answer }, given)
    local route = client.voice_routes[support.CRID]
    route.VoicePasswordToken = PASSWORD
    local updated, err = route:update()
    assert.is_nil(updated)
    return err, client
  end

  local function clean(err)
    for name, value in pairs(err) do
      assert.is_nil(tostring(value):find("s3cr3t", 1, true), name .. ": " .. tostring(value))
    end
    assert.is_true(#shown > 0)
    for _, text in ipairs(shown) do assert.is_nil(text:find("s3cr3t", 1, true), text) end
  end

  it("is masked as the name of a member, in the error's field too", function()
    local err = answered { 400, '{"Errors":{"\\u0073' .. PASSWORD:sub(2) .. '":["no such field"]}}' }
    assert.equal("***", err.field)
    clean(err)
  end)

  it("is masked in every header, and a cookie as a whole", function()
    local err = answered { 500, "", { ["x-request-id"] = "for " .. PASSWORD, ["x-debug"] = PASSWORD,
      ["set-cookie"] = "session=abcdef; HttpOnly" } }
    assert.equal("for ***", err.request_id)
    clean(err)
    local all = table.concat(shown)
    assert.truthy(all:find('"x-debug":"***"', 1, true))
    assert.is_nil(all:find("abcdef", 1, true))
  end)

  it("is masked in the text of a connection's failure", function()
    local err = answered { fault = { kind = "network", message = "no way to " .. PASSWORD, sent = "no" } }
    assert.truthy(err.message:find("no way to ***", 1, true))
    clean(err)
  end)

  it("is masked where the response is about something else", function()
    local err = answered { 200, core.json.encode { CallRouteId = "CRID-" .. PASSWORD } }
    assert.truthy(err.message:find("is about another record: CRID-***", 1, true))
    clean(err)
    local client = support.scripted({ { 200, core.json.encode { CallRouteId = "CRID-" .. PASSWORD } } },
      { account_secret = PASSWORD })
    local _, read = client.voice_routes:get(support.CRID)
    assert.truthy(read.message:find("is about another record: CRID-***", 1, true))
  end)

  it("is masked in the word and the id of an order that failed", function()
    local body = core.json.encode { UpdateOrderStatus = "Failed", UpdateOrderId = PASSWORD }
    local client = support.scripted({ { 200, body } }, { account_secret = PASSWORD })
    local _, err = client.numbers:update(support.NUMBER, { VoiceEnabled = true })
    assert.equal("rejected", err.kind)
    assert.equal("***", err.request_id)
  end)

  it("cannot move a terminal's cursor, nor end a line of a log, wherever it stands in a message", function()
    local evil = "a\27[2J\194\155b\r\nc\0d"
    for _, answer in ipairs { { 400, core.json.encode { Message = evil } }, { 400, evil },
      { 200, core.json.encode { CallRouteId = "CRID-" .. evil } }, { fault = { message = evil } },
    } do
      local err = answered(answer)
      assert.truthy(err.message:find("a [2J b c d", 1, true), err.message)
      assert.is_nil((err.message .. shown[#shown]):find "[%c]")
    end
  end)

  it("is one line of some 300 bytes at most as field, code and request_id", function()
    for _, more in ipairs { 0, 100000 } do
      local text = "a\27[2J\r\nb" .. ("x"):rep(more)
      local body = core.json.encode { code = text, TraceId = text, Errors = { [text] = "no" } }
      local err = answered { 400, body }
      local order = core.json.encode { UpdateOrderStatus = "Failed", UpdateOrderId = text }
      local client = support.scripted { { 200, order } }
      local _, failed = client.numbers:update(support.NUMBER, { VoiceEnabled = true })
      for _, word in ipairs { err.code, err.request_id, err.field, failed.request_id } do
        assert.truthy(word:find("^a %[2J bx*" .. (more > 0 and "…" or "") .. "$"), word)
        assert.is_true(#word <= 303)
      end
    end
  end)

  -- Quadratic work would take an hour here.
  it("takes time that grows no faster than the response", function()
    local PART = 500000
    local blanks, err = "a" .. (" "):rep(PART) .. "b"
    err = answered { 500, "\n" .. blanks .. " \n" }
    assert.equal("unavailable", err.kind)
    assert.truthy(err.message:find('unavailable (500): "a  ', 1, true))
    assert.is_nil(answered { 500, (" "):rep(PART) }.message:find('"', 1, true))
    local members = ('"PortOutPin":12345,'):rep(PART / 20)
    for _, body in ipairs { members, core.json.encode { Message = members } } do
      err = answered { 500, body }
      assert.truthy(err.message:find('"PortOutPin":***,"PortOutPin":***,', 1, true))
      for _, text in ipairs { err.body, err.message, table.concat(shown) } do
        assert.is_nil(text:find("12345", 1, true))
      end
    end
  end)

  it("is masked in the path of a call, which is its key", function()
    shown = {}
    local client = support.scripted({ { 404 } }, { account_secret = PASSWORD,
      log = function(line) shown[#shown + 1] = line end,
      on_request = function(request) shown[#shown + 1] = request.url end })
    local _, err = client:call("GET", "/v1.0/x/" .. core.text.percent_encode(PASSWORD), nil,
      { query = { token = PASSWORD } })
    assert.truthy(err.message:find("call GET /v1.0/x/***: ", 1, true))
    clean(err)
  end)
end)

describe("an address with a password in it", function()
  it("is not quoted, however far from an address it is", function()
    for _, name in ipairs { "base_url", "token_endpoint_base", "login_url" } do
      local vendor = name == "login_url" and "convirza" or "telegent"
      for _, url in ipairs { "https://user:%s@host.example", "user:%s@host.example",
        "https:/user:%s@host.example", " https://user:%s@host.example", "https:\\\\user:%s@host.example",
        "ftp://user:%s@host.example", "//user:%s@host.example", "https://user:%s",
        "https://host.example/ x?token=%s", "https://host.example#%s",
      } do
        local text = support.raised(patchbay[vendor], { token = "abcd", [name] = url:format(PASSWORD) })
        assert.truthy(text:find("option " .. name .. ": ", 1, true), text)
        assert.is_nil(text:find("s3cr3t", 1, true), text)
      end
    end
  end)

  it("of a proxy is not quoted by us nor by libcurl", function()
    for _, proxy in ipairs { "bad://user:%s@127.0.0.1:1", "http://user:%s@ho st:1", "http://user:%s@[::g]:1",
      "http://user:%s@127.0.0.1:99999", "ftp://user:%s@127.0.0.1", "://user:%s@127.0.0.1", "user:%s@",
      "http://user:%s", "http://user:%s@127.0.0.1\n",
    } do
      proxy = proxy:format(PASSWORD)
      local text = support.raised(patchbay.telegent, { token = "abcd", proxy = proxy })
      assert.equal("telegent: option proxy: expected the address of a proxy, such as "
        .. '"http://proxy.example:3128"', text)
      local made, pool = pcall(core.http.pool, { proxy = proxy, timeout = 2 })
      if made then
        local transfer = pool:start("GET", "https://127.0.0.1:9/")
        while not pool:wait(transfer, 0.5) do end -- luacheck: ignore 542
        local _, message = transfer:error()
        assert.truthy(message)
        pool = message
      end
      assert.is_nil(pool:find("s3cr3t", 1, true), pool)
    end
  end)

  it("of a proxy is masked where the proxy repeats it", function()
    local proxy = "http://me:" .. core.text.percent_encode(SECRET) .. "@127.0.0.1:1"
    local client = patchbay.telegent { token = "abcd", proxy = proxy, retries = 0, transport = function()
      return { status = 407, body = "you said " .. base64("me:" .. SECRET) .. ", that is " .. SECRET }
    end }
    local _, err = client.numbers:get(support.NUMBER)
    assert.truthy(err.message:find('"you said ***, that is ***"', 1, true), err.message)
  end)
end)

describe("a password in an address that is assigned", function()
  local URL = "https://hook:S3cretHookPw@hooks.example.com/voice?a=b"

  it("is shown nowhere: tostring, diff, request, dry run, log, hooks, errors, readback", function()
    local shown = {}
    local function show(value)
      shown[#shown + 1] = type(value) == "string" and value or core.json.encode(value)
    end
    local function hooks(options)
      options.log, options.on_request, options.on_response = show, show, show
      return options
    end
    local client = support.scripted({ { 400, '{"Message":"S3cretHookPw of ' .. URL .. ' is bad"}' } },
      hooks {})
    local route = client.voice_routes[support.CRID]
    route.VoiceUrl = URL
    show(tostring(route))
    show(route:diff())
    show(route:request())
    local _, err = route:update()
    show(tostring(err))
    show(err.body)
    client = support.scripted({ { 200, core.json.encode { CallRouteId = support.CRID,
      VoiceUrl = "https://hook:OtherHookPw@hooks.example.com/voice" } } }, hooks {})
    route = client.voice_routes[support.CRID]
    route.VoiceUrl = URL
    _, err = route:update()
    show(tostring(err))
    show(err.differs or {})
    show(tostring(route))
    show(route:diff())
    assert(support.scripted({}, hooks { dry_run = true }).voice_routes:update(support.CRID,
      { VoiceUrl = URL }))
    local all = table.concat(shown, "\n")
    assert.is_nil(all:find("S3cretHookPw", 1, true), all)
    assert.is_nil(all:find("OtherHookPw", 1, true), all)
    assert.truthy(all:find("https://***@hooks.example.com/voice?a=b", 1, true))
  end)

  it("is sent, and read by the script", function()
    local client, seen = support.scripted { { 200, '{"CallRouteId":"' .. support.CRID .. '"}' } }
    local route = client.voice_routes[support.CRID]
    route.VoiceUrl = URL
    assert(route:update())
    assert.truthy(seen[1].body:find(URL, 1, true))
    assert.equal(URL, route.VoiceUrl)
  end)

  it("is found in whatever text, and nothing else is taken for one", function()
    for text, masked in pairs {
      ["see https://a:b@c.example/ and wss://t@d.example/x"] = "see https://***@c.example/ and "
        .. "wss://***@d.example/x",
      ["https://a:p/w@c.example/"] = "https://***@c.example/",
      ["https://a:p#w?@c.example/"] = "https://***@c.example/",
      ["sip:alice:secret@d.example"] = "sip:alice:***@d.example", ["sips:+18:p@d"] = "sips:+18:***@d",
      ["sip:+18018018011@sbc.example:5060"] = "sip:+18018018011@sbc.example:5060",
      ["https://c.example:8443/users/@me"] = "https://c.example:8443/users/@me",
      ["https://[::1]:80/x@y"] = "https://[::1]:80/x@y",
      ["https://c.example/?mail=a@b"] = "https://c.example/?mail=a@b",
      ['{"u":"https:\\/\\/a:b@c.example"}'] = '{"u":"https:\\/\\/***@c.example"}',
      ["https%3A%2F%2Fa%3Ab%40c.example"] = "https%3A%2F%2F***%40c.example",
      ["mailto:a@b.example"] = "mailto:a@b.example", ["at 12:30 a@b"] = "at 12:30 a@b",
    } do
      assert.equal(masked, redact.text(text, {}))
    end
  end)

  it("takes time that grows as the text does", function()
    local text = ("://a:b"):rep(200000) .. ("sip:a:"):rep(200000) .. ("://a:x/"):rep(200000)
    assert.equal(text, core.text.hide_userinfo(text))
  end)
end)

describe("masking", function()
  -- Small secrets of letters that occur again and again, and parts of them, in every form and layer.
  local forms = {
    function(text) return text end, function(text) return core.json.encode(text):sub(2, -2) end,
    core.text.percent_encode,
      function(text) return core.text.percent_encode(core.text.percent_encode(text)) end,
    function(text) return each_byte(text, "%02x") end, function(text) return each_byte(text, "\\u%04X") end,
    function(text) return base64("u" .. text .. "::") end,
    function(text) return (base64("us" .. text .. "::"):gsub("%+", "-"):gsub("/", "_")) end,
  }

  it("finds each of several secrets that share their beginnings, ends and middles", function()
    for seed = 1, 300 do
      math.randomseed(seed)
      local secrets = {}
      for i = 1, 3 do
        local letters = {}
        for k = 1, math.random(4, 30) do letters[k] = ("ab/\"% +"):sub(math.random(7)):sub(1, 1) end
        secrets[i] = "x" .. table.concat(letters) .. "y"
      end
      for _, secret in ipairs(secrets) do
        for number, form in ipairs(forms) do
          local text = redact.text("<" .. form(secret) .. ">", secrets)
          local plain = number >= 7 and "" or text:gsub("%*%*%*", ""):gsub("[<>]", "")
          assert.equal("", plain, secret .. " in form " .. number)
          assert.truthy(text:find("***", 1, true), secret .. " in form " .. number)
        end
      end
    end
  end)

  it("takes time that grows as the text does, whatever the secrets and the text", function()
    local names = redact.names { "a" }
    for _, case in ipairs { { ("a"):rep(1000000), { ("a"):rep(1000), ("a"):rep(999) .. "b" } },
      { ("ab"):rep(500000), { ("ab"):rep(500) .. "c" } }, { ('"a":"x"'):rep(200000), {} },
      { '{"a":' .. ("["):rep(500000), {} }, { ('\\"'):rep(500000), { "abcd" } },
      { ("%25"):rep(400000), { "abcd" } }, { ("AAAA="):rep(200000), { "\0\0\0\0b" } } } do
      assert.is_string(redact.body(case[1], names, case[2]))
      assert.is_string(redact.text(case[1], case[2]))
    end
  end)

  it("masks values of JSON in JSON in JSON, and leaves the rest as it is", function()
    local names = redact.names { "pin" }
    local inner = '{"a":1,"PIN":"1\\"2","b":[{"pin":34},{"Pin":null}],"pin":{"x":["y"]}}'
    local masked = '{"a":1,"PIN":"***","b":[{"pin":"***"},{"Pin":null}],"pin":"***"}'
    assert.equal(masked, redact.body(inner, names, {}))
    assert.equal('{"p\\u0069n":"***","c":2}', redact.body('{"p\\u0069n":"12","c":2}', names, {}))
    local outer = redact.body(core.json.encode { m = core.json.encode { m = inner } }, names, {})
    assert.is_nil(outer:find("34", 1, true) or outer:find("y", 1, true) or outer:find('1\\', 1, true), outer)
    assert.truthy(outer:find('a\\\\\\":1', 1, true), outer)
  end)
end)
