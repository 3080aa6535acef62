--- patchbay pull: writes the present state as a desired-state file.

local call_options = require "patchbay.exchange.call_options"
local core = require "patchbay.core"
local failure = require "patchbay.command.failure"
local listing = require "patchbay.record.listing"
local needed = require "patchbay.desired.needed"
local options = require "patchbay.command.options"
local patchbay = require "patchbay"
local pull_fields = require "patchbay.command.pull_fields"
local state_writer = require "patchbay.command.state_writer"
local wording = require "patchbay.command.wording"

local FORMATS = { lua = true, json = true }

-- "lua" or "json", by the file's name.
local function format_of(context, path)
  local extension = path:match "%.(%w+)$"
  extension = extension and extension:lower()
  if FORMATS[extension] then return extension end
  context.usage(("%s: the name of a desired state ends in .lua or .json"):format(path))
end

-- The collections to be pulled, each with its fields. Raises what is wrong with them, all at once.
local function collections_of(context, arguments)
  local list, faults, seen, first = {}, {}, {}, nil
  for _, name in ipairs(arguments.collections) do
    local ok, target = pcall(context.target, name)
    if not ok then
      if not failure.is(target) then error(target, 0) end
      first = first or target
      faults[#faults + 1] = target.message
    elseif seen[target.full] then
      faults[#faults + 1] = target.full .. " is named twice"
    else
      seen[target.full] = true
      local operation = target.collection.resource.key and "list" or "get"
      local plan, err = target.collection:plan(operation)
      if plan then
        target.plan, target.fields = plan, pull_fields.new(target.collection)
        list[#list + 1] = target
      else
        faults[#faults + 1] = ("%s: its records cannot be pulled: %s"):format(target.full,
          tostring(err):gsub("^.-: ", "", 1))
      end
    end
  end
  if not faults[1] then return list end
  if first and not faults[2] then error(first, 0) end
  context.usage(wording.faults(faults, "%d of the collections cannot be pulled"))
end

-- Sentences about what the file does not have.
local function remarks_of(targets)
  local remarks = {}
  for _, target in ipairs(targets) do
    local fields = target.fields
    if fields.secrets[1] then
      remarks[#remarks + 1] = ("%s: secrets are left out: %s"):format(target.full,
        table.concat(fields.secrets, ", "))
    end
    if fields.hidden[1] then
      remarks[#remarks + 1] = ("%s: left out, as they cannot be read back: %s"):format(target.full,
        table.concat(fields.hidden, ", "))
    end
  end
  return remarks
end

-- The fields of a record for the writer, in the order of the description.
local function written(writer, fields, names)
  local list, seen = {}, {}
  local function add(name)
    local value = fields[name]
    if value == nil or seen[name] then return end
    seen[name] = true
    local shown = writer.value(value)
    if shown then list[#list + 1] = { name, shown } end
  end
  for _, name in ipairs(names) do add(name) end
  local others = {}
  for name in pairs(fields) do
    if not seen[name] then others[#others + 1] = name end
  end
  table.sort(others)
  for _, name in ipairs(others) do add(name) end
  return list
end

local Pull = {}
Pull.__index = Pull

function Pull:add(target, key, reading, whole)
  self.count = self.count + 1
  self.writer:record(key, written(self.writer, target.fields:of(key, reading, whole), target.fields.names))
  if self.update then self.update(self.count) end
end

-- Writes the records of a list as they come.
function Pull:list(target)
  local list = listing.open(target.collection, target.plan, needed.largest_page(target.collection),
    function(key, reading) return { key, reading } end)
  return function()
    local entry = list:next()
    if entry then return entry[1], entry[2] end
  end
end

-- Reads each record of a list by itself, several at a time; they are written in the order of the list.
function Pull:each(target)
  local next_entry, waiting, position, due = self:list(target), {}, 0, 1
  local report = patchbay.each(function()
    local key, reading = next_entry()
    if key == nil then return nil end
    position = position + 1
    return { key = tostring(key), of = key, listed = reading, position = position }
  end, { concurrency = self.concurrency, stop_on_error = true }, function(item)
    local reading, err = target.collection:read(item.of, call_options.none)
    if not reading and err.kind ~= "not_found" then return nil, err end
    -- A record that is gone by now is none.
    waiting[item.position] = reading and { item.of, reading } or false
    while waiting[due] ~= nil do
      local one = waiting[due]
      waiting[due], due = nil, due + 1
      if one then self:add(target, one[1], one[2], true) end
    end
    return true
  end)
  if report.interrupted then error("interrupted!", 0) end
  if report.incomplete then error(report.incomplete, 0) end
  if report.failures[1] then error(report.failures[1].err, 0) end
end

function Pull:collection(target)
  local collection = target.collection
  if not collection.resource.key then
    local reading, err = collection:read(nil, call_options.none)
    if not reading then error(err, 0) end
    self.count = self.count + 1
    self.writer:collection(target.full,
      written(self.writer, target.fields:of(nil, reading, true), target.fields.names))
    return
  end
  self.writer:collection(target.full)
  if self.reads_each and collection:plan "get" then return self:each(target) end
  for key, reading in self:list(target) do self:add(target, key, reading, false) end
end

-- A display of progress on a terminal: the number of records.
local function progress(context)
  local display = require("patchbay.bulk.progress").new(true, {})
  local counts = { done = 0, failed = 0, skipped = 0, unchanged = 0, pending = 0, would_send = 0,
    repeated = 0, retries = 0, waited = 0 }
  context.flush()
  return function(count)
    counts.done = count
    display:update(counts)
  end, function() display:finish(counts) end
end

return function(context, arguments)
  local path = arguments.file
  local format = format_of(context, path)
  local problem = require("patchbay.desired.storage").path_problem(path)
  if problem then context.usage(("%s: %s"):format(path, problem)) end
  local concurrency = options.whole(context, arguments, "concurrency", 1)
  options.set_rate(context, arguments)
  local there = options.exists(path)
  if there and not arguments.force then
    context.usage(path .. " is there already; --force replaces it, or give another name")
  end
  local collections = collections_of(context, arguments)
  local part = path .. ".part"
  local file, why = io.open(part, "wb")
  if not file then context.fail(("%s cannot be written: %s"):format(path, tostring(why):gsub("^.*: ", ""))) end
  local names = {}
  for i, target in ipairs(collections) do names[i] = target.full end
  local full
  local self = setmetatable({ count = 0, concurrency = concurrency, reads_each = arguments.read_each }, Pull)
  self.writer = state_writer.new(format, function(text)
    local ok, trouble = file:write(text)
    if not ok then error(trouble, 0) end
  end, table.concat(names, ", "), remarks_of(collections))
  local finish
  if options.progress(context, arguments) then self.update, finish = progress(context) end
  local ok, raised = pcall(function()
    self.writer:begin()
    for _, target in ipairs(collections) do
      full = target.full
      self:collection(target)
    end
    self.writer:finish()
  end)
  if finish then finish() end
  local closed, late = file:close()
  if ok and not closed then ok, raised = false, late end
  if ok then ok, raised = core.system.replace_file(part, path) end
  if not ok then
    os.remove(part)
    if type(raised) == "string" and raised:find("interrupted!", 1, true) then error(raised, 0) end
    context.fail(("%s: %s; %s"):format(full or path, tostring(raised),
      there and path .. " is as it was" or path .. " was not written"))
  end
  for _, remark in ipairs(remarks_of(collections)) do
    context.err(wording.shown(context, "patchbay: " .. remark .. "\n"))
  end
  context.out(("%s: %s\n"):format(path, wording.some(self.count, "record", "records")))
  return failure.DONE
end
