--- The sandbox as a server in its own process, and scripts that run against it, for the specs of examples,
-- README and docs.

local json = require "patchbay.sandbox.json"
local system = require "spec.support.system"

local support = {}

local COMMAND = "bin/patchbay-sandbox"

--- Whether the server can run on this machine.
function support.available()
  local _, _, status = system.run("command -v curl && { command -v nginx || command -v openresty || "
    .. "test -x /usr/sbin/nginx; }")
  return status == 0
end

local Server = {}
Server.__index = Server

--- Starts a server. `options`: the sandbox's, or nil; `description`: the path of a description, or nil.
function support.start(options, description)
  local command = COMMAND .. " --background"
  if description then command = command .. " --description " .. system.quote(description) end
  if options then command = command .. " --options " .. system.quote(json.encode(options)) end
  local out, err, status = system.run(command)
  assert(status == 0, err)
  local self = setmetatable({ exports = out }, Server)
  self.base_url = out:match "PATCHBAY_BASE_URL='([^']*)'"
  self.port = self.base_url:match ":(%d+)$"
  return self
end

function Server:stop()
  system.run(COMMAND .. " --stop --port " .. self.port)
end

--- Runs a script with arguments; `environment`: shell text that precedes it. Returns the results of `run`.
function Server:lua(script, arguments, environment)
  local words = {}
  for i, word in ipairs(arguments or {}) do words[i] = system.quote(word) end
  return system.run(("%s\n%s\n%s %s %s"):format(self.exports, environment or "", system.interpreter(),
    script, table.concat(words, " ")))
end

--- Makes a control call of the sandbox, such as ("POST", "/_sandbox/fail", { status = 500 }). Returns the
-- decoded response.
function Server:control(method, name, body)
  local data = body and "-d " .. system.quote(json.encode(body)) or ""
  local command = "curl -sS --max-time 5 -X %s -H 'Content-Type: application/json' %s %s"
  local url = self.base_url .. "/_sandbox/" .. name
  local out, err, status = system.run(command:format(method, data, system.quote(url)))
  assert(status == 0, err)
  return json.decode(out)
end

function Server:reset() self:control("POST", "reset") end
function Server:fail(fault) assert(self:control("POST", "fail", fault).ok) end
function Server:set(options) assert(self:control("POST", "options", options).ok) end
function Server:state() return self:control("GET", "state") end

--- The changes that arrived, without logins, each as "METHOD /path body".
function Server:changes()
  local list = {}
  for _, request in ipairs(self:control("GET", "requests")) do
    if request.method ~= "GET" and not request.path:find "oauth" then
      list[#list + 1] = request.method .. " " .. request.path .. " " .. (request.body or "")
    end
  end
  return list
end

return support
