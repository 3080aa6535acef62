--- Opens the storage of a journal: a file, locked; or an object of the script's with the methods read(),
-- append(text) and replace(text), for programs whose code must not wait for a disk.

local check = require "patchbay.util.check"
local locked_file = require "patchbay.bulk.locked_file"

local journal_file = {}

local METHODS = { "read", "append", "replace" }

--- The problem with an object in place of a file, or nil; a rule for options (see util/check.lua).
function journal_file.object_rule(value)
  if type(value) ~= "table" then
    return "expected a path, or an object with read, append and replace, got " .. check.got(value)
  end
  for _, name in ipairs(METHODS) do
    if not check.is_callable(value[name]) then
      return ("expected a path, or an object with read, append and replace; it has no function "
        .. "%q"):format(name)
    end
  end
end

--- A rule for options: a path, or an object.
function journal_file.rule(value)
  if type(value) == "string" then return check.filled(value) end
  return journal_file.object_rule(value)
end

--- The name of a path or an object in messages.
function journal_file.name(given) return type(given) == "string" and given or "the journal object" end

-- ---- objects ----

-- An object has the methods of core.journal's files.
local ObjectFile = {}
ObjectFile.__index = ObjectFile

-- The objects that runs of this process use -> their ObjectFile, which a run that never ended lets go.
local in_use = setmetatable({}, { __mode = "kv" })

-- The whole text: "" where there is none yet; or nil and a message.
local function text_of(object)
  local text, problem = object:read()
  if text == nil and problem == nil then return "" end
  if type(text) == "string" then return text end
  return nil, text == nil and tostring(problem) or "its read() gave " .. check.got(text) .. ", not text"
end

function ObjectFile:size() return self.length end

--- Reads `count` bytes from `offset` of the text that was there when it was opened.
function ObjectFile:read(offset, count) return self.text:sub(offset + 1, offset + count) end

function ObjectFile:append(text)
  local ok, problem = self.object:append(text)
  if not ok then return nil, tostring(problem or "its append() did not return true") end
  self.length, self.text = self.length + #text, ""
  return true
end

--- Cuts off the text behind the first `size` bytes.
function ObjectFile:truncate(size)
  local text, problem = text_of(self.object)
  if not text then return nil, problem end
  local ok
  ok, problem = self.object:replace(text:sub(1, size))
  if not ok then return nil, tostring(problem or "its replace() did not return true") end
  self.length, self.text = size, ""
  return true
end

function ObjectFile.sync() return true end

function ObjectFile:close()
  if in_use[self.object] == self then in_use[self.object] = nil end
  if self.lock then self.lock:close() end
end

local function open_object(object)
  if in_use[object] then
    collectgarbage() -- as for files, see locked_file.lua
    collectgarbage()
  end
  if in_use[object] then
    return nil, "the journal object: in use by another run of this process; wait for its end, or use another "
      .. "object"
  end
  -- As storages in a store have it; see desired/state_store.lua.
  local lock, _, message
  if check.is_callable(object.lock) then
    lock, _, message = object:lock()
    if not lock then
      return nil, ("the journal object: %s; wait for its end, or use another"):format(tostring(message))
    end
  end
  local text, problem = text_of(object)
  if not text then
    if lock then lock:close() end
    return nil, "the journal object: cannot be read: " .. problem
  end
  local file = setmetatable({ object = object, text = text, length = #text, lock = lock }, ObjectFile)
  in_use[object] = file
  return file
end

-- ---- files ----

local function open_path(path, create)
  if path:find("\0", 1, true) then return nil, path .. ": cannot be opened: a path has no NUL in it" end
  local file, problem, message = locked_file.open(path, create)
  if file then return file end
  if problem == "missing" then return nil end
  if problem == "locked" then
    return nil, path .. ": in use by another run, in this process or another; wait for its end, or use "
      .. "another file"
  end
  return nil, ("%s: cannot be opened: %s"):format(path, message)
end

--- Opens a path or an object: a value with the methods of core.journal's files; or nil and a message, which
-- is nil if the file is missing and `create` is false.
function journal_file.open(given, create)
  if type(given) == "string" then return open_path(given, create) end
  return open_object(given)
end

return journal_file
