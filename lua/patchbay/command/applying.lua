--- Applies a plan that has been shown: asks, makes the changes, and reports them.

local failure = require "patchbay.command.failure"
local options = require "patchbay.command.options"
local planning = require "patchbay.command.planning"
local text = require "patchbay.util.text"
local wording = require "patchbay.command.wording"

local applying = {}

-- Changes that are listed one by one behind an apply; records that were created always are.
local MOST_LISTED = 50

-- "create" -> "created"
local function past(action) return action .. "d" end

-- The changes that were made, one a line.
local function changed_lines(report)
  local lines, few = {}, #report.changed <= MOST_LISTED
  for _, change in ipairs(report.changed) do
    if few or change.action == "create" then
      local key = change.action == "create" and change.key ~= nil and ": " .. text.of(change.key) or ""
      lines[#lines + 1] = ("%s %s%s%s\n"):format(past(change.action), change.address, key,
        change.pending and " (an order, not carried out yet)" or "")
    end
  end
  return table.concat(lines)
end

-- How an apply that did not end goes on.
local function how_to_go_on(job)
  return ("run the same command again for the rest%s"):format(job.undo
    and ("; patchbay undo %s takes back what was done"):format(job.undo) or "")
end

local function settings_of(context, arguments)
  return { concurrency = options.whole(context, arguments, "concurrency", 1),
    progress = options.progress(context, arguments) or nil, stop_on_error = arguments.stop_on_error,
    force = arguments.force, journal = arguments.journal, undo = arguments.undo }
end

-- The exit status for a report; says how to go on where it is not complete.
local function status_of(context, report, job)
  if report.complete then return failure.DONE end
  local made = wording.some(#report.changed, "change is", "changes are")
  if report.interrupted then
    failure.raise(failure.INTERRUPTED, ("interrupted: %s made; %s"):format(made, how_to_go_on(job)))
  end
  if not report.dry_run then
    context.err(("patchbay: not fully applied: %s made; %s\n"):format(made, how_to_go_on(job)))
  end
  return failure.FAILED
end

--- Shows `plan`, asks `job.question`, applies it, and returns the exit status. `job.journal`: the file of the
-- journal, or nil; `job.undo`: the word for patchbay undo, or nil; `job.nothing`: the sentence where there is
-- nothing to change.
function applying.run(context, arguments, plan, job)
  local as_json = arguments.output == "json"
  local asks = not (plan.empty or plan.refused[1] or arguments.yes or arguments.dry_run)
  planning.show(context, arguments, plan, asks)
  if plan.refused[1] then
    if as_json then context.out(planning.json(plan)) end
    context.fail("the plan is refused, and nothing was sent: " .. table.concat(plan.refused, "; "))
  end
  if arguments.dry_run then
    if as_json then context.out(planning.json(plan)) end
    return plan.empty and failure.DONE or failure.DIFFERENCES
  end
  if asks then
    local question = job.question:format(wording.some(#plan.changes, "change", "changes"))
    if not context.ask(question) then context.fail "nothing was changed" end
  end
  local settings = settings_of(context, arguments)
  settings.journal = not plan.empty and job.journal or nil
  if arguments.no_undo then settings.undo = false end
  context.flush()
  local report, err = planning.checked(context, plan.apply, plan, settings)
  if not report then context.fail(wording.of(tostring(err))) end
  if as_json then
    context.out(report:json() .. "\n")
  elseif plan.empty then
    context.out(context.prose(job.nothing .. "\n"))
  else
    context.out(context.prose(changed_lines(report) .. wording.of(tostring(report)) .. "\n"))
    if report.complete and job.undo and report.changed[1] then
      context.out(("patchbay undo %s takes it back\n"):format(job.undo))
    end
  end
  return status_of(context, report, job)
end

return applying
