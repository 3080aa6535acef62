--- The journal of an apply: that of patchbay.each, with the plan's id as its job. A journal of another plan
-- says nothing about this one, which was made by reading the vendor's records: it is replaced.

local core = require "patchbay.core"

local plan_journal = {}

local PREFIX = "plan "

--- The name of a plan's job in the journal.
function plan_journal.job(id) return PREFIX .. id end

-- More than the longest first line of a journal.
local LONGEST_LINE = 65536

local function first_part(journal)
  if type(journal) ~= "string" then
    local text = journal:read()
    return type(text) == "string" and text or nil
  end
  local file = io.open(journal, "rb")
  local text = file and file:read(LONGEST_LINE)
  if file then file:close() end
  return text
end

-- The job in the first line of a journal, a path or an object; nil if there is none.
local function job_of(journal)
  local text = first_part(journal)
  local line = text and text:match "^([^\n]*)\n"
  local header = line and core.json.decode(line)
  return type(header) == "table" and header.patchbay_journal and header.job or nil
end

--- Whether `journal`, a path or an object, is that of another plan.
function plan_journal.is_of_another(journal, id)
  local job = job_of(journal)
  return type(job) == "string" and job ~= plan_journal.job(id) and job:sub(1, #PREFIX) == PREFIX
end

-- Empties the object that holds the journal of another plan.
local function empty(object)
  local ok, problem = object:replace ""
  if ok then return true end
  return nil, "the journal object: the journal of another plan cannot be replaced: "
    .. tostring(problem or "its replace() did not return true")
end

--- Removes the journal of another plan. Returns true, or nil and the problem.
function plan_journal.prepare(path, id)
  if not plan_journal.is_of_another(path, id) then return true end
  if type(path) ~= "string" then return empty(path) end
  local file, kind = core.journal.open(path, false)
  if kind == "missing" then return true end -- another apply has removed it meanwhile
  if not file then
    return nil, ("%s: %s"):format(path, kind == "locked" and "in use by another run, in this process or "
      .. "another; wait for its end, or use another file"
      or "the journal of another plan, which cannot be replaced")
  end
  -- Looked at again, and removed, while it is locked: another apply of this plan may have begun its own.
  local ok, problem = true, nil
  if plan_journal.is_of_another(path, id) then ok, problem = os.remove(path) end
  file:close()
  if ok then return true end
  return nil, ("%s: the journal of another plan cannot be removed: %s"):format(path, problem)
end

return plan_journal
