--- The described vendor of specs as a server: bin/patchbay-sandbox with its description. Has the members of
-- a vendor of spec/support/vendor.lua that the suite for killed runs uses.

local sandbox_server = require "spec.support.sandbox_server"
local system = require "spec.support.system"

local described_server = {}

local Server = {}
Server.__index = Server

--- The script text that makes a client from `base_url` and `dry_run`; the collection and the field that a run
-- changes.
described_server.client = [[
  local make = patchbay.vendor(require("spec.support.made_up_vendor").description())
  local client = make { base_url = base_url, account_sid = "AC" .. ("0"):rep(32), auth_token = "s",
    dry_run = dry_run, rate = 1e6 }
  local records, field = client.lines, "FriendlyName"]]

--- Starts the server with lines of the keys `key_of(1)` to `key_of(count)`.
function described_server.start(count, key_of)
  local lines = {}
  for index = 1, count do lines[index] = { Sid = key_of(index), FriendlyName = "as it was" } end
  local self = setmetatable({}, Server)
  self.file = os.tmpname()
  system.write(self.file, ('package.path = %q .. "/?.lua;" .. package.path\n'
    .. 'return require("spec.support.made_up_vendor").description()\n'):format(system.line "pwd"))
  self.sandbox = sandbox_server.start({ requests_kept = 1e6, acme = { records = { lines = lines },
    credentials = { account_sid = "AC" .. ("0"):rep(32), auth_token = "s" }, rate_limit = 0 } }, self.file)
  return self
end

function described_server.url(server) return server.sandbox.base_url end

--- `requests`; by key how often an update was `applied`, and the last name (`values`).
function Server:books()
  local books = { requests = 0, applied = {}, values = {} }
  for _, request in ipairs(self.sandbox:control("GET", "requests")) do
    books.requests = books.requests + 1
    local key = request.path:match "/Lines/(%w+)%.json$"
    if key and request.status == 200 then books.applied[key] = (books.applied[key] or 0) + 1 end
  end
  for _, lines in pairs(self.sandbox:state().acme.lines) do
    for key, line in pairs(lines) do books.values[key] = line.FriendlyName end
  end
  return books
end

function Server:stop()
  self.sandbox:stop()
  os.remove(self.file)
end

return described_server
