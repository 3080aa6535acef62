-- The sandbox as a real HTTP server, inside nginx's Lua module. What is stored lives in the memory of one
-- worker process, so nginx is to run exactly one.
--
--   init_by_lua_block    { require("patchbay.sandbox.server").start() }
--   content_by_lua_block { require("patchbay.sandbox.server").serve() }

-- luacheck: globals ngx

local control = require "patchbay.sandbox.control"
local engine = require "patchbay.sandbox.engine"
local json = require "patchbay.sandbox.json"

local server = {}

-- Closes the connection without an answer; nginx's own number.
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

-- Reads options.json from nginx's prefix folder, if it is there, and leaves environment.sh in it: the
-- credentials as a shell reads them. Runs before nginx gives up its rights and before it answers anything, so
-- that a mistake is seen at once.
function server.start()
  local prefix = ngx.config.prefix()
  local text = read_file(prefix .. "options.json")
  local options = {}
  local why
  if text then
    options, why = json.decode(text)
    if why then error("sandbox: the options are not JSON: " .. why, 0) end
    if not json.is_object(options) then error("sandbox: the options must be a JSON object", 0) end
  end
  running, why = engine.new(options)
  if not running then error(why, 0) end
  -- Not passed as an option, as JSON has no functions.
  running.settings.clock = ngx.now
  write_environment(prefix .. "environment.sh", running.environment)
end

local function read_request()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  local spilled = not body and ngx.req.get_body_file()
  return {
    method = ngx.req.get_method(),
    url = ngx.var.request_uri,
    -- 0: no limit on their number; nginx bounds their size.
    headers = ngx.req.get_headers(0),
    body = spilled and read_file(spilled) or body,
  }
end

local function write(answer, cut)
  ngx.status = answer.status
  for name, value in pairs(answer.headers) do ngx.header[name] = value end
  -- 204 has no body, and so no length of one (RFC 9110, section 8.6).
  if answer.status ~= 204 then ngx.header["content-length"] = #answer.body end
  if cut and cut < #answer.body then
    -- The length promised is the whole one: the client has to notice that the rest never comes.
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
  local answer, fault = running:receive(request)
  if fault and fault.delay and fault.delay > 0 then ngx.sleep(fault.delay) end
  if not answer then return ngx.exit(CLOSE) end
  return write(answer, fault and fault.cut)
end

return server
