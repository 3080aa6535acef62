--- patchbay pull: writes the present state as a desired-state file.

local check = require "patchbay.util.check"
local call_options = require "patchbay.exchange.call_options"
local contexts = require "patchbay.command.context"
local failure = require "patchbay.command.failure"
local files = require "patchbay.command.files"
local listing = require "patchbay.record.listing"
local needed = require "patchbay.desired.needed"
local options = require "patchbay.command.options"
local patchbay = require "patchbay"
local pull_fields = require "patchbay.command.pull_fields"
local state_writer = require "patchbay.command.state_writer"
local wording = require "patchbay.command.wording"

-- As the library raises a signal.
local INTERRUPTED = "interrupted!"

-- As many records are read one by one, as a list may show less; of more, only the list is read.
local FEW = 100

-- Records of a longer list that are read, to find out whether it shows less.
local SAMPLE = 3

local NONE = {}

local FORMATS = { lua = true, json = true }

-- "lua" or "json", by the file's name.
local function format_of(context, path)
  local extension = path:match "%.(%w+)$"
  extension = extension and extension:lower()
  if FORMATS[extension] then return extension end
  context.usage(("%s: the name of a desired state ends in .lua or .json"):format(path))
end

-- The collections to be pulled, each with its fields. Raises the problems with them, all at once.
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

-- Sentences about the records and fields that the file does not have.
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
  local fields = target.fields:of(key, reading, whole)
  for name in pairs(not whole and target.listed_only or NONE) do fields[name] = nil end
  self.writer:record(key, written(self.writer, fields, target.fields.names))
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
-- `next_entry()`: the next key of the list.
function Pull:each(target, next_entry)
  local waiting, position, due = {}, 0, 1
  local report = patchbay.each(function()
    local key = next_entry()
    if key == nil then return nil end
    position = position + 1
    return { key = tostring(key), of = key, position = position }
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
  if report.interrupted then error(INTERRUPTED, 0) end
  if report.incomplete then error(report.incomplete, 0) end
  if report.failures[1] then error(report.failures[1].err, 0) end
end

-- Compares the list with reads of some of its records, and notes the fields that only one of both shows. A
-- field that only the list shows is left out: a plan of a few records reads them one by one, and would find
-- it missing. `held`: the first entries of the list.
function Pull:compare(target, held)
  local shown, more, listed_only = {}, {}, {}
  for _, entry in ipairs(held) do
    for name in pairs(target.fields:of(entry[1], entry[2], false)) do shown[name] = true end
  end
  for i = 1, #held, math.ceil(#held / SAMPLE) do
    local key = held[i][1]
    local reading, err = target.collection:read(key, call_options.none)
    if not reading and err.kind ~= "not_found" then error(err, 0) end
    if reading then
      local read = target.fields:of(key, reading, true)
      for name in pairs(read) do
        if not shown[name] then more[name] = true end
      end
      for name in pairs(target.fields:of(key, held[i][2], false)) do
        if read[name] == nil then listed_only[name] = true end
      end
    end
  end
  target.listed_only = listed_only
  self:note(target, check.names(more), "the list does not show %s, which reads of single records do; "
    .. "--read-each reads all of them")
  self:note(target, check.names(listed_only), "left out, as only the list shows it: %s")
end

-- Keeps a sentence about fields, if there are any.
function Pull:note(target, names, sentence)
  if not names[1] then return end
  self.notes[#self.notes + 1] = target.full .. ": " .. sentence:format(table.concat(names, ", "))
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
  local next_entry, held = self:list(target), {}
  repeat
    local key, reading = next_entry()
    if key ~= nil then held[#held + 1] = { key, reading } end
  until key == nil or #held > FEW
  local position = 0
  local function next_of_all()
    position = position + 1
    if held[position] then return held[position][1], held[position][2] end
    if #held > FEW then return next_entry() end
  end
  if collection:plan "get" and (self.reads_each or #held <= FEW) then
    return self:each(target, next_of_all)
  end
  if collection:plan "get" then self:compare(target, held) end
  for key, reading in next_of_all do self:add(target, key, reading, false) end
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
  local there = files.exists(path)
  if there and not arguments.force then
    context.usage(path .. " is there already; --force replaces it, or give another name")
  end
  local collections = collections_of(context, arguments)
  local names = {}
  for i, target in ipairs(collections) do names[i] = target.full end
  local self = setmetatable({ count = 0, notes = {}, concurrency = concurrency,
    reads_each = arguments.read_each }, Pull)
  local full, finish = path, nil
  if options.progress(context, arguments) then self.update, finish = progress(context) end
  local ok, written_or_raised, why = pcall(files.write, path, function(write)
    self.writer = state_writer.new(format, write, table.concat(names, ", "), remarks_of(collections))
    self.writer:begin()
    for _, target in ipairs(collections) do
      full = target.full
      self:collection(target)
    end
    self.writer:finish()
  end)
  if finish then finish() end
  if not ok and contexts.is_interrupt(written_or_raised) then error(written_or_raised, 0) end
  if not ok or not written_or_raised then
    context.fail(("%s: %s; %s"):format(ok and path or full, ok and why or tostring(written_or_raised),
      there and path .. " is as it was" or path .. " was not written"))
  end
  for _, remark in ipairs(remarks_of(collections)) do self.notes[#self.notes + 1] = remark end
  for _, remark in ipairs(self.notes) do
    context.err("patchbay: " .. remark .. "\n")
  end
  context.out(("%s: %s\n"):format(path, wording.some(self.count, "record", "records")))
  return failure.DONE
end
