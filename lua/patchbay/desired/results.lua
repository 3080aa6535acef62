--- The changes that an apply has made, beside the counts of the report of patchbay.each.

local results = {}

---@class patchbay.ApplyReport : patchbay.Report
--- Whether each change is made: no failure, nothing left out, no order that is still open.
---@field complete boolean
--- List of `{ address, action, key, fields }`; `pending` where the vendor has an order for it.
---@field changed {address: string, action: string, key?: string|integer, fields: string[], pending?: true}[]
--- The number of changes that were not tried.
---@field not_tried integer
--- The plan's id.
---@field plan string

local Results = {}
Results.__index = Results

--- Notes a change that was made. `fields`: those that were sent; `pending`: whether it is an order that is
-- still open; `action`: if it is not the change's.
function Results:changed(change, key, fields, pending, action)
  local names = {}
  for i, field in ipairs(fields) do names[i] = field.field end
  self.list[#self.list + 1] = { address = change.address, action = action or change.action, key = key,
    fields = names, pending = pending or nil }
end

-- The remarks of a report that is not complete: it never says that all is done.
local function add_remarks(report, work)
  if report.dry_run or report.complete then return end
  if work.broken then
    report:remark "ended, as the state or the undo plan cannot be written"
  elseif work.stopped then
    report:remark(("ended after %d failures before any success"):format(work.failures))
  end
  if report.not_tried > 0 then
    report:remark(("%d of the plan's changes were not tried"):format(report.not_tried))
  end
  if report.failed > 0 or report.not_tried > 0 then
    report:remark "the plan is not fully applied: make it again, or apply it again, for the rest"
  end
end

--- Completes the report of a run: `changed` (list of { address =, action =, key =, fields = }), `plan` (its
-- id), `complete` (whether each change of the plan is made), `not_tried`.
function Results:finish(report, plan, work)
  report.changed, report.plan = self.list, plan.id
  report.not_tried = math.max(0, #plan.changes - report.done - report.failed - report.skipped - report.pending
    - report.would_send)
  report.complete = report.failed == 0 and report.pending == 0 and report.not_tried == 0
    and not report.incomplete and not report.dry_run
  add_remarks(report, work)
  return report
end

function results.new() return setmetatable({ list = {} }, Results) end

return results
