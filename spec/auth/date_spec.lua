-- The Date of a login's response is read over a real connection: it decides how old a token is where this
-- machine's clock is wrong.

local core = require "patchbay.core"
local patchbay = require "patchbay"
local server = require "spec.support.server"

-- Logins for both vendors, whose tokens live for ten minutes of the server's clock, which is right.
local CONF = [[
  location / { content_by_lua_block {
    ngx.req.read_body()
    ngx.header["Content-Type"] = "application/json"
    if ngx.var.uri:find "tokens$" then
      ngx.say('{"token":"token-', ngx.now(), '","successful":true,"tokenExpiry":"',
        os.date("!%m/%d/%Y %I:%M:%S %p", ngx.time() + 600), '"}')
    elseif ngx.var.uri:find "^/oauth/" then
      ngx.say('{"access_token":"access-', ngx.now(), '","refresh_token":"refresh-', ngx.now(),
        '","expires_in":"', os.date("!%Y-%m-%dT%H:%M:%SZ", ngx.time() + 600), '"}')
    else
      ngx.say(ngx.req.get_body_data() or "{}")
    end
  } }
]]

-- This machine's clock during a test: so many seconds ahead of the right one.
local ahead

describe("a login's Date", function()
  local now = core.system.now
  local certificates

  setup(function() certificates = server.certificates() end)
  before_each(function() core.system.now = function() return now() + ahead end end)
  after_each(function() core.system.now = now end)
  teardown(server.stop_all)

  local vendors = {
    telegent = function(options)
      options.account_key, options.account_secret = "DID-1", "account-secret"
      local client = patchbay.telegent(options)
      return function() return client.voice_routes:update("CRID-1", { TrunkIp1 = "192.0.2.1" }) end
    end,
    convirza = function(options)
      options.email, options.password, options.undocumented = "a@b", "a-password", "allow"
      local client = patchbay.convirza(options)
      return function() return client.provisioned_routes:update(1, { call_value = 1 }) end
    end,
  }

  -- An update in a bulk run goes through another path of the core.
  local ways = {
    ["one call"] = function(update) return update() end,
    ["a bulk run"] = function(update) return patchbay.each({ 1 }, update).done == 1 end,
  }

  for vendor, new in pairs(vendors) do
    for way, call in pairs(ways) do
      for _, scheme in ipairs { "http", "https" } do
        it(("decides about a token of %s, in %s over %s, whatever this clock says"):format(vendor, way,
          scheme), function()
          local s = server.nginx { conf = CONF, listen = scheme == "https" and "ssl" or nil,
            server = scheme == "https" and certificates.conf "good" or nil }
          for _, wrong in ipairs { -86400, -3600, 0, 3600, 86400 } do
            ahead = wrong
            local logins = 0
            local update = new { base_url = s:url "", allow_cleartext = true,
              ca_file = scheme == "https" and certificates.path "ca" or nil,
              on_request = function(request)
                if request.url:find "oauth" then logins = logins + 1 end
              end }
            assert(call(update))
            ahead = wrong + 540
            assert(call(update))
            assert.equal(1, logins, wrong)
            ahead = wrong + 590
            assert(call(update))
            assert.equal(2, logins, wrong)
          end
        end)
      end
    end
  end
end)
