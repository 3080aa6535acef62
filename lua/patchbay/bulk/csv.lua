--- Reading and writing CSV, as RFC 4180 describes it.
--
--   for row, line in csv "numbers.csv" do print(line, row.number, row.route) end
--
-- The core splits the text (csv/reader.h). The file is read in pieces, so a million rows need no more memory
-- than a thousand. A fault in it raises with file and line: a row that is guessed at could send the
-- wrong change. A name that is no column raises too: a misspelt one would read as nil, and change nothing.

local core = require "patchbay.core"
local check = require "patchbay.util.check"

local csv = {}

-- Bytes read at a time: enough that reading costs little beside splitting. Blocks of 64 KB and more make
-- glibc tidy up its small ones with every piece, which costs a tenth of the whole.
local CHUNK = 16 * 1024

local NAMES_SHOWN = 10 -- of a header, in a message

-- White space around a column's name, as editors and spreadsheets leave it: that of ASCII, no-break spaces,
-- and spaces without width.
local INVISIBLE = { "%s", "\194\160", "\226\128\139", "\239\187\191" }

local separators = { [","] = true, [";"] = true, ["\t"] = true }

local Reader = {}
Reader.__index = Reader

-- The message already says where: the position in the script would say nothing more. Asked again, the
-- reader says the same, so that no caller takes the failure for the end of the file.
function Reader:fail(line, message)
  self.failed = ("%s:%d: %s"):format(self.name, line, message)
  self.reader:stop()
  self:close()
  error(self.failed, 0)
end

function Reader:close()
  if self.owned then
    self.owned = false
    self.file:close()
  end
end

-- Reads one piece on. A row may be complete with less than was asked for: whoever writes into a pipe is not
-- kept waiting.
function Reader:fill(line)
  local piece, why = self.file:read(CHUNK)
  if piece == nil or piece == "" then
    if why then self:fail(line, "cannot be read further: " .. tostring(why)) end
    self:close()
    self.reader:finish()
  elseif type(piece) == "string" then
    self.reader:feed(piece)
  else
    self:fail(line, "cannot be read further: read() gave a " .. type(piece))
  end
end

-- A `sep=` line that cannot be followed.
function Reader:wrong_separator(line)
  local announced = self.reader:announced()
  if separators[announced] then
    self:fail(line, ("this line says that %q separates, but separator = %q was given; leave one of them out")
      :format(announced, self.separator))
  end
  self:fail(line, ('this line says that %q separates; only ",", ";" and "\\t" can'):format(announced))
end

function Reader:wrong_count(line, count)
  local names = self.names
  local shown = table.concat(names, ", ", 1, math.min(#names, NAMES_SHOWN))
  if #names > NAMES_SHOWN then shown = shown .. ", …" end
  self:fail(line, ("%d field%s, but there %s %d column%s: %s"):format(count, count == 1 and "" or "s",
    #names == 1 and "is" or "are", #names, #names == 1 and "" or "s", shown))
end

-- To be called where the core gave no row: `what` and the rest are its results instead. Returns whether it
-- is to be asked again; false at the end.
function Reader:proceed(what, line, detail)
  if self.failed then error(self.failed, 0) end
  if what == "more" then
    self:fill(line)
    return true
  elseif what == "end" then
    return false
  elseif what == "count" then
    self:wrong_count(line, detail)
  elseif what == "separator" then
    self:wrong_separator(line)
  end
  self:fail(line, detail)
end

-- The problem with column names, or nil.
local function wrong_names(names)
  local seen = {}
  for i = 1, #names do
    local name = names[i]
    if type(name) ~= "string" then return ("column %d: expected a name, got a %s"):format(i, type(name)) end
    if name == "" then return ("column %d has no name"):format(i) end
    if name:find("\0", 1, true) then
      return ("column %d has a NUL in its name; is this UTF-16? Save it as UTF-8"):format(i)
    end
    if seen[name] then return ("columns %d and %d are both named %q"):format(seen[name], i, name) end
    seen[name] = i
  end
  if #names == 0 then return "no column is named" end
end

-- Without the white space around it.
local function trimmed(name)
  local before
  repeat
    before = name
    for _, space in ipairs(INVISIBLE) do name = name:gsub("^" .. space, ""):gsub(space .. "$", "") end
  until name == before
  return name
end

function Reader:read_header(separator_given)
  local names, line, detail_line, detail
  repeat
    names, line, detail_line, detail = self.reader:fields()
  until names or not self:proceed(line, detail_line, detail)
  if not names then self:fail(detail_line, "there is no header: the first line must name the columns") end
  for i, name in ipairs(names) do names[i] = trimmed(name) end
  local why = wrong_names(names)
  if why then self:fail(line, why) end
  local chosen = separator_given or self.reader:announced()
  local other = #names == 1 and not chosen and names[1]:match "[;\t]"
  if other then
    self:fail(line, ("the header is one column, %q; with separator = %s it would be several "
      .. '(separator = "," says that it is one)'):format(names[1], other == ";" and '";"' or '"\\t"'))
  end
  return names
end

-- ---- rows ----

-- Metatable of a reader's rows -> its columns, in the order of the file.
local columns_of = setmetatable({}, { __mode = "k" })

-- The message of a row for a name that is none of its columns.
local function unknown_column(name, file, names, known)
  local meant = type(name) == "string" and core.text.suggest(name, known)
  local shown = table.concat(names, ", ", 1, math.min(#names, NAMES_SHOWN))
  return ('%s: no column %s; %sthe columns are %s%s. A column that a file may lack is named in optional = '
    .. "{ %s }"):format(file, type(name) == "string" and ("%q"):format(name) or tostring(name),
    meant and ("did you mean %q? "):format(meant) or "", shown, #names > NAMES_SHOWN and ", …" or "",
    type(name) == "string" and ("%q"):format(name) or '"note"')
end

-- The metatable of the rows of one file: a row has its columns, and nil for those of `optional`.
local function row_type(file, names, optional)
  local known, absent = {}, {}
  for _, list in ipairs { names, optional } do
    for _, name in ipairs(list) do
      -- A column may be absent from a row because a script has set it to nil.
      known[#known + 1], absent[name] = name, true
    end
  end
  local metatable = { __name = "patchbay.csv.row" }
  function metatable.__index(_, name)
    if not absent[name] then error(unknown_column(name, file, names, known), 2) end
  end
  columns_of[metatable] = names
  return metatable
end

-- Iterator that rows() returned -> its columns.
local iterators = setmetatable({}, { __mode = "k" })

--- The columns of a row, or of an iterator over rows, in the order of the file; nil for other values.
function csv.columns(of)
  local metatable = getmetatable(of)
  return iterators[of] or type(metatable) == "table" and columns_of[metatable] or nil
end

--- Whether `source` is an iterator over the rows of a CSV file.
function csv.is_rows(source) return iterators[source] ~= nil end

-- ---- the call ----

local option_rules = {
  separator = function(value)
    if not separators[value] then return 'expected ",", ";" or "\\t"' end
  end,
  header = function(value)
    if type(value) ~= "table" then return "expected a list of names, got " .. check.got(value) end
    return wrong_names(value)
  end,
  optional = function(value)
    if type(value) ~= "table" then return "expected a list of names, got " .. check.got(value) end
    return #value > 0 and wrong_names(value) or nil
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
    error("csv: expected a path, an open file or an object with read(n), got " .. check.got(file), level + 1)
  end
  return file, "csv"
end

---@class patchbay.CsvOptions
--- `","` (default), `";"` or `"\t"`. A first line `sep=;`, as Excel writes it, selects it too.
---@field separator? ","|";"|"\t"
--- A list of column names, for a file without a header line.
---@field header? string[]
--- A list of columns that the file may lack, such as `{ "note" }`; a missing one reads as nil.
---@field optional? string[]

--- `for row, line in patchbay.csv(file, options) do` reads a CSV file (RFC 4180), in pieces. `file` is a
--- path, an open file, or an object with `read(n)`. `row` is a table of strings by the column names in the
--- file's first line; `line` is the line that the row begins in. Values are not converted: `+61…` and `007`
--- are text, and an empty field is `""`. Names in the header are trimmed, empty lines are passed over. A
--- malformed file raises with file and line: a row with another number of fields than there are columns,
--- misplaced quotes, UTF-16, lines that end with CR alone.
---@param file string|file*|table
---@param options? patchbay.CsvOptions
---@param level? integer
function csv.rows(file, options, level)
  level = (level or 1) + 1
  options = check_options(options, level)
  local handle, name = open(file, level)
  local self = setmetatable({
    file = handle, owned = type(file) == "string", name = name, separator = options.separator,
    reader = core.csv.reader(options.separator), names = {}, failed = nil,
  }, Reader)
  for i, column in ipairs(options.header or self:read_header(options.separator)) do
    self.names[i] = column
  end
  local take = self.reader:rows(self.names, row_type(name, self.names, options.optional or {}))
  local function next_row()
    while true do
      local row, line, detail_line, detail = take()
      if row then return row, line end
      if not self:proceed(line, detail_line, detail) then return nil end
    end
  end
  iterators[next_row] = self.names
  return next_row
end

-- Numbers as people write them: all digits of a whole number, and enough of any other to be the same. With
-- a point, wherever the program has been told that a comma is usual.
local function number_text(value)
  if value == math.floor(value) and value > -2 ^ 53 and value < 2 ^ 53 then return ("%.0f"):format(value) end
  if value ~= value or value == math.huge or value == -math.huge then return tostring(value) end
  return core.json.encode(value)
end

--- `patchbay.csv.line(values, separator)` returns one line of CSV, without a line end, of a list of strings,
--- numbers and booleans (nil, up to `values.n`, is an empty field). Each is read back exactly as it is:
--- nothing is trimmed, and a leading `=` or `+` stays.
---@param values any[]
---@param separator? string
---@return string
function csv.line(values, separator)
  separator = separator or ","
  if not separators[separator] then error('csv.line: separator: expected ",", ";" or "\\t"', 2) end
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
    fields[i] = value
  end
  return core.csv.line(fields, count, separator)
end

return setmetatable(csv, {
  __call = function(_, file, options)
    local rows = csv.rows(file, options, 2) -- no tail call, which would lose the level of an error
    return rows
  end,
})
