--- The sandbox as a server of its own process, and scripts that are run against it, for the specs of what
-- people run: examples, README, docs.

local json = require "patchbay.sandbox.json"

local support = {}

local COMMAND = "bin/patchbay-sandbox"

local function quote(text) return "'" .. tostring(text):gsub("'", "'\\''") .. "'" end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

--- Runs a shell command; returns what it wrote to standard output and to standard error, and its status.
function support.run(command)
  local out, err = os.tmpname(), os.tmpname()
  local pipe = assert(io.popen(("{ %s\n} >%s 2>%s </dev/null; echo $?"):format(command, out, err)))
  local status = tonumber(pipe:read "*a")
  pipe:close()
  local written, complained = read(out), read(err)
  os.remove(out)
  os.remove(err)
  return written, complained, status
end

--- The program that runs this spec.
function support.interpreter()
  local i = -1
  while arg[i - 1] do i = i - 1 end
  -- Under valgrind it is a child of it, and no option.
  return arg[i]
end

--- Whether this machine has what the server needs.
function support.available()
  local _, _, status = support.run("command -v curl && { command -v nginx || command -v openresty || "
    .. "test -x /usr/sbin/nginx; }")
  return status == 0
end

local Server = {}
Server.__index = Server

--- Starts a server. `options`: the sandbox's, or nil.
function support.start(options)
  local command = COMMAND .. " --background"
  if options then command = command .. " --options " .. quote(json.encode(options)) end
  local out, err, status = support.run(command)
  assert(status == 0, err)
  local self = setmetatable({ exports = out }, Server)
  self.base_url = out:match "PATCHBAY_BASE_URL='([^']*)'"
  self.port = self.base_url:match ":(%d+)$"
  return self
end

function Server:stop()
  support.run(COMMAND .. " --stop --port " .. self.port)
end

--- Runs a script with arguments; `environment`: shell text that comes before it. Returns what run does.
function Server:lua(script, arguments, environment)
  local words = {}
  for i, word in ipairs(arguments or {}) do words[i] = quote(word) end
  return support.run(("%s\n%s\n%s %s %s"):format(self.exports, environment or "", support.interpreter(),
    script, table.concat(words, " ")))
end

--- A control call of the sandbox, such as ("POST", "/_sandbox/fail", { status = 500 }); the decoded answer.
function Server:control(method, name, body)
  local data = body and "-d " .. quote(json.encode(body)) or ""
  local command = "curl -sS --max-time 5 -X %s -H 'Content-Type: application/json' %s %s"
  local url = self.base_url .. "/_sandbox/" .. name
  local out, err, status = support.run(command:format(method, data, quote(url)))
  assert(status == 0, err)
  return json.decode(out)
end

function Server:reset() self:control("POST", "reset") end
function Server:fail(fault) assert(self:control("POST", "fail", fault).ok) end
function Server:set(options) assert(self:control("POST", "options", options).ok) end
function Server:state() return self:control("GET", "state") end

--- The changes that arrived, logins left out: "METHOD /path body" each.
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
