--- patchbay bulk: changes many records by a CSV file.

local assignment = require "patchbay.command.assignment"
local bulk_rows = require "patchbay.command.bulk_rows"
local core = require "patchbay.core"
local failure = require "patchbay.command.failure"
local files = require "patchbay.command.files"
local options = require "patchbay.command.options"
local patchbay = require "patchbay"
local paths = require "patchbay.desired.paths"
local plans = require "patchbay.desired.plan"
local planning = require "patchbay.command.planning"
local text = require "patchbay.util.text"
local value_text = require "patchbay.desired.value_text"
local wording = require "patchbay.command.wording"

-- Rows that are shown before the question.
local SHOWN = 3
-- Bytes of a value there.
local LONGEST = 60

local SEPARATORS = { [","] = ",", [";"] = ";", tab = "\t", ["\t"] = "\t", ["\\t"] = "\t" }

-- ---- the overview before the question ----

local function source_words(rows)
  local parts = {}
  for _, one in ipairs(rows.columns) do
    parts[#parts + 1] = one[1] == one[2] and one[1] or ("%s from the column %s"):format(one[1], one[2])
  end
  return parts
end

local function shown_value(rows, entry, how)
  if paths.is_secret(rows.collection, entry.path) then return "***" end
  return core.text.hide_userinfo(value_text.of(entry.value, how))
end

-- The text of the requests that the file would send.
local function overview(context, target, rows, journal)
  local how = { longest = LONGEST, ascii = context.terminal.ascii }
  local lines = { ("~ %s: %s of %s"):format(target.full, wording.some(rows.count, "record", "records"),
    rows.path) }
  local sources = source_words(rows)
  for _, entry in ipairs(rows.constants) do
    sources[#sources + 1] = ("%s = %s"):format(entry.path, shown_value(rows, entry, how))
  end
  lines[#lines + 1] = "    sets " .. table.concat(sources, ", ")
  for _, one in ipairs(rows.first) do
    local parts = {}
    for i, entry in ipairs(one[2]) do
      parts[i] = ("%s = %s"):format(entry.path, shown_value(rows, entry, how))
    end
    lines[#lines + 1] = ("      %s   %s"):format(text.of(one[1]), table.concat(parts, ", "))
  end
  if rows.count > #rows.first then
    lines[#lines + 1] = ("      … and %s"):format(wording.some(rows.count - #rows.first, "more", "more"))
  end
  if rows.empty > 0 then
    lines[#lines + 1] = ("    %s no value, and %s nothing"):format(wording.some(rows.empty, "row has",
      "rows have"), rows.empty == 1 and "changes" or "change")
  end
  if files.exists(journal) then
    lines[#lines + 1] = ("    %s is there: what it records as done is not sent again"):format(journal)
  end
  return context.prose(table.concat(lines, "\n") .. "\n")
end

-- ---- the run ----

-- Whether a change of a part of an object needs the rest of it, which is read first.
local function is_nested(rows)
  for _, list in ipairs { rows.columns, rows.constants } do
    for _, one in ipairs(list) do
      local path = one[1] or one.path
      if path:find(".", 1, true) and not rows.rules.fields[path] then return true end
    end
  end
  return false
end

-- A body for patchbay.each that changes the record of one row.
local function body_for(target, rows, lists, changed_only)
  local operations = target.collection.resource.description.operations
  local replaces = operations.update == nil
  local reads = target.collection:plan "get" ~= nil and (changed_only or replaces or is_nested(rows))
  local settings = changed_only and { changed_only = true } or nil
  return function(row)
    local item = lists[row]
    lists[row] = nil
    local record = target.proxy:at(item.key)
    if reads then
      local read, err = record:fetch()
      if not read then
        err.outcome = "not_sent"
        return nil, err
      end
    end
    local ok, problem = assignment.assign(record, item.list)
    if not ok then return nil, problem end
    local done, err
    if replaces then done, err = record:replace() else done, err = record:update(settings) end
    if not done then return nil, err end
    return true
  end
end

-- The rows as items, which are tables of the CSV file: failures are written with all their columns. The
-- change that each makes is kept beside it while it is under way.
local function items_of(rows, lists)
  local next_row = rows:iterate()
  return function()
    local row, key, list = next_row()
    if row == nil then return nil end
    lists[row] = { key = key, list = list }
    return row
  end
end

-- Writes the rows that failed, or removes those that an earlier run has written there.
local function save_failures(context, report, path)
  if report.failed > 0 then
    local ok, note = report:save(path)
    context.err(("patchbay: %s\n"):format(ok
      and ("the rows that failed are in %s%s"):format(path, note and "; " .. note or "") or note))
  elseif files.exists(path) and files.start(context, path, 4096):match "^[^\n]*error_kind,error_outcome" then
    files.remove(path)
  end
end

local function status_of(context, report, failures)
  if report.interrupted then
    failure.raise(failure.INTERRUPTED, "interrupted; the same command line finishes the rest")
  end
  if report.incomplete then return failure.FAILED end
  if report.failed == 0 then return failure.DONE end
  context.err(("patchbay: %s; the same command line sends %s again, and so does one with %s\n"):format(
    wording.some(report.failed, "row failed", "rows failed"), report.failed == 1 and "it" or "them",
    failures))
  return failure.FAILED
end

local function check_can_change(context, target)
  if not target.collection.resource.key then
    context.usage(target.full .. " is one record; patchbay set changes it")
  end
  local operations = target.collection.resource.description.operations
  local plan, err = target.collection:plan(operations.update and "update" or "replace")
  if not plan then context.fail(wording.of(tostring(err))) end
end

return function(context, arguments)
  local path = arguments.file
  local separator = arguments.separator and SEPARATORS[arguments.separator]
  if arguments.separator and not separator then
    context.usage(('--separator: expected ",", ";" or tab, got %q'):format(arguments.separator))
  end
  local concurrency = options.whole(context, arguments, "concurrency", 1)
  options.set_rate(context, arguments)
  local target = context.target(arguments.collection)
  check_can_change(context, target)
  files.check_rereadable(context, path)
  files.start(context, path, 1)
  local rows = bulk_rows.new(path, target.collection, { key = arguments.key, sets = arguments.set or {},
    separator = separator })
  if not rows:check(SHOWN) then context.usage(wording.faults(rows.faults, path .. ": %d faults")) end
  local as_json = arguments.output == "json"
  local journal = arguments.journal or plans.path_beside(path, "journal")
  local failures = arguments.failures or plans.path_beside(path, "failures.csv")
  if failures == path then failures = path .. ".failures.csv" end
  local shown = overview(context, target, rows, journal)
  if not as_json then context.out(shown) elseif not arguments.yes then context.err(shown) end
  context.flush()
  if arguments.dry_run then
    if as_json then context.out(core.json.encode { patchbay_bulk = 1, rows = rows.count } .. "\n") end
    return rows.count > 0 and failure.DIFFERENCES or failure.DONE
  end
  if rows.count == 0 then
    if as_json then context.out(patchbay.each({}, {}, function() return true end):json() .. "\n") end
    return failure.DONE
  end
  if not context.ask(("Change %s?"):format(wording.some(rows.count, "record", "records"))) then
    context.fail "nothing was changed"
  end
  local lists = setmetatable({}, { __mode = "k" }) -- rows that are skipped are never asked for
  local key_column = rows.key
  local report = planning.checked(context, patchbay.each, items_of(rows, lists), {
    concurrency = concurrency, stop_on_error = arguments.stop_on_error, journal = journal,
    job = rows:job(target.full), total = rows.count, progress = options.progress(context, arguments),
    key = function(row) return rawget(row, key_column) end,
  }, body_for(target, rows, lists, arguments.changed_only))
  if as_json then
    context.out(report:json() .. "\n")
  else
    context.out(context.prose(wording.of(tostring(report)) .. "\n"))
    if report.skipped > 0 and report.skipped == rows.count then
      context.out(("all of it is done already, as %s records; delete that file to send it again\n"):format(
        journal))
    end
  end
  save_failures(context, report, failures)
  return status_of(context, report, failures)
end
