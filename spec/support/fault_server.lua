--- The server that simulates the faults of spec/support/faults over real sockets, with a process per
-- connection:
--
--   lua spec/support/fault_server.lua DIRECTORY PARENT
--
-- DIRECTORY has the certificates. The server writes there `ports`, with lines "name port", and for each place
-- NAME (a fault and an operation, "f12-update") a line in `log-NAME` for every request and connection. Once a
-- file `healed-NAME` exists, that place gives good responses. The server ends with the process PARENT.

local faults = require "spec.support.faults"
local Connection = require "spec.support.fault_connection"
local engine = require "patchbay.sandbox.engine"
local generic = require "patchbay.sandbox.generic"
local http2 = require "spec.support.fault_http2"
local made_up_vendor = require "spec.support.made_up_vendor"
local sockets = require "sockets"
local system = require "spec.support.system"

local directory, parent = arg[1], tonumber(arg[2])

local BACKLOG = 128
-- Seconds between checks whether a place is healed or the parent is gone.
local TICK = 0.05

local function healed(name) return system.exists(directory .. "/healed-" .. name) end

local function log(name, line)
  local file = assert(io.open(directory .. "/log-" .. name, "ab"))
  file:write(line:gsub("%c", " "), "\n")
  file:close()
end

-- The JSON of a healthy vendor's response.
local function good_json(path)
  if path:find "/oauth2/tokens$" then
    return ('{"token":"%s","successful":true,"tokenExpiry":"05/02/2035 06:36:13 PM"}'):format(faults.TOKEN)
  elseif path:find "/voice/routes" then
    return ('{"CallRouteId":"%s","RouteName":"good"}'):format(faults.ROUTE)
  end
  return ('{"id":"%s","username":"u1","enabled":true,"description":"good"}'):format(
    path:match "/sip%-trunks/(%x+%-[%x-]+)" or faults.TRUNK)
end

-- The sandbox of the described vendor answers for it.
local described = engine.new({ acme = { records = faults.RECORDS, rate_limit = 0,
  credentials = faults.CREDENTIALS } }, { generic.vendor(made_up_vendor.description()) })

-- The response of a healthy vendor to a request of a place.
local function described_response(request)
  local headers = {}
  for header, value in request.head:gmatch "\n([^:\r\n]+): *([^\r\n]*)" do headers[header] = value end
  local answer = described:receive { method = request.method, url = request.path:gsub("^/f%d+%-%l+", ""),
    headers = headers, body = request.read() }
  return answer.body, "HTTP/1.1 " .. answer.status .. " Of the sandbox"
end

-- Reads the body of a request.
local function reader_of(c, head)
  local length = tonumber(head:lower():match "\ncontent%-length: *(%d+)") or 0
  local body
  return function()
    if not body then body = length > 0 and c:take(length) or "" end
    return body
  end
end

-- The fault of a request: its number is in the path, or in the key if many share a client.
local function place_of(path)
  local name = path:match "/(f%d+%-%l+)/"
  if not name and path:find "^/shared/" then name = "f" .. tonumber(path:match "%d+$") .. "-shared" end
  local number = name and tonumber(name:match "%d+")
  return name, number and faults.rows[number]
end

-- Serves a request of a sweep; returns whether it was one.
local function sweep(c, path, request)
  local name = path:match "^/sweep%-([%l-]+)/"
  if not name then return false end
  request.read()
  local key = path:match "[%x-]+$"
  faults.sweeps[name].serve(c, key, tonumber(key:match "%d+$"))
  return true
end

local function serve_http1(c, place, row)
  while true do
    local head = c:head()
    if not head then c:close() end
    c.number = c.number + 1
    local method, path = head:match "^(%S+) (%S+)"
    local name, its_row = place, row
    if not name then name, its_row = place_of(path) end
    -- If a client logs in, only the login fails.
    local spared = name and name:find "%-login$" and not path:find "/oauth2/tokens$"
    local request = { method = method, path = path, head = head, read = reader_of(c, head),
      log = function(line) log(name, line) end }
    setmetatable(request, { __index = function(_, member)
      local json, status
      if name and name:find "%-described$" then
        json, status = described_response(request)
      else
        json = good_json(path)
      end
      request.json, request.good = json, faults.answer(json, status)
      return rawget(request, member)
    end })
    if sweep(c, path, request) then
      log("sweep", "request " .. path)
    elseif name then
      local broken = not spared and not healed(name)
      log(name, (spared and "spared " or broken and "request " or "good ") .. head)
      if broken and its_row and its_row.serve then
        if not its_row.early then request.read() end
        its_row.serve(c, request, c.ports)
      else
        request.read()
        c:send(request.good)
      end
    else
      log("other", "request " .. head)
      request.read()
      c:send(request.good)
    end
  end
end

-- A healthy proxy.
local function tunnel(c)
  local head = c:head()
  local port = head and head:match "^CONNECT [^:]+:(%d+)"
  if not port then c:close() end
  local there = Connection.new(assert(sockets.connect(tonumber(port))))
  c:send "HTTP/1.1 200 Connection established\r\n\r\n"
  while true do
    local ready = sockets.poll({ c.socket:fd(), there.socket:fd() }, 10)
    local from, to = c, there
    if ready == 2 then from, to = there, c end
    local bytes = ready and from:read()
    if not bytes or bytes == "" then sockets.exit() end
    to:send(bytes)
  end
end

local function serve(listener, c)
  local row, name = listener.row, listener.name
  local broken = row and not healed(name)
  if row then log(name, (broken and "connection" or "good connection")) end
  if broken and row.accept then row.accept(c, c.ports) end
  if row and row.proxy == "CONNECT" then return tunnel(c) end
  local certificate = broken and row.certificate or listener.tls and "good"
  if certificate then
    local base = directory .. "/" .. certificate
    if not c:handshake(base .. ".pem", base .. ".key", listener.protocol) then c:close() end
    if broken and row.shaken then row.shaken(c) end
  end
  if listener.protocol == "h2" then
    local function is_broken() return not healed(name) end
    http2.serve(c, row.http2, is_broken,
      function(line) log(name, (is_broken() and "request " or "good ") .. line) end)
  else
    serve_http1(c, row and name, row)
  end
end

-- The listeners: one for all, and one for each place whose fault occurs before a request.
local function listeners()
  local list = { { name = "plain" }, { name = "other" }, { name = "tls", tls = true, protocol = "http/1.1" } }
  local function add(name, row, operation)
    list[#list + 1] = { name = name, row = row,
      tls = row.certificate or row.http2 or operation == "secure" and not row.proxy,
      protocol = row.http2 and "h2" or "http/1.1" }
  end
  for number, row in ipairs(faults.rows) do
    for _, operation in ipairs(row.own and faults.places_of(row) or {}) do
      add(faults.place(number, operation), row, operation)
      if row.timeout then add(faults.place(number, operation, true), row, operation) end
    end
  end
  return list
end

-- Fills the queue of connections, so that the system accepts no further ones.
local function clog(listener)
  sockets.listen(listener.fd, 0)
  listener.clog = {}
  for i = 1, 4 do listener.clog[i] = sockets.connect(listener.port, true) end
end

local function open(list)
  local lines = {}
  for _, listener in ipairs(list) do
    listener.fd, listener.port = assert(sockets.bind())
    local queue = listener.row and listener.row.queue
    if queue == "full" then
      clog(listener)
    elseif queue ~= "none" then
      assert(sockets.listen(listener.fd, BACKLOG))
    end
    listener.silent = queue ~= nil
    lines[#lines + 1] = listener.name .. " " .. listener.port .. "\n"
  end
  return table.concat(lines)
end

-- The listeners whose connections are accepted.
local function awake(list)
  local fds, those = {}, {}
  for _, listener in ipairs(list) do
    if listener.silent and healed(listener.name) then
      listener.silent, listener.clog = false, nil
      sockets.listen(listener.fd, BACKLOG)
      log(listener.name, "listens")
    end
    if not listener.silent then
      fds[#fds + 1], those[#those + 1] = listener.fd, listener
    end
  end
  return fds, those
end

local function run()
  local pid = sockets.lead()
  local list, ports = listeners(), {}
  local text = open(list)
  for name, port in text:gmatch "(%S+) (%d+)" do ports[name] = tonumber(port) end
  local file = assert(io.open(directory .. "/ports.new", "wb"))
  file:write("pid ", pid, "\n", text)
  file:close()
  assert(os.rename(directory .. "/ports.new", directory .. "/ports"))
  while sockets.alive(parent) do
    local fds, those = awake(list)
    local which = sockets.poll(fds, TICK)
    local socket = which and sockets.accept(fds[which])
    if socket and sockets.fork() == 0 then
      local c = Connection.new(socket)
      c.ports = ports
      local good, why = pcall(serve, those[which], c)
      if not good then log("errors", tostring(why)) end
      sockets.exit()
    end
    if socket then socket:drop() end
  end
end

run()
