--- Where a plan is kept: a file; or an object of the script's with the methods read(), append(text) and
-- replace(text), for programs whose code must not wait for a disk.

local core = require "patchbay.core"
local check = require "patchbay.util.check"
local journal_file = require "patchbay.bulk.journal_file"
local locked_file = require "patchbay.bulk.locked_file"
local is_utf8 = require("patchbay.util.text").is_utf8

local storage = {}

local Storage = {}
Storage.__index = Storage

--- The problem with the name of a file, or nil. Plans, which are JSON, name the files that belong to them.
function storage.path_problem(path)
  if path == "" then return "expected a path that is not empty" end
  if path:find("\0", 1, true) then return "a path has no NUL in it" end
  if not is_utf8(path) then return "the path is not valid UTF-8; rename the file or its folder" end
end

--- A rule for options (see util/check.lua): a path, or an object.
function storage.rule(value)
  if type(value) == "string" then return storage.path_problem(value) end
  return journal_file.object_rule(value)
end

--- The storage behind a checked option.
function storage.of(given)
  local path = type(given) == "string" and given or nil
  return setmetatable({ path = path, object = not path and given, name = path or "the object" }, Storage)
end

-- Iterates over the lines of a text that end with a newline.
local function lines_of(text)
  local at = 1
  return function()
    local newline = text:find("\n", at, true)
    if not newline then return nil end
    local line = text:sub(at, newline - 1)
    at = newline + 1
    return line
  end
end

--- An iterator over the complete lines; nil if there is nothing yet; or nil and a message. An incomplete last
-- line, whose writer was killed, is left out.
function Storage:lines()
  if self.object then
    local text, problem = self.object:read()
    if text == nil then return nil, problem and ("it cannot be read: %s"):format(tostring(problem)) end
    if type(text) ~= "string" then return nil, "its read() gave " .. check.got(text) .. ", not text" end
    return text ~= "" and lines_of(text) or nil
  end
  local file, problem, number = io.open(self.path, "rb")
  if not file then
    local ENOENT = 2
    if number == ENOENT then return nil end
    return nil, ("it cannot be opened: %s"):format(problem:gsub("^.*: ", ""))
  end
  local text
  text, problem = file:read "*a"
  file:close()
  if not text then return nil, ("it cannot be read: %s"):format(problem) end
  return text ~= "" and lines_of(text) or nil
end

--- Whether only this user may read it: true; or false and the reason. An object's script keeps it.
function Storage:is_private()
  if self.object then return true end
  return core.system.private_file(self.path)
end

-- Pieces of text are written together up to this size: a write for each line of a large plan takes longer.
local CHUNK = 65536

-- Calls `produce` with a function that takes text piece by piece, and `write` with these pieces joined.
-- Returns true, or nil and a message.
local function joined(produce, write)
  local parts, size, ok, problem = {}, 0, true, nil
  local function flush()
    if ok and size > 0 then ok, problem = write(table.concat(parts)) end
    parts, size = {}, 0
  end
  local done, raised = pcall(produce, function(text)
    parts[#parts + 1], size = text, size + #text
    if size >= CHUNK then flush() end
  end)
  if not done then error(raised, 0) end
  flush()
  if not ok then return nil, problem end
  return true
end

-- Opens and locks a file: the file; or nil, the kind of the problem and a message.
local function lock(path, create)
  local file, kind, message = locked_file.open(path, create)
  if kind == "locked" then message = "another process is using it" end
  return file, kind, message
end

-- Writes the new text to the open file `part`. Returns true, or nil and a message.
local function write_part(part, produce)
  local ok, problem = true, nil
  if part:size() > 0 then ok, problem = part:truncate(0) end
  if ok then ok, problem = joined(produce, function(text) return part:append(text) end) end
  if ok then ok, problem = part:sync() end
  return ok, problem
end

-- Cuts off an incomplete last line, whose writer was killed: a line that is appended must not become part of
-- it. Returns true, or nil and a message.
local function cut_torn_line(file)
  local size = file:size()
  local text, problem = file:read(math.max(0, size - CHUNK), math.min(size, CHUNK))
  if not text then return nil, problem end
  local tail = text:match "[^\n]*$"
  if tail == "" then return true end
  return file:truncate(size - #tail)
end

-- ---- files, held ----

-- Has the file open and locked, unless there is none, and the part that may take its place.
local HeldFile = {}
HeldFile.__index = HeldFile

function HeldFile:lines() return self.storage:lines() end

-- Removed while it is locked: the next one may be another process's.
local function remove_part(self)
  if not self.part then return end
  os.remove(self.name)
  self.part:close()
  self.part = nil
end

function HeldFile:replace(produce)
  local part = self.part
  if not part then return nil, self.problem end
  local done, ok, problem = pcall(write_part, part, produce)
  if not done then ok, problem = nil, ok end
  -- Replaced while it is locked: a second writer would otherwise write into the file that is in place.
  if ok then ok, problem = core.system.replace_file(self.name, self.path, true) end
  if not ok then
    remove_part(self)
    return nil, tostring(problem)
  end
  if self.file then self.file:close() end
  self.file, self.part = part, nil
  return true
end

function HeldFile:settle()
  remove_part(self)
  if not self.file then return nil, "it has been deleted meanwhile" end
  return cut_torn_line(self.file)
end

function HeldFile:append(text)
  local ok, problem = self.file:append(text)
  if ok then ok, problem = self.file:sync() end
  return ok, problem
end

function HeldFile:close()
  remove_part(self)
  if self.file then self.file:close() end
  self.file = nil
end

-- There may be no file to lock yet, and a new one takes the place of the locked one: so whoever may write it
-- has its part.
local function hold_file(self)
  local name = self.path .. ".part" -- one that a killed process has left is used
  local part, kind, problem = lock(name, true)
  if kind == "locked" then return nil, problem end
  local file, of_file, message = lock(self.path, false)
  local held = setmetatable({ storage = self, path = self.path, name = name, part = part, problem = problem,
    file = file }, HeldFile)
  -- An undo plan is locked while its apply runs.
  if of_file == "locked" then problem = message elseif part or file then return held end
  held:close()
  return nil, problem
end

-- ---- objects, held ----

local HeldObject = {}
HeldObject.__index = HeldObject

function HeldObject:lines() return self.storage:lines() end

function HeldObject:replace(produce) return self.storage:replace(produce) end

function HeldObject.settle() return true end

function HeldObject:append(text)
  local ok, problem = self.storage.object:append(text)
  if ok then return true end
  return nil, tostring(problem or "its append() did not return true")
end

function HeldObject:close()
  if self.lock then self.lock:close() end
end

local function hold_object(self)
  local object, held, kind, message = self.object, nil, nil, nil
  if check.is_callable(object.lock) then held, kind, message = object:lock() end
  if kind then return nil, tostring(message) end
  return setmetatable({ storage = self, lock = held }, HeldObject)
end

-- ---- both ----

--- Locks it, also where there is nothing yet: what is read from here on stays true until it is replaced.
-- Returns an object with lines() and replace(produce), as below, which both may be called before settle(),
-- and append(text) behind it; settle() and append() return true, or nil and a message; close() gives it up.
-- Or returns nil and a message. An object is locked if it has lock(), as storages in a store do.
function Storage:hold()
  if self.path then return hold_file(self) end
  return hold_object(self)
end

--- Replaces the whole content at once: whoever reads finds the old text or the new one. `produce(write)`
-- calls write(text) for each piece. A file is for this user alone (mode 0600), and on the disk before it
-- takes the place of the old one. Returns true, or nil and a message.
function Storage:replace(produce)
  if self.path then
    local held, problem = hold_file(self)
    if not held then return nil, problem end
    local ok
    ok, problem = held:replace(produce)
    held:close()
    return ok, problem
  end
  local pieces = {}
  local ok, problem = joined(produce, function(text)
    pieces[#pieces + 1] = text
    return true
  end)
  if ok then ok, problem = self.object:replace(table.concat(pieces)) end
  if ok then return true end
  return nil, tostring(problem or "its replace() did not return true")
end

return storage
