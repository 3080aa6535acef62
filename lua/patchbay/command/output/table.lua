--- Tables for people: columns that fit the terminal, and for one record a line for each field. On a terminal,
-- a cell that does not fit its column is truncated; elsewhere all are complete.

local core = require "patchbay.core"
local fields = require "patchbay.command.output.fields"
local rendering = require "patchbay.record.rendering"

local fit, measure = core.terminal.fit, core.terminal.measure

local tables = {}

-- Columns between two cells.
local GAP = 2

-- A column is not made narrower than this by the others; the default columns not wider than that.
local NARROWEST, WIDEST = 6, 40

-- Rows of a first page that is longer: enough for the widths.
local MOST_HELD = 500

--- A text in bold on a terminal with colours: headings, which stand first in any case.
local function heading(terminal, shown)
  return terminal.colour and ("\27[1m%s\27[0m"):format(shown) or shown
end

-- ---- columns ----

local Table = {}
Table.__index = Table

--- A table of rows. `names`: the headings. `pinned`: the number of columns that are cut last. `optional`: the
-- columns behind these are left out where they do not fit.
function tables.new(context, names, pinned, optional)
  local terminal = context.terminal
  return setmetatable({ context = context, terminal = terminal, names = names, pinned = pinned or 0,
    optional = optional, rows = {}, isolate = terminal.out }, Table)
end

-- A text as it is shown, and its columns.
local function shown(self, text, most) return fit(text, most, self.terminal.ascii, self.isolate) end

-- The columns that each column needs for the rows that are there.
local function needed(self)
  local widths = {}
  for i, name in ipairs(self.names) do
    local _, width = fit(name)
    for _, row in ipairs(self.rows) do
      local _, own = shown(self, row[i])
      if own > width then width = own end
    end
    widths[i] = width
  end
  return widths
end

local function total(widths)
  local sum = -GAP
  for _, width in ipairs(widths) do sum = sum + width + GAP end
  return sum
end

-- Whether a column has a cell with anything in it.
local function has_cells(self, i)
  for _, row in ipairs(self.rows) do
    if row[i] ~= "" then return true end
  end
  return false
end

-- Leaves out columns behind the pinned ones that are empty or do not fit. Returns the widths of the others.
local function leave_out(self, widths)
  local names, kept, places, sum = {}, {}, {}, -GAP
  for i, width in ipairs(widths) do
    if i > self.pinned then width = math.min(width, WIDEST) end
    if i <= self.pinned or has_cells(self, i) and sum + GAP + width <= self.terminal.width then
      sum = sum + GAP + width
      names[#names + 1], kept[#kept + 1], places[#places + 1] = self.names[i], width, i
    end
  end
  self.left_out, self.names, self.places = #self.names - #names, names, places
  return kept
end

-- Makes the widest columns narrower until all fit; the pinned ones last.
local function narrow(self, widths)
  for _, first in ipairs { self.pinned + 1, 1 } do
    while total(widths) > self.terminal.width do
      local widest
      for i = first, #widths do
        if widths[i] > NARROWEST and (not widest or widths[i] > widths[widest]) then widest = i end
      end
      if not widest then break end
      widths[widest] = math.max(NARROWEST, widths[widest] - (total(widths) - self.terminal.width))
    end
  end
end

local function write_row(self, row, is_heading)
  local parts, widths = {}, self.widths
  for i, width in ipairs(widths) do
    -- Where nobody looks, everything is there, at the price of a crooked table.
    local cell = not is_heading and self.places and row[self.places[i]] or row[i]
    local text, own = shown(self, cell, self.terminal.out and math.max(width, 1) or nil)
    local last = i == #widths
    parts[i] = (is_heading and heading(self.terminal, text) or text)
      .. (last and "" or (" "):rep(width - own + GAP))
  end
  self.context.out((table.concat(parts):gsub(" +$", "")) .. "\n")
end

--- Adds a row, a list of texts.
function Table:add(row)
  if self.widths then return write_row(self, row) end
  self.rows[#self.rows + 1] = row
  if #self.rows >= MOST_HELD then self:start() end
end

-- Settles the widths, and writes the heading and the rows that are there.
function Table:start()
  if self.widths then return end
  local widths = needed(self)
  if self.optional then widths = leave_out(self, widths) end
  if self.terminal.out then narrow(self, widths) end
  self.widths = widths
  write_row(self, self.names, true)
  for _, row in ipairs(self.rows) do write_row(self, row) end
  self.rows = {}
end

--- Writes the rows that came so far.
function Table:flush()
  if self.rows[1] then self:start() end
  self.context.flush()
end

--- Writes the rest.
function Table:finish() self:start() end

-- ---- records ----

-- The fields that a table shows of its own accord: the key, the names that people know a record by, then the
-- others in the order of the description, objects and secrets left out. Also how many of them must be there.
local function default_names(resource)
  local names, has = {}, {}
  local function add(name)
    if name and not has[name] then names[#names + 1], has[name] = name, true end
  end
  add(resource.key)
  for _, name in ipairs(resource.description.identity or {}) do add(name) end
  local pinned = #names
  for _, field in ipairs(resource.description.fields) do
    local is_simple = field.type ~= "object" and field.type ~= "array"
    if is_simple and not resource.secrets[field[1]] then add(field[1]) end
  end
  return names, pinned
end

--- A renderer of the records of a collection (see output/init.lua).
function tables.records(context, target, chosen)
  local resource = target.collection.resource
  local names, pinned = chosen, 1
  if not chosen then names, pinned = default_names(resource) end
  local own, count = tables.new(context, names, pinned, not chosen), 0
  return {
    add = function(_, record)
      count = count + 1
      local values, row = record:values(), {}
      for i, name in ipairs(names) do row[i] = fields.text(fields.value(values, name)) end
      own:add(row)
    end,
    flush = function() own:flush() end,
    finish = function()
      if count > 0 then own:finish() end
      if not context.terminal.out then return end
      context.flush()
      local left_out = (own.left_out or 0) > 0 and ("; %d fields are not shown: --fields A,B chooses, "
        .. "-o json shows all"):format(own.left_out) or ""
      context.err(("%d record%s%s\n"):format(count, count == 1 and "" or "s", left_out))
    end,
  }
end

-- ---- one record ----

-- Writes a value behind its name, on as many lines as it takes.
local function write_value(context, name, value, indent)
  local terminal = context.terminal
  local text, columns = fit(value, nil, terminal.ascii)
  local room = terminal.width - indent
  if not terminal.out or columns <= room or room < NARROWEST then
    if terminal.out then text = fit(value, nil, terminal.ascii, true) end
    context.out(name .. text .. "\n")
    return
  end
  while text ~= "" do
    local bytes = measure(text, room)
    if bytes == 0 then bytes = #text end
    context.out(name .. text:sub(1, bytes) .. "\n")
    text, name = text:sub(bytes + 1), (" "):rep(indent)
  end
end

--- Writes a list of { name, text } as lines, the texts below each other.
function tables.pairs(context, list)
  local widest = 0
  for _, entry in ipairs(list) do
    local _, width = fit(entry[1], nil, context.terminal.ascii)
    widest = math.max(widest, width)
  end
  for _, entry in ipairs(list) do
    local name, width = fit(entry[1], nil, context.terminal.ascii)
    write_value(context, heading(context.terminal, name) .. (" "):rep(widest - width + GAP), entry[2],
      widest + GAP)
  end
end

--- Writes a record: a line for each known field, or for each chosen one.
function tables.record(context, record, chosen)
  local values, list = record:values(), {}
  for i, name in ipairs(chosen or rendering.names(record)) do
    local value = fields.value(values, name)
    list[i] = { name, value == "" and '""' or fields.text(value) }
  end
  tables.pairs(context, list)
end

return tables
