-- The sandbox as an HTTP server, within nginx's Lua module. Its state is in the memory of one worker process,
-- so nginx must run exactly one.
--
--   init_by_lua_block    { require("patchbay.sandbox.server").start() }
--   content_by_lua_block { require("patchbay.sandbox.server").serve() }
--   exit_worker_by_lua_block { require("patchbay.sandbox.server").finish() }

-- luacheck: globals ngx

local ascii = require "patchbay.util.ascii"
local control = require "patchbay.sandbox.control"
local engine = require "patchbay.sandbox.engine"
local generic = require "patchbay.sandbox.generic"
local json = require "patchbay.sandbox.json"

local server = {}

-- nginx's own status for closing the connection without a response.
local CLOSE = 444

local running

local function read_file(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

local function shell_quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

local function write_environment(path, environment)
  local names = {}
  for name in pairs(environment) do names[#names + 1] = name end
  table.sort(names)
  local file = assert(io.open(path, "wb"))
  for _, name in ipairs(names) do
    file:write("export ", name, "=", shell_quote(environment[name]), "\n")
  end
  file:close()
end

-- The vendor that `description` describes, in a list.
local function described_vendors(description)
  local vendor, why = generic.vendor(description)
  if not vendor then error(why, 0) end
  return { vendor }
end

-- The variables that the client reads: credentials, and this server's address.
local function environment_of(base_url)
  local values = {}
  for name, value in pairs(running.environment) do values[name] = value end
  for _, vendor in ipairs(base_url and running.vendors or {}) do
    values[ascii.upper(vendor.name):gsub("[^0-9A-Z]", "_") .. "_BASE_URL"] = base_url
  end
  return values
end

-- Reads options.json from nginx's prefix folder, if there is one, and writes environment.sh there: the
-- credentials and, with `base_url`, the addresses for a shell. `described`: simulates the vendor that
-- `description` describes instead of the shipped ones. Runs before nginx drops its privileges and before it
-- serves anything, so that a mistake shows at once.
function server.start(base_url, described, description)
  local prefix = ngx.config.prefix()
  local text = read_file(prefix .. "options.json")
  local options = {}
  local why
  if text then
    options, why = json.decode(text)
    if why then error("sandbox: the options are not JSON: " .. why, 0) end
    if not json.is_object(options) then error("sandbox: the options must be a JSON object", 0) end
  end
  running, why = engine.new(options, described and described_vendors(description) or nil)
  if not running then error(why, 0) end
  -- Not passed as an option, as JSON has no functions.
  running.settings.clock = ngx.now
  write_environment(prefix .. "environment.sh", environment_of(base_url))
end

local function read_request()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  local spilled = not body and ngx.req.get_body_file()
  return {
    method = ngx.req.get_method(),
    url = ngx.var.request_uri,
    -- 0: any number; nginx bounds their size.
    headers = ngx.req.get_headers(0),
    body = spilled and read_file(spilled) or body,
  }
end

local function write(answer, cut)
  ngx.status = answer.status
  for name, value in pairs(answer.headers) do ngx.header[name] = value end
  -- 204 has no body, and therefore no length (RFC 9110, section 8.6).
  if answer.status ~= 204 then ngx.header["content-length"] = #answer.body end
  if cut and cut < #answer.body then
    -- The length is that of the whole body: the client must notice that the rest never comes.
    if cut > 0 then ngx.print(answer.body:sub(1, cut)) else ngx.send_headers() end
    ngx.flush(true)
    return ngx.exit(CLOSE)
  end
  ngx.print(answer.body)
end

local function is_loopback(address)
  return address:sub(1, 4) == "127." or address == "::1" or address == "unix:"
end

function server.serve()
  local request = read_request()
  if control.owns(request.url) then
    if not is_loopback(ngx.var.remote_addr) then return ngx.exit(403) end
    return write(control.answer(running, request))
  end
  local answer, fault, delay = running:receive(request)
  if delay > 0 then ngx.sleep(delay) end
  if not answer then return ngx.exit(CLOSE) end
  return write(answer, fault and fault.cut)
end

-- Logs the faults that have affected no call; patchbay-sandbox shows them when it stops the server. Runs when
-- the worker ends, which may not write files of its own.
function server.finish()
  for _, sentence in ipairs(running and running.faults:unused() or {}) do
    ngx.log(ngx.WARN, "patchbay-sandbox: ", sentence)
  end
end

return server
