--- Reading and writing CSV, as RFC 4180 describes it.
--
--   for row, line in csv "numbers.csv" do print(line, row.number, row.route) end
--
-- The file is read in pieces, so a million rows need no more memory than a thousand. What is wrong in it
-- raises with file and line: a row that is guessed at could send the wrong change.

local check = require "patchbay.util.check"

local csv = {}

local byte, find, sub = string.byte, string.find, string.sub

local CHUNK = 64 * 1024 -- large enough that reading costs little beside splitting

-- A quote that is never closed takes the rest of the file into one field; this ends the search before
-- memory does. No row of telephone numbers or routes comes near.
local LONGEST_ROW = 16 * 1024 * 1024

local NAMES_SHOWN = 10 -- of a header, in a message

local QUOTE, CR, LF = byte '"', byte "\r", byte "\n"
local UTF8_BOM = "\239\187\191"
-- What ends a field that is not in quotes, or must not stand in it; by separator.
local specials = { [","] = '[,"\r\n]', [";"] = '[;"\r\n]', ["\t"] = '[\t"\r\n]' }

local Reader = {}
Reader.__index = Reader

-- The message already says where: the position in the script would say nothing more. Asked again, the
-- reader says the same, so that no caller takes what failed for the end.
function Reader:fail(line, message)
  self.failed = ("%s:%d: %s"):format(self.name, line, message)
  self:close()
  error(self.failed, 0)
end

function Reader:close()
  if self.owned then
    self.owned = false
    self.file:close()
  end
  self.complete = true
end

-- Reads on, keeping what lies behind `at`. A row that is longer than what was read before needs as much
-- again, so that starting over with it costs no more than reading it once more.
function Reader:fill()
  local rest = sub(self.text, self.at)
  if #rest > LONGEST_ROW then
    self:fail(self.line, ("the row that begins here is longer than %d MB; is a quote opened and never "
      .. "closed?"):format(LONGEST_ROW / 1048576))
  end
  local wanted = math.max(CHUNK, #rest)
  local pieces, size = { rest }, 0
  repeat
    local piece, why = self.file:read(wanted - size)
    if not piece or piece == "" then
      if why then self:fail(self.line, "cannot be read further: " .. tostring(why)) end
      self:close()
      break
    end
    pieces[#pieces + 1], size = piece, size + #piece
    -- A line end may be all that was missing; whoever writes into a pipe is not kept waiting.
  until size >= wanted or find(piece, "\n", 1, true)
  self.text, self.at = table.concat(pieces), 1
end

-- The field in quotes that opens at `at`: its text, the position behind it and the line it ends in; or
-- nothing when the text ends before that is known.
function Reader:quoted(text, at, line)
  local from, doubled = at + 1, false
  while true do
    local stop = find(text, '"', from, true)
    if not stop then
      if self.complete then self:fail(line, "a quote is opened here and never closed") end
      return nil
    end
    local after = byte(text, stop + 1)
    if after ~= QUOTE then
      if not after and not self.complete then return nil end
      local field = sub(text, at + 1, stop - 1)
      if doubled then field = field:gsub('""', '"') end
      if find(field, "\n", 1, true) then line = line + select(2, field:gsub("\n", "")) end
      return field, stop + 1, line
    end
    from, doubled = stop + 2, true
  end
end

function Reader:misplaced(line, text, at, stop)
  if byte(text, stop) == CR then
    self:fail(line, "a carriage return without a line feed; lines end with LF or CR LF, "
      .. "and a field that holds one needs quotes")
  elseif byte(text, at) == QUOTE then
    self:fail(line, 'text behind a closing quote; a quote inside a field in quotes is written ""')
  end
  self:fail(line, "a quote in the middle of a field; the field needs quotes around it, "
    .. 'and the quote is written ""')
end

-- Tries the row that begins at self.at: its fields by `names` (those beyond, by their position), their
-- number, the position and the line behind it. Nothing when the text ends before the row does: then
-- more is read, and it is tried anew.
function Reader:parse(names)
  local text, at, line, special, separator = self.text, self.at, self.line, self.special, self.separator
  local row, count = {}, 0
  while true do
    local field, stop
    if byte(text, at) == QUOTE then
      field, stop, line = self:quoted(text, at, line)
      if not field then return nil end
    else
      stop = find(text, special, at)
      if not stop then
        if not self.complete then return nil end
        stop = #text + 1
      end
      field = sub(text, at, stop - 1)
    end
    count = count + 1
    row[names[count] or count] = field
    local mark = byte(text, stop)
    if mark == separator then
      at = stop + 1
    elseif mark == LF then
      return row, count, stop + 1, line + 1
    elseif mark == CR and byte(text, stop + 1) == LF then
      return row, count, stop + 2, line + 1
    elseif not mark or (mark == CR and stop == #text) then
      if not self.complete then return nil end
      return row, count, #text + 1, line
    else
      self:misplaced(line, text, at, stop)
    end
  end
end

-- The next row that is not an empty line, its number of fields and the line it begins in; nil at the end.
function Reader:next(names)
  if self.failed then error(self.failed, 0) end
  while true do
    local text, at = self.text, self.at
    local first = byte(text, at)
    if not first or (first == CR and at == #text) then
      if self.complete then return nil end
      self:fill()
    elseif first == LF then
      self.at, self.line = at + 1, self.line + 1
    elseif first == CR and byte(text, at + 1) == LF then
      self.at, self.line = at + 2, self.line + 1
    else
      local row, count, behind, line = self:parse(names)
      if row then
        local began = self.line
        self.at, self.line = behind, line
        return row, count, began
      end
      self:fill()
    end
  end
end

-- A byte order mark is no part of the first name; that of UTF-16 tells that nothing here can be read.
function Reader:skip_mark()
  while #self.text < #UTF8_BOM and not self.complete do self:fill() end
  local start = sub(self.text, 1, 2)
  if start == "\255\254" or start == "\254\255" then self:fail(1, "this is UTF-16; save it as UTF-8") end
  if sub(self.text, 1, #UTF8_BOM) == UTF8_BOM then self.at = #UTF8_BOM + 1 end
end

-- What is wrong with column names, or nil.
local function wrong_names(names)
  local seen = {}
  for i = 1, #names do
    local name = names[i]
    if type(name) ~= "string" then return ("column %d: expected a name, got a %s"):format(i, type(name)) end
    if name == "" then return ("column %d has no name"):format(i) end
    if seen[name] then return ("columns %d and %d are both named %q"):format(seen[name], i, name) end
    seen[name] = i
  end
  if #names == 0 then return "no column is named" end
end

function Reader:read_header(separator_given)
  local names, count, line = self:next {}
  if not names then self:fail(self.line, "there is no header: the first line must name the columns") end
  local why = wrong_names(names)
  if why then self:fail(line, why) end
  local other = count == 1 and not separator_given and names[1]:match "[;\t]"
  if other then
    self:fail(line, ("the header is one column, %q; with separator = %s it would be several "
      .. '(separator = "," says that it is one)'):format(names[1], other == ";" and '";"' or '"\\t"'))
  end
  return names
end

function Reader:wrong_count(line, count, names)
  local shown = table.concat(names, ", ", 1, math.min(#names, NAMES_SHOWN))
  if #names > NAMES_SHOWN then shown = shown .. ", …" end
  self:fail(line, ("%d field%s, but there %s %d column%s: %s"):format(count, count == 1 and "" or "s",
    #names == 1 and "is" or "are", #names, #names == 1 and "" or "s", shown))
end

local option_rules = {
  separator = function(value)
    if not specials[value] then return 'expected ",", ";" or "\\t"' end
  end,
  header = function(value)
    if type(value) ~= "table" then return "expected a list of names, got " .. check.got(value) end
    return wrong_names(value)
  end,
}

local function check_options(options, level)
  if options == nil then return {} end
  local problem = check.options(options, option_rules, "option ")
  if problem then error("csv: " .. problem, level + 1) end
  return options
end

local function open(file, level)
  if type(file) == "string" then
    -- The system would read a path up to it.
    if file:find("\0", 1, true) then error("csv: a path has no NUL in it", level + 1) end
    local handle, why = io.open(file, "rb")
    if not handle then error("csv: cannot open " .. why, level + 1) end
    return handle, file
  end
  if io.type(file) == "closed file" then error("csv: the file is closed", level + 1) end
  local kind = type(file)
  if io.type(file) ~= "file" and not ((kind == "table" or kind == "userdata") and file.read) then
    error("csv: expected a path, an open file or an object with read(n), got a " .. kind, level + 1)
  end
  return file, "csv"
end

--- The rows of `file` (a path, an open file, or an object with `read(n)`), for a loop: each a table of
-- strings by column, and the line it begins in. Values are as they stand: "+61…" and "007" stay so, and
-- an empty field is "". Empty lines are passed over. Raises what is wrong, with file and line.
-- Options: `separator` (",", ";" or "\t"; "," by default); `header`, the list of columns of a file that
-- does not name them in its first line.
function csv.rows(file, options, level)
  level = (level or 1) + 1
  options = check_options(options, level)
  local separator = options.separator or ","
  local handle, name = open(file, level)
  local reader = setmetatable({
    file = handle, owned = type(file) == "string", name = name,
    separator = byte(separator), special = specials[separator],
    text = "", at = 1, line = 1, complete = false,
  }, Reader)
  reader:skip_mark()
  local names = {}
  for i, column in ipairs(options.header or reader:read_header(options.separator ~= nil)) do
    names[i] = column
  end
  local columns = #names
  return function()
    local row, count, line = reader:next(names)
    if row and count ~= columns then reader:wrong_count(line, count, names) end
    return row, line
  end
end

-- Numbers as people write them: all digits of a whole number, and enough of any other to be the same.
local function number_text(value)
  if value == math.floor(value) and value > -2 ^ 53 and value < 2 ^ 53 then return ("%.0f"):format(value) end
  local text = tostring(value)
  return tonumber(text) == value and text or ("%.17g"):format(value)
end

--- One line of CSV, without a line end, of a list of strings, numbers and booleans (nil, up to
-- `values.n`, is an empty field). Each is read back exactly as it is: nothing is trimmed, and a leading
-- "=" or "+" stays.
function csv.line(values, separator)
  separator = separator or ","
  local special = specials[separator]
  if not special then error('csv.line: separator: expected ",", ";" or "\\t"', 2) end
  local fields, count = {}, values.n or #values
  for i = 1, count do
    local value = values[i]
    local kind = type(value)
    if kind == "number" then
      value = number_text(value)
    elseif kind == "boolean" or value == nil then
      value = value == nil and "" or tostring(value)
    elseif kind ~= "string" then
      error(("csv.line: value %d: expected a string, a number or a boolean, got a %s"):format(i, kind), 2)
    end
    -- An empty line would be passed over, and a byte order mark at a file's beginning taken off.
    if find(value, special) or (value == "" and count == 1) or find(value, "^[\239\254\255]") then
      value = '"' .. value:gsub('"', '""') .. '"'
    end
    fields[i] = value
  end
  return table.concat(fields, separator)
end

return setmetatable(csv, {
  __call = function(_, file, options)
    local rows = csv.rows(file, options, 2) -- no tail call, which would lose the level of an error
    return rows
  end,
})
