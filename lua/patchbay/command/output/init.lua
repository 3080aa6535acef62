--- Renders records in the form that -o names. A renderer is an object with add(record); flush(), which writes
-- the records added so far; and finish(). docs/command.md documents the forms.

local patchbay = require "patchbay"
local core = require "patchbay.core"
local fields = require "patchbay.command.output.fields"

local output = {}

-- ---- JSON ----

-- The members of a record as JSON: all that are known, or the chosen fields in their order.
local function json_of(values, chosen)
  if not chosen then return patchbay.json.encode(values) end
  local parts = {}
  for _, name in ipairs(chosen) do
    local value = fields.value(values, name)
    if value ~= nil then
      parts[#parts + 1] = ("%s:%s"):format(core.json.encode(name), core.json.encode(value))
    end
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- One JSON value a line.
local function lines(context, _, chosen)
  return {
    add = function(_, record) context.out(json_of(record:values(), chosen) .. "\n") end,
    flush = function() context.flush() end,
    finish = function() end,
  }
end

-- One array. Where the list ends with an error, the array stays open: nobody takes it for the whole.
local function array(context, _, chosen)
  local count = 0
  return {
    add = function(_, record)
      context.out((count == 0 and "[\n" or ",\n") .. json_of(record:values(), chosen))
      count = count + 1
    end,
    flush = function() context.flush() end,
    finish = function() context.out(count == 0 and "[]\n" or "\n]\n") end,
  }
end

-- ---- CSV ----

-- A value as the text of a cell: null and unknown values are empty.
local function cell(value)
  if value == nil or value == core.json.null then return "" end
  return fields.text(value)
end

local function csv(context, target, chosen)
  local names = chosen or target.collection.resource.field_names
  local started = false
  local function line(cells) context.out(patchbay.csv.line(cells) .. "\n") end
  local function start()
    if not started then line(names) end
    started = true
  end
  return {
    add = function(_, record)
      start()
      local values, cells = record:values(), {}
      for i, name in ipairs(names) do cells[i] = cell(fields.value(values, name)) end
      line(cells)
    end,
    flush = function() context.flush() end,
    finish = start,
  }
end

local function columns(context, target, chosen)
  return require("patchbay.command.output.table").records(context, target, chosen)
end

local renderers = { json = array, jsonl = lines, csv = csv, table = columns }

--- A renderer for the records of a collection. `target`: see target.lua; `arguments`: of the command, with
-- `output` and `fields`.
function output.records(context, target, arguments)
  local chosen = fields.chosen(target.collection.resource, arguments.fields)
  return renderers[arguments.output](context, target, chosen)
end

--- Raises the problem with --fields, before anything is sent.
function output.check(target, arguments) fields.chosen(target.collection.resource, arguments.fields) end

--- Writes one record: as JSON an object, as a table a line for each field.
function output.record(context, target, record, arguments)
  local chosen = fields.chosen(target.collection.resource, arguments.fields)
  if arguments.output == "table" then
    require("patchbay.command.output.table").record(context, record, chosen)
  else
    local form = arguments.output == "json" and lines or renderers[arguments.output]
    local renderer = form(context, target, chosen)
    renderer:add(record)
    renderer:finish()
  end
end

return output
