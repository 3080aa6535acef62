--- Where a state is kept: a file of the standard host, or an object of the script with the methods `read()`
-- (all the text, nil for none yet), `append(text)` and `replace(text)`; each returns nil and a message when
-- it fails.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local locked_file = require "patchbay.bulk.locked_file"

local store = {}

-- ---- files ----

local File = {}
File.__index = File

-- Bytes read at a time: a file of the core gives no more.
local CHUNK = 1048576

local function whole_text(file)
  local parts, at, size = {}, 0, file:size()
  while at < size do
    local chunk, problem = file:read(at, math.min(CHUNK, size - at))
    if not chunk then return nil, "cannot be read: " .. problem end
    if chunk == "" then break end
    parts[#parts + 1], at = chunk, at + #chunk
  end
  return table.concat(parts)
end

-- Opens and locks a file: the file; or nil, the kind of the error and a message.
local function locked(path)
  local file, problem, message = locked_file.open(path, true)
  if file then return file end
  if problem == "locked" then
    return nil, "conflict", "another apply is using it, in this process or another; wait for its end (wait "
      .. "= SECONDS), or use another state file"
  end
  return nil, "invalid", "cannot be opened: " .. tostring(message)
end

--- All of the text; nil and a message.
function File:read()
  if self.file then return whole_text(self.file) end
  local file, problem, number = io.open(self.path, "rb")
  if not file then
    if number == 2 then return "" end -- ENOENT
    return nil, "cannot be opened: " .. tostring(problem):gsub("^.*: ", "")
  end
  local text
  text, problem = file:read "*a"
  file:close()
  if text then return text end
  return nil, "cannot be read: " .. tostring(problem)
end

--- Cuts off the bytes behind the first `size`: a torn line.
function File:cut(size)
  if size == self.file:size() then return true end
  return self.file:truncate(size)
end

--- Appends a text by one write. `durable`: it is on the disk when the call returns.
function File:append(text, durable)
  local ok, problem = self.file:append(text)
  if ok and durable then ok, problem = self.file:sync() end
  return ok, problem
end

--- Puts a text in the place of all that is there, at once. The new file is locked before it gets the name, so
-- that nobody else comes between.
function File:replace(text)
  local part = self.path .. ".part"
  local new, _, message = locked(part)
  if not new then return nil, message end
  local ok, problem = new:truncate(0)
  if ok then ok, problem = new:append(text) end
  if ok then ok, problem = new:sync() end
  if ok then ok, problem = core.system.replace_file(part, self.path) end
  if not ok then
    new:close()
    os.remove(part)
    return nil, problem
  end
  self.file:close()
  self.file = new
  return true
end

--- Makes sure that it is still locked; a file is, as long as its process lives.
function File.hold() return true end

--- Gives the file up to others.
function File:close()
  if self.file then self.file:close() end
  self.file = nil
end

-- ---- objects ----

local Object = {}
Object.__index = Object

function Object:read()
  local text, problem = self.object:read()
  if text == nil and problem ~= nil then return nil, "cannot be read: " .. tostring(problem) end
  if text ~= nil and type(text) ~= "string" then
    return nil, "its read() returned " .. check.got(text) .. " instead of a text"
  end
  self.text = text or ""
  return self.text
end

function Object:cut(size)
  if size == #self.text then return true end
  return self:replace(self.text:sub(1, size))
end

-- True, or nil and a message.
local function written(method, ok, problem)
  if ok then return true end
  return nil, tostring(problem or ("its %s() did not return true"):format(method))
end

function Object:append(text) return written("append", self.object:append(text)) end

function Object:replace(text) return written("replace", self.object:replace(text)) end

--- Makes sure that it is still locked, before something is sent: true; or nil and a message. An object
-- without locks is its script's to lock.
function Object:hold()
  if not self.lock then return true end
  return self.lock:hold()
end

function Object:close()
  if self.lock then self.lock:close() end
  self.lock, self.text = nil, nil
end

local IN_USE = "another apply is using it, in this process or another; wait for its end (wait = SECONDS), or "
  .. "use another state"

-- An object may have lock(), as storages in a store do: the lock, with hold() and close(); or nil, the kind
-- of the problem and a message.
local function open_object(object, write)
  local self = setmetatable({ object = object, text = "", lock = nil }, Object)
  if not write or not check.is_callable(object.lock) then return self end
  local lock, kind, message = object:lock()
  if not lock then
    if kind == "locked" then return nil, "conflict", IN_USE end
    return nil, "unavailable", tostring(message)
  end
  self.lock = lock
  return self
end

--- Opens the place `given`; a file is locked where `write` is set, and created then. Returns the store; or
-- nil, the kind of the error and a message.
function store.open(given, write)
  if type(given) ~= "string" then return open_object(given, write) end
  local self = setmetatable({ path = given, file = nil }, File)
  if not write then return self end
  local file, kind, message = locked(given)
  if not file then return nil, kind, message end
  self.file = file
  return self
end

return store
