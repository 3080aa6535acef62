-- A vendor that a script describes, with the same code in a script, in nginx and in HAProxy.

local haproxy = require "spec.support.haproxy"
local nginx_host = require "spec.support.nginx_host"
local patchbay = require "patchbay"
local server = require "spec.support.server"

-- Shows what it was sent, as forms and with Basic authentication; the pages of its list name the next one.
local VENDOR = [[
  location / { content_by_lua_block {
    ngx.req.read_body()
    local body = ngx.req.get_body_data() or ""
    local sent = ngx.req.get_post_args()
    if ngx.var.uri == "/accounts/AC 1/lines" then
      local at = tonumber(ngx.var.arg_at or "1")
      local address = at < 3 and ('"/accounts/AC%%%%201/lines?at=%%d"'):format(at + 1) or "null"
      return ngx.say(('{"page":{"lines":[{"id":"%%d"}]},"next":%%s}'):format(at, address))
    elseif ngx.var.uri:find "^/accounts/AC 1/lines/" then
      local good = ngx.var.http_authorization == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
      return ngx.say('{"id":"', ngx.var.uri:sub(#"/accounts/AC 1/lines/" + 1), '","name":"',
        sent.name or "n", '","rings":', sent.rings or 1, ',"seen":"', good and "authorized" or "unknown", " ",
        ngx.var.http_content_type, '"}')
    elseif ngx.var.uri == "/voicemail" then
      return ngx.say(ngx.var.request_method == "GET" and '{"data":{"enabled":true}}'
        or body:gsub('^{"voicemail":', '{"data":'))
    end
    ngx.status = 404
    ngx.say '{"errors":[{"detail":"no such"},{"detail":"thing"}]}'
  } }
]]
VENDOR = VENDOR:gsub("%%%%", "%%")

-- Makes a client; `vendor` is the address of its server.
local MAKE = [[
  local acme = patchbay.vendor {
    name = "acme", base_url = vendor,
    credentials = { { "user", type = "string" }, { "secret", type = "string", secret = true } },
    options = { { "account", type = "string" } },
    auth = { scheme = "basic", user = "user", password = "secret" },
    errors = { message = { "errors[].detail" } },
    resources = {
      lines = { key = "id", body = "form",
        within = { { "account", type = "string", option = "account" } },
        operations = {
          get = { method = "GET", path = "/accounts/{account}/lines/{key}" },
          list = { method = "GET", path = "/accounts/{account}/lines", items = "page.lines",
            paging = { next = "next" } },
          update = { method = "POST", path = "/accounts/{account}/lines/{key}", required = { "rings" } },
        },
        fields = { { "id", type = "string", readOnly = true }, { "name", type = "string" },
          { "rings", type = "integer" }, { "seen", type = "string", readOnly = true } },
      },
      voicemail = { wrap = "voicemail", envelope = { data = "data" },
        operations = { get = { method = "GET", path = "/voicemail" },
          update = { method = "POST", path = "/voicemail" } },
        fields = { { "enabled", type = "boolean" } },
      },
    },
  }
  client = acme { user = "Aladdin", secret = "open sesame", account = "AC 1" }
]]

-- Uses it, and returns what came of it, a line for each part.
local USE = [[
  local said = {}
  local function say(value, err) said[#said + 1] = tostring(value) .. (err and " " .. err.message or "") end
  local line = client.lines["a/b"]
  line.name = "x & y"
  say(line:update())
  assert(line:fetch())
  line.name = "x & y"
  assert(line:update())
  say(line.name)
  say(line.rings)
  say(line.seen)
  local ids = {}
  for one in client.lines:list() do ids[#ids + 1] = one.id end
  say(table.concat(ids, " "))
  local voicemail = client.voicemail:one()
  voicemail.enabled = true
  say(voicemail:update() == voicemail)
  say(#assert(voicemail:confirm()).confirmed)
  say(client.lines:within { account = "AC2" }:get "1")
  local report = patchbay.each({ "1", "2", "3" }, function(id)
    local one = client.lines[id]
    one.name, one.rings = "n" .. id, 2
    return one:update()
  end)
  say(report.done)
]]

local EXPECTED = table.concat({
  "nil acme lines.update lines[account=AC%201]/a%2Fb: the vendor needs rings with every such change, and it "
    .. "is neither assigned nor known; call fetch() first, or assign it",
  "x & y", "1", "authorized application/x-www-form-urlencoded", "1 2 3", "true", "1",
  'nil acme lines.get lines[account=AC2]/1: not found (404): "no such; thing"', "3" }, "\n")

local function vendor() return server.nginx { conf = VENDOR } end

describe("a described vendor", function()
  after_each(server.stop_all)

  it("is used in a script", function()
    local environment = setmetatable({ patchbay = patchbay, vendor = vendor():url "" }, { __index = _G })
    local load_text = rawget(_G, "setfenv") and function(text)
      return setfenv(assert(loadstring(text)), environment) -- luacheck: ignore 113
    end or function(text) return assert(load(text, "=script", "t", environment)) end
    load_text(MAKE)()
    assert.equal(EXPECTED, load_text(USE .. ' return table.concat(said, "\\n")')())
  end)
end)

local describe_in_nginx = nginx_host.available() and describe or pending

describe_in_nginx("a described vendor in nginx #slow", function()
  after_each(server.stop_all)

  for name, more in pairs { ["libcurl"] = "", ["lua-resty-http"] = 'transport = "resty.http",' } do
    it("is used the same way, over " .. name, function()
      local url = vendor():url ""
      local make = MAKE:gsub("acme { user", "acme { " .. more .. " user")
      local host = nginx_host.start { base_url = url, path = "$ROOT/spec/support/double/?.lua",
        init = ("local vendor = %q\n%s"):format(url, make),
        locations = { ["/use"] = USE .. ' ngx.say(table.concat(said, "\\n"))' } }
      assert.equal(EXPECTED, (host:get "/use"))
    end)
  end
end)

local describe_in_haproxy = haproxy.lua() and describe or pending

describe_in_haproxy("a described vendor in HAProxy #slow #once", function()
  after_each(function()
    haproxy.stop_all()
    server.stop_all()
  end)

  it("is used the same way", function()
    local h = haproxy.start { lua = ("local vendor = %q\n%s"):format(vendor():url "", MAKE) }
    assert.equal(EXPECTED, h:run(USE .. ' return table.concat(said, "\\n")'))
  end)
end)
