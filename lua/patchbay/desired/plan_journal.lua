--- The journal of an apply: that of patchbay.each, with the plan's id as its job. A journal of another plan
-- holds nothing that counts for this one, which was made by reading what the vendor has: it is replaced.

local core = require "patchbay.core"

local plan_journal = {}

local PREFIX = "plan "

--- The name of a plan's job in the journal.
function plan_journal.job(id) return PREFIX .. id end

-- More than the longest first line of a journal.
local LONGEST_LINE = 65536

-- The job in the first line of the journal at `path`; nil if there is none.
local function job_of(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local line = file:read(LONGEST_LINE)
  file:close()
  line = line and line:match "^([^\n]*)\n"
  local header = line and core.json.decode(line)
  return type(header) == "table" and header.patchbay_journal and header.job or nil
end

--- Whether the file at `path` is the journal of another plan.
function plan_journal.is_of_another(path, id)
  local job = job_of(path)
  return type(job) == "string" and job ~= plan_journal.job(id) and job:sub(1, #PREFIX) == PREFIX
end

--- Removes the journal of another plan. Returns true, or nil and the problem.
function plan_journal.prepare(path, id)
  if not plan_journal.is_of_another(path, id) then return true end
  local file, kind = core.journal.open(path, false)
  if not file then
    return nil, ("%s: %s"):format(path, kind == "locked" and "in use by another run, in this process or "
      .. "another; wait for its end, or use another file"
      or "the journal of another plan, which cannot be replaced")
  end
  -- Removed while it is locked.
  local ok, problem = os.remove(path)
  file:close()
  if ok then return true end
  return nil, ("%s: the journal of another plan cannot be removed: %s"):format(path, problem)
end

return plan_journal
