--- Reports to secrets.lua the secrets of a run and the texts that it shows, by wrapping functions of
-- Patchbay's modules and of Lua. busted loads it before the specs (helper.lua).

local secrets = require "spec.support.secrets"

local look = secrets.look

-- The places of secrets, listed here independently of the descriptions.
local HEADERS = { "Authorization", "x-crazytel-api-key" }

local NAMES = { "AccountSecret", "token", "VoicePasswordToken", "MessagePasswordToken",
  "CallbackMessagePasswordToken", "PortOutPin", "password", "passwd", "access_token", "refresh_token",
  "frontend_token", "api_key" }

-- Not secrets: the names themselves; and the values that the server of the fault matrix sends to every
-- account. One of those is the account's own and masked; the others belong to other accounts. That spec
-- searches for each account's own secret itself.
local passed_over = {}
for _, list in ipairs { NAMES, (require "spec.support.fault_secrets") } do
  for _, text in ipairs(list) do passed_over[text] = true end
end

local function learn(text)
  if not passed_over[text] then secrets.learn(text) end
end

-- Commands whose purpose is to print secrets: the sandbox's exports, and its records.
local OUTSPOKEN = { "patchbay%-sandbox", "_sandbox/" }

-- Learns the values of these names from a body.
local function learn_body(body)
  if type(body) ~= "string" then return end
  for _, name in ipairs(NAMES) do
    if body:find(name, 1, true) then
      for value in body:gmatch('"' .. name .. '"%s*:%s*"([^"\\]*)"') do learn(value) end
    end
  end
end

-- A host whose `send` reports requests and responses.
local function watch_host(host)
  if type(host) ~= "table" then return host end
  local send, known_headers = host.send, nil
  function host.send(self, method, url, headers, body, ...)
    if headers ~= known_headers then -- the same table, as long as it is the same token
      known_headers = headers
      for _, name in ipairs(HEADERS) do
        learn(((headers[name] or ""):gsub("^Bearer ", "")))
      end
    end
    learn_body(body)
    local status, answer, told = send(self, method, url, headers, body, ...)
    if status then learn_body(answer) end
    return status, answer, told
  end
  return host
end

-- Replaces t[name] by a function that passes its results to `see` and then returns them. `see` gets the
-- arguments too.
local function after(t, name, see)
  local original = t[name]
  t[name] = function(...)
    local result, second = original(...)
    see(result, ...)
    return result, second
  end
end

-- The wrappers for each module of Patchbay, applied when it is loaded.
local wraps = {}

wraps["patchbay.errors"] = function(errors)
  after(errors, "new", function(err)
    for _, name in ipairs { "message", "body", "field", "code", "request_id" } do
      look("errors", err[name])
    end
  end)
end

wraps["patchbay.hosts.standard"] = function(standard) after(standard, "new", watch_host) end
wraps["patchbay.hosts.transport"] = function(given) after(given, "new", watch_host) end

wraps["patchbay.client.options"] = function(options)
  local check = options.check
  -- One level more: this function's.
  function options.check(api, given, level, host)
    local complete = check(api, given, level + 1, host)
    for _, name in ipairs { "on_request", "on_response" } do
      local hook = complete[name]
      complete[name] = hook and function(shown)
        look("hooks", shown)
        return hook(shown)
      end
    end
    local log = complete.log
    complete.log = log ~= "json" and log and function(line)
      look("log", line)
      if io.type(log) == "file" then assert(log:write(line, "\n")) else log(line) end
    end
    return complete
  end
end

wraps["patchbay.client"] = function(client)
  local new = client.new
  function client.new(api, given, level)
    local made = new(api, given, level + 1)
    look("shown", tostring(made))
    return made
  end
end

wraps["patchbay.record.rendering"] = function(rendering)
  for _, name in ipairs { "line", "rows", "diff_text", "comparison_text" } do
    after(rendering, name, function(shown) look("shown", shown) end)
  end
end

wraps["patchbay.record.values"] = function(values)
  local of = values.of
  function values.of(node, how)
    local plain = of(node, how)
    if how ~= "keep" then look("shown", plain) end
    return plain
  end
end

wraps["patchbay.record.diff"] = function(differences)
  after(differences, "list", function(changes) look("shown", changes) end)
end

wraps["patchbay.record.readback"] = function(comparison)
  after(comparison, "compare", function(result) look("shown", result.differs) end)
end

wraps["patchbay.exchange.hooks"] = function(watch)
  after(watch, "show", function(request) look("shown", request) end)
end

wraps["patchbay.bulk.report"] = function(report)
  local wrapped = {}
  after(report, "bug", function(bug)
    look("bugs", bug.message)
    look("bugs", bug.traceback)
  end)
  after(report, "new", function(made)
    local metatable = getmetatable(made)
    if wrapped[metatable] then return end
    wrapped[metatable] = true
    after(metatable, "__tostring", function(text) look("shown", text) end)
  end)
end

wraps["patchbay.bulk.progress"] = function(progress)
  local any = progress.new(true, { stream = io.stderr, terminal = false })
  local methods = getmetatable(any).__index
  local write = methods.write
  function methods.write(self, text)
    look("progress", text)
    return write(self, text)
  end
end

-- The methods of the core's files exist once the first file is opened, and are set again when busted reloads
-- the core.
local appends = setmetatable({}, { __mode = "k" })

wraps["patchbay.core"] = function(core)
  local open = core.journal.open
  function core.journal.open(path, create)
    local file, problem, message = open(path, create)
    local methods = file and debug.getmetatable(file).__index
    if methods and not appends[methods.append] then
      local append = methods.append
      function methods.append(self, line)
        look("journal", line)
        return append(self, line)
      end
      appends[methods.append] = true
    end
    return file, problem, message
  end
end

-- The output of processes that a spec has started, as read from their pipes.
local function watch_children()
  local pipes, methods = setmetatable({}, { __mode = "k" }), getmetatable(io.stdout).__index
  local popen, read = io.popen, methods.read
  io.popen = function(command, ...) -- luacheck: ignore 122
    local pipe, why, code = popen(command, ...)
    local outspoken = false
    for _, words in ipairs(OUTSPOKEN) do outspoken = outspoken or command:find(words) ~= nil end
    if pipe and not outspoken then pipes[pipe] = true end
    return pipe, why, code
  end
  function methods.read(self, ...)
    if not pipes[self] then return read(self, ...) end
    local text, why, code = read(self, ...)
    look("children", text)
    return text, why, code
  end
end

local function watch_raised()
  local function seen(good, value, ...)
    if not good then
      look("raised", type(value) == "table" and rawget(value, "outcome") and value.message or value)
    end
    return good, value, ...
  end
  if coroutine.isyieldable then -- luacheck: ignore 143
    local original = pcall
    pcall = function(...) return seen(original(...)) end -- luacheck: ignore 121
  else
    local original = error
    error = function(value, level) -- luacheck: ignore 121
      seen(false, value)
      original(value, level == 0 and 0 or (level or 1) + 1)
    end
  end
end

local function watch_modules()
  local original = require
  require = function(name) -- luacheck: ignore 121
    local was = package.loaded[name]
    local module = original(name)
    if not was and wraps[name] then wraps[name](module) end
    return module
  end
end

watch_modules()
watch_children()
watch_raised()

local busted = require "busted"
busted.subscribe({ "test", "start" }, function(element)
  secrets.begin(element.name, false)
  return nil, true
end)
busted.subscribe({ "file", "start" }, function(element)
  secrets.begin(element.name, true)
  return nil, true
end)
