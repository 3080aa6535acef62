--- The lines of a file, read in pieces: memory depends on the longest line, and not on the file. A line that
-- is longer than any of ours is passed over.

local check = require "patchbay.util.check"

local lines = {}

-- Bytes read at a time.
local CHUNK = 65536
-- Bytes of a line: a record is not larger than a response, of which 16 MB are taken by default.
lines.LONGEST = 32 * 1024 * 1024

local Lines = {}
Lines.__index = Lines

-- The next piece of the text: "" at its end; or nil and a message.
local function piece(self)
  if not self.file then
    local text = self.text
    self.text = ""
    return text
  end
  local chunk, problem = self.file:read(CHUNK)
  if not chunk and problem then return nil, tostring(problem) end
  return chunk or ""
end

-- Reads on until a newline is there, or the end. Returns whether there is a newline; or nil and a message.
local function fill(self)
  local parts, size = { self.rest }, #self.rest
  while true do
    local chunk, problem = piece(self)
    if not chunk then return nil, problem end
    if chunk == "" then
      self.rest, self.at = table.concat(parts), 1
      return false
    end
    parts[#parts + 1], size = chunk, size + #chunk
    if size > self.longest then parts, size, self.too_long = { "" }, 0, true end
    if chunk:find("\n", 1, true) then
      -- Of a line that is too long only its end is left, up to the newline.
      self.rest, self.at = self.too_long and chunk or table.concat(parts), 1
      return true
    end
  end
end

--- The next line without its newline; nil at the end. Besides it "too_long" for one that was passed over, and
-- "torn" for the last one, if it has no newline. Or nil and nil and a message. `number` is its number.
function Lines:next()
  local newline = self.rest:find("\n", self.at, true)
  if not newline then
    self.rest = self.rest:sub(self.at)
    self.at = 1
    local more, problem = fill(self)
    if more == nil then return nil, nil, problem end
    if not more then
      local rest, too_long = self.rest, self.too_long
      self.rest, self.too_long = "", false
      if rest == "" and not too_long then return nil end
      self.number = self.number + 1
      return too_long and "" or rest, "torn"
    end
    newline = self.rest:find("\n", self.at, true)
  end
  local line = self.rest:sub(self.at, newline - 1)
  self.at, self.number = newline + 1, self.number + 1
  if self.too_long then
    self.too_long = false
    return "", "too_long"
  end
  return line
end

--- Gives the file up. May be called more than once.
function Lines:close()
  if self.file then self.file:close() end
  self.file, self.text, self.rest, self.at = nil, "", "", 1
end

--- Opens a path, or an object with the method read(). Returns an object with next() and close(); or nil, a
-- message, and whether there is nothing yet. `longest`: bytes of a line.
function lines.open(given, longest)
  local self = setmetatable({ text = "", rest = "", at = 1, number = 0, too_long = false,
    longest = longest or lines.LONGEST }, Lines)
  if type(given) ~= "string" then
    local text, problem = given:read()
    if text == nil and problem == nil then return nil, "it does not exist", true end
    if type(text) == "string" then
      self.text = text
      return self
    end
    return nil, text == nil and "it cannot be read: " .. tostring(problem)
      or ("its read() gave %s, not text"):format(check.got(text))
  end
  local file, problem, number = io.open(given, "rb")
  if not file then
    local ENOENT = 2
    if number == ENOENT then return nil, "it does not exist", true end
    return nil, "it cannot be opened: " .. tostring(problem):gsub("^.*: ", "")
  end
  self.file = file
  return self
end

return lines
