--- patchbay set: changes fields of one record.
--
-- One read, one change: the record is read, the difference is shown, and the differing fields are sent.

local core = require "patchbay.core"
local assignment = require "patchbay.command.assignment"
local failure = require "patchbay.command.failure"
local options = require "patchbay.command.options"
local targets = require "patchbay.command.target"
local text = require "patchbay.util.text"
local value_text = require "patchbay.desired.value_text"
local wording = require "patchbay.command.wording"

-- Seconds after which somebody may have changed the values that the question shows; apply takes as many.
local FRESH = 60

-- Whether a word looks like an assignment to a field of the collection.
local function is_assignment(collection, word)
  local name = word:match "^([%a_][%w_]*)[%w_.]*:?="
  return name ~= nil and collection.resource.known[name] ~= nil
end

-- The key of the record, or nil, and the assignments.
local function split_words(context, target, words)
  local resource, list, key = target.collection.resource, {}, nil
  local first = 1
  if resource.key then
    if is_assignment(target.collection, words[1]) then
      context.usage(("which record of %s? Its %s comes before the fields"):format(target.full, resource.key))
    end
    key = targets.key(target, words[1])
    first = 2
  end
  for i = first, #words do list[#list + 1] = words[i] end
  if not list[1] then
    context.usage(("what is to change? Give fields, such as %s=…"):format(
      require("patchbay.record.resource").an_assignable(resource)))
  end
  return key, list
end

-- A line that is typed and not shown: it may be a secret.
local function typed_line(context)
  context.flush()
  local line, why = core.terminal.ask("Value [not shown] ", true)
  context.err "\n"
  if type(why) == "number" then failure.raise(failure.INTERRUPTED, "interrupted; nothing was sent") end
  if not line then return nil, why and "cannot be read: " .. tostring(why) or "has no value" end
  return line
end

-- Reads the value that standard input has: all of it, or a line of a terminal.
local function input_of(context)
  return function()
    if context.terminal.input then return typed_line(context) end
    local content, problem = io.stdin:read "*a"
    if content then return content end
    return nil, "cannot be read: " .. tostring(problem)
  end
end

-- By which call the record is changed.
local function change_of(context, target)
  local operations = target.collection.resource.description.operations
  local name = operations.update and "update" or "replace"
  local plan, err = target.collection:plan(name)
  if not plan then context.fail(wording.of(tostring(err))) end
  return name
end

-- The record as the vendor has it, and whether there is a call that reads it; or nil and an error value.
local function read(context, target, key)
  local record
  if target.collection.resource.key then record = target.proxy:at(key) else record = target.proxy:one() end
  local plan, unsupported = target.collection:plan "get"
  if not plan then
    if unsupported.kind == "incomplete" then context.fail(wording.of(tostring(unsupported))) end
    return record, false
  end
  local ok, err = record:fetch()
  if not ok then return nil, err end
  return record, true
end

-- Whether a difference is sent.
local function is_sent(change) return not change.resent and change.changed ~= false end

-- The text of the difference, before the question.
local function shown_diff(context, address, diff, was_read)
  local lines = { "~ " .. address }
  for line in tostring(diff):gmatch "[^\n]+" do
    if line:find(value_text.RIGHT_TO_LEFT) then line = line:gsub(" %-> ", "\n      -> ", 1) end
    lines[#lines + 1] = "    " .. line
  end
  if not was_read then
    lines[#lines + 1] = "  (the vendor documents no call that reads it: what it has now is not known)"
  end
  return context.prose(table.concat(lines, "\n") .. "\n")
end

local function json_line(fields)
  return core.json.encode(fields) .. "\n"
end

-- The differences as JSON has them, in their order.
local function changes_as_json(diff)
  local list = core.json.array {}
  for i, change in ipairs(diff) do
    list[i] = { field = change.field, from = change.from, to = change.to, changed = change.changed,
      unknown = change.unknown, secret = change.secret or nil, resent = change.resent or nil }
  end
  return list
end

local function error_as_json(err)
  return { kind = err.kind, outcome = err.outcome, message = wording.of(tostring(err)), status = err.status,
    request_id = err.request_id }
end

-- Sends the change. Returns the exit status.
local function send(context, job)
  local record, arguments = job.record, job.arguments
  local settings = { wait = job.wait }
  local updated, receipt
  if job.by == "update" then
    settings.changed_only = not arguments.force or nil
    settings.if_unchanged = job.was_read and (arguments.if_unchanged or job.waited > FRESH) or nil
    updated, receipt = record:update(settings)
  else
    updated, receipt = record:replace()
  end
  if not updated then
    local err = receipt
    job.say("failed", { error = error_as_json(err) })
    local more = err.outcome == "unknown"
      and ("; the change may have been made or not: look at the record before you send it again%s"):format(
        job.was_read and (" (patchbay get %s)"):format(job.address) or "") or ""
    context.fail(wording.of(tostring(err)) .. more)
  end
  local request_id = type(receipt) == "table" and receipt.request_id or nil
  if record:pending() then
    job.say("pending", { request_id = request_id },
      "accepted as an order, which is not carried out yet" .. (job.wait and " after the time to wait" or ""))
  else
    job.say("changed", { request_id = request_id },
      request_id and ("changed (request %s)"):format(request_id) or "changed")
  end
  return failure.DONE
end

return function(context, arguments)
  local target = context.target(arguments.collection)
  local key, words = split_words(context, target, arguments.words)
  local wait = options.number(context, arguments, "wait", 0)
  if wait == 0 then wait = nil end
  local list, faults = assignment.read(words, target.collection, input_of(context))
  if not list then context.usage(wording.faults(faults, "%d faults")) end
  local by = change_of(context, target)
  if not arguments.dry_run then options.check_question(context, arguments) end
  local as_json = arguments.output == "json"
  local address = key ~= nil and target.full .. " " .. text.of(key) or target.full
  local diff = {}
  local function say(outcome, more, sentence)
    if as_json then
      local line = { patchbay_set = 1, collection = target.full, key = key, outcome = outcome,
        changes = changes_as_json(diff) }
      for name, value in pairs(more or {}) do line[name] = value end
      context.out(json_line(line))
    elseif sentence then
      context.out(context.prose(("%s: %s\n"):format(address, sentence)))
    end
  end
  local record, was_read = read(context, target, key)
  if not record then
    say("failed", { error = error_as_json(was_read) })
    context.fail(was_read)
  end
  local ok, problem = assignment.assign(record, list)
  if not ok then context.usage(wording.of(problem)) end
  diff = record:diff()
  local sends = arguments.force and diff[1] ~= nil
  for _, change in ipairs(diff) do sends = sends or is_sent(change) end
  if not sends then
    say("unchanged", nil, "nothing to change, and nothing was sent")
    return failure.DONE
  end
  if by == "update" then
    local request, err = record:request { changed_only = not arguments.force or nil }
    if not request and err then context.fail(wording.of(tostring(err))) end
  end
  local shown = shown_diff(context, address, diff, was_read)
  if not as_json then
    context.out(shown)
  elseif not arguments.yes and not arguments.dry_run then
    context.err(shown)
  end
  if arguments.dry_run then
    say("would_change")
    return failure.DIFFERENCES
  end
  -- Where it cannot be shown, nothing is sent.
  context.flush()
  local before = core.system.clock()
  if not context.ask "Send it?" then
    say "declined"
    context.fail "nothing was changed"
  end
  return send(context, { record = record, arguments = arguments, by = by, wait = wait, say = say,
    address = address, was_read = was_read, waited = core.system.clock() - before })
end
