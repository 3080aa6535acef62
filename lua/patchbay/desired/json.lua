--- A plan as JSON, for programs: stable, with the secrets masked. docs/desired-state.md describes the
-- members.

local core = require "patchbay.core"
local json_parts = require "patchbay.desired.json_parts"
local masking = require "patchbay.desired.masking"
local plan_wording = require "patchbay.desired.plan_wording"

local json = {}

--- The version of the format. A member that is added does not change it.
json.FORMAT = 1

-- How many records are named for one reason why a change cannot be undone.
local ALL = math.huge

local array, encode = core.json.array, core.json.encode
local list_of, written = json_parts.list_of, json_parts.written

-- Whether two values are the same JSON: masked, a value that was changed no longer is.
local function is_same(one, other)
  if type(one) ~= "table" then return one == other end
  local ok, first, second = pcall(function() return encode(one), encode(other) end)
  return ok and first == second
end

local function field_of(change, field)
  local from, to = masking.values(change, field)
  local masked = field.secret or not (is_same(from, field.from) and is_same(to, field.to))
  return { field = field.field, from = from, to = to, ref = field.ref, unknown = field.unknown,
    secret = field.secret and true or false, masked = masked and true or false,
    forced = field.forced and true or false }
end

local function affected_of(affected)
  if not affected then return nil end
  return { count = affected.count, at_least = affected.at_least and true or false,
    other_form = affected.other_form or 0, by = list_of(affected.by), unknown = affected.unknown }
end

local function lost_of(lost) return { field = lost.field, why = lost.why } end

local function change_of(change)
  local undo = change.undo or {}
  return {
    action = change.action, account = change.account, collection = change.collection_name, key = change.key,
    name = change.name, address = change.address, adopted = change.adopted and true or false,
    fields = list_of(masking.fields(change), function(field) return field_of(change, field) end),
    unread = list_of(change.unread), affected = affected_of(change.affected),
    undo = { possible = undo.possible ~= false, lost = list_of(undo.lost, lost_of) },
    depends_on = list_of(change.depends, function(other) return other.address end),
  }
end

-- The members of an object on a line each; those of `lists`, a list of { name, texts of its entries }, behind
-- the others with an entry on each line.
local function object(members, lists)
  local lines = {}
  for i, member in ipairs(members) do lines[i] = ('%s: %s'):format(encode(member[1]), written(member[2])) end
  for _, list in ipairs(lists) do
    lines[#lines + 1] = ("%s: [%s%s%s]"):format(encode(list[1]), list[2][1] and "\n" or "",
      table.concat(list[2], ",\n"), list[2][1] and "\n" or "")
  end
  return "{" .. table.concat(lines, ",\n") .. "}\n"
end

--- The JSON text of a plan. A change is one line.
function json.plan(plan)
  local counts, changes, lost = plan_wording.counts(plan), {}, {}
  for i, change in ipairs(plan.changes) do changes[i] = written(change_of(change)) end
  for i, group in ipairs(plan_wording.lost(plan, ALL)) do
    lost[i] = written { field = group.field, why = group.why, addresses = array(group.addresses) }
  end
  local function texts(list) return list_of(list, masking.text) end
  local unread = list_of(plan.unread, function(record)
    return { account = record.account, collection = record.collection_name, key = record.key,
      address = record.address, fields = list_of(record.fields) }
  end)
  return object({
    { "patchbay_plan_view", json.FORMAT }, { "kind", plan.kind or "plan" },
    { "id", plan.id or core.json.null },
    { "made_at", plan.made_at or core.json.null }, { "source", plan.source or core.json.null },
    { "empty", not plan.changes[1] }, { "summary", counts }, { "refused", texts(plan.refused) },
    { "notes", texts(plan.notes) }, { "unread", unread },
  }, { { "cannot_undo", lost }, { "changes", changes } })
end

return json
