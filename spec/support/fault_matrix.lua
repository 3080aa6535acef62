--- Runs the faults of spec/support/faults against the fault server, one at a time (attempt), each with a new
-- client.

local core = require "patchbay.core"
local faults = require "spec.support.faults"
local made_up_vendor = require "spec.support.made_up_vendor"
local patchbay = require "patchbay"
local secrets = require "spec.support.fault_secrets"
local server = require "spec.support.server"
local system = require "spec.support.system"
local wait = require "spec.support.wait"

local matrix = {}

local described = patchbay.vendor(made_up_vendor.description())

local PASSWORD, KEY, SECRET = secrets[1], secrets[2], secrets[3]
local TOKEN, PROXY_PASSWORD = secrets[4], secrets[5]

-- The timeout of an attempt in seconds if time is not the fault: long enough for a slow machine.
local PATIENCE = wait.BOUND

-- The size of a slow request: more than the buffers of sockets on loopback.
local LARGE = 8 * 1024 * 1024

local directory, ports, certificates

local function read(name) return system.read(directory .. "/" .. name) or "" end

--- Starts the server; its ports by name.
function matrix.start()
  certificates = server.certificates()
  directory = certificates.prefix
  local parent = system.output "echo $PPID"
  system.output(('"$lua" spec/support/fault_server.lua %s %d </dev/null >%s/server.log 2>&1 &'):format(
    system.quote(directory), tonumber(parent), directory))
  wait.until_true(function() return read "ports" ~= "" end,
    function() return "the fault server to start:\n" .. read "server.log" end)
  ports = {}
  for name, port in read "ports":gmatch "(%S+) (%d+)" do ports[name] = tonumber(port) end
  return ports
end

function matrix.stop()
  if ports then system.output(("kill -- -%d 2>/dev/null"):format(ports.pid)) end
  if certificates then certificates.stop() end
  ports, certificates = nil, nil
end

--- The errors of the server itself, "" if there were none.
function matrix.server_errors() return read "log-errors" .. read "server.log" end

--- The requests that reached a host that should get none.
function matrix.elsewhere() return read "log-other" end

function matrix.port(name) return ports[name] end

local function count(name, word)
  local found = 0
  for line in read("log-" .. name):gmatch "[^\n]+" do
    if line:sub(1, #word) == word then found = found + 1 end
  end
  return found
end

-- Heals the server. If it did not even listen, it takes a moment to notice.
local function heal(name, row)
  system.write(directory .. "/healed-" .. name, "")
  local till = core.system.clock() + PATIENCE
  while row.queue and count(name, "listens") == 0 and core.system.clock() < till do matrix.pause(0.02) end
end

-- The base URL of an operation's client for a fault.
local function base_of(row, name, operation)
  if row.base then return row.base .. "/" .. name end
  local tls = operation == "secure" or row.certificate or row.http2 or row.proxy == "CONNECT" or row.shaken
  local port = ports[name]
  if not row.own or row.proxy then port = ports[tls and "tls" or "plain"] end
  return ("%s://127.0.0.1:%d/%s"):format(tls and "https" or "http", port, name)
end

local function client_of(row, name, operation, retries, patient)
  local timeout = row.timeout and row.timeout * (patient and faults.PATIENT or 1)
  local options = { base_url = base_of(row, name, operation), retries = retries, rate = 1000,
    timeout = timeout or PATIENCE, connect_timeout = row.connect_timeout or PATIENCE,
    ca_file = certificates.path "ca", proxy = "" }
  if row.proxy then options.proxy = ("http://user:%s@127.0.0.1:%d"):format(PROXY_PASSWORD, ports[name]) end
  if operation == "login" then
    options.account_key, options.account_secret, options.rate = "DID-1", SECRET, nil
    return patchbay.telegent(options)
  elseif operation == "secure" then
    options.token = TOKEN
    return patchbay.telegent(options)
  end
  if operation == "described" then
    options.account_sid, options.auth_token = faults.CREDENTIALS.account_sid, faults.CREDENTIALS.auth_token
    return described(options)
  end
  options.api_key, options.undocumented = KEY, "allow"
  return patchbay.crazytel(options)
end

local function filler(row)
  return row.large and ("x"):rep(row.large == true and LARGE or row.large)
end

-- The response does not show the sent field, and so cannot differ from it.
local function changed(row, client, operation)
  local record
  if operation == "login" or operation == "secure" then
    record = client.voice_routes[faults.ROUTE]
    record.HeaderManipulation = filler(row) or "changed"
    record.VoicePasswordToken = PASSWORD
    return record
  end
  if operation == "described" then
    record = client.lines[faults.LINE]
    record.VoiceUrl, record.Secret = "https://example.com/voice", PASSWORD
    return record
  end
  record = client.sip_trunks[faults.TRUNK]
  record.area_code = filler(row) or "02"
  record.password = PASSWORD
  return record
end

-- Makes a call with `options`: a record, or nil and an error value; and whether the assignments are still
-- there.
local function perform(row, client, operation, options)
  if operation == "get" then return client.sip_trunks:get(faults.TRUNK, options) end
  if operation == "create" then
    return client.sip_trunks:create({ password = PASSWORD, caller_id_number = "61291234567",
      area_code = filler(row) or nil }, options)
  end
  local record = changed(row, client, operation)
  local before = record:changes()
  local done, err = record:update(options)
  local kept = true
  for field, value in pairs(before) do
    if not done and record:changes()[field] ~= value then kept = false end
  end
  return done, err, kept
end

-- Everything that an error shows.
local function shown(err)
  local parts = { tostring(err) }
  for name, value in pairs(err) do parts[#parts + 1] = name .. "=" .. tostring(value) end
  return table.concat(parts, "\n")
end

--- The message without its prefix, without ports, and without libcurl's own words.
local function plain(message)
  return (message:gsub("^%l+ [%w_.]+: ", ""):gsub("^%l+ [%w_.]+ [%w-]+: ", "")
    :gsub("127%.0%.0%.1:%d+", "the server"):gsub("a+%.invalid:443", "the server"):gsub(" %(.*%)", "", 1))
end

-- Leaves the connection idle. Before that, waits until the bytes left on it have arrived: the log then has
-- more lines than `before`. A request over an old connection leaves nothing.
local function rest(row, name, before)
  local till = core.system.clock() + (before == 0 and PATIENCE or row.warm)
  while row.leaves and count(name, "left") <= before and core.system.clock() < till do matrix.pause(0.01) end
  matrix.pause(row.warm)
end

-- Tries `operation` with fault number `number`. Returns the result: `kind`, `outcome`, `tries`, `message`,
-- `raw` (the whole error as text), `status`, `arrived` (requests), `seconds`, `kept` (whether the
-- assignments are still there), `foreign` (whether it accepted a response that was not its own), `next`
-- (true, or the error of the next call).
local function attempt(number, operation, retries, patient)
  local row, name = faults.rows[number], faults.place(number, operation, patient)
  local as = operation:gsub("blocking", "update")
  local client = client_of(row, name, as, retries or faults.RETRIES, patient)
  if row.warm then
    local good, err = perform(row, client, as)
    if not good then return { kind = "warm", message = tostring(err), raw = "" } end
    rest(row, name, 0)
  end
  local before, left, begun = count(name, "request"), count(name, "left"), core.system.clock()
  local done, err, kept = perform(row, client, as)
  local result = { seconds = core.system.clock() - begun, kept = kept ~= false,
    arrived = count(name, "request") - before, raw = "" }
  if done then
    local name_of = as == "secure" or as == "login"
    local seen = as == "described" and done.FriendlyName
      or as ~= "described" and (name_of and done.RouteName or not name_of and done.description)
    result.foreign = seen == "foreign"
  else
    result.kind, result.outcome, result.tries, result.status = err.kind, err.outcome, err.attempts, err.status
    result.message, result.raw = plain(err.message), shown(err)
  end
  heal(name, row)
  if row.heals ~= false then
    if row.warm then rest(row, name, left) end
    local more = { timeout = PATIENCE }
    local again, why = perform(row, client, as, more)
    -- A call that is never sent twice can meet a connection that the server is about to close; and on a busy
    -- machine a new connection may take as long as the client's connect_timeout allows.
    local meets = as == "create" and again == nil and why.kind == "network"
    if meets or again == nil and row.connect_timeout and why.kind == "timeout" then
      again, why = perform(row, client, as, more)
    end
    result.next = again and true or tostring(why)
  end
  return result
end

--- Tries `operation` with fault number `number`: see attempt(). On a busy machine a request may not even
-- arrive within a short timeout; then the fault is tried once more, with one that is long enough for that.
function matrix.attempt(number, operation, retries)
  local row, result = faults.rows[number], attempt(number, operation, retries)
  if not row.timeout then return result end
  local e = faults.expected(row, (operation:gsub("blocking", "update")))
  local fewer = result.arrived and result.arrived < e.arrives
  if fewer or result.kind == "timeout" and e.kind ~= "timeout" then
    return attempt(number, operation, retries, true)
  end
  return result
end

--- A client without a fault: the name of a listener, the first part of the path, more options.
function matrix.client(listener, place, more)
  local options = { base_url = ("%s://127.0.0.1:%d/%s"):format(listener == "tls" and "https" or "http",
    ports[listener], place), api_key = KEY, rate = 100000, timeout = PATIENCE, connect_timeout = PATIENCE,
    ca_file = certificates.path "ca", proxy = "", undocumented = "allow" }
  for name, value in pairs(more or {}) do options[name] = value end
  return patchbay.crazytel(options)
end

local features

--- Whether the libcurl here has a feature, as curl-config calls it.
function matrix.libcurl_has(name)
  features = features or system.output "curl-config --features 2>/dev/null || curl --version"
  return features:find(name, 1, true) ~= nil
end

--- Waits, in `each` too.
function matrix.pause(seconds)
  require("patchbay.hosts.standard").time.sleep(nil, seconds)
end

--- The secrets that a client of `operation` knows and must not show.
function matrix.secrets_of(operation)
  if operation == "login" then return { SECRET, faults.TOKEN } end
  if operation == "secure" then return { PASSWORD, TOKEN } end
  if operation == "get" then return { KEY, PROXY_PASSWORD } end
  if operation == "described" then return { faults.CREDENTIALS.auth_token, PASSWORD } end
  return { KEY, PROXY_PASSWORD, PASSWORD }
end

return matrix
