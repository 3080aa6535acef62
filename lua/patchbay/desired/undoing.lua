--- Says, when a plan is made, whether a change can be undone, and which values are lost.

local core = require "patchbay.core"
local paths = require "patchbay.desired.paths"

local undoing = {}

local null = core.json.null

local NONE = {}

--- Of a change of which nothing is lost.
undoing.ALL = { possible = true, lost = NONE }

local function lose(change, path, why)
  if change.undo == undoing.ALL then change.undo = { possible = false, lost = {} } end
  local lost = change.undo.lost
  lost[#lost + 1] = { field = path, why = why }
end

local WHY = {
  ["not read"] = "what was there is not known: nothing shows it",
  ["write-only"] = "what was there is not known: the vendor never shows it",
  masked = "what was there is not known: the vendor shows it masked",
  empty = "what was there is not known: the vendor shows it as empty whatever it is",
  other = "what was there is not known: the vendor shows it in another form",
  inexact = "what was there is not exactly known: it came with half of a surrogate pair in it",
  unreliable = "what was there is not known: the vendor does not show it reliably",
}

-- The known values of all changed fields, if they can all be put back as they are; nil: not all.
local function all_known(change)
  local before, plain, known = {}, true, change.collection.resource.known
  local fields = change.fields
  for i = 1, #fields do
    local path, from = fields[i].field, fields[i].from
    if from == nil or from == null or not known[path] and path:find(".", 1, true) then return nil end
    before[path] = from
    plain = plain and (from == true or from == false) -- a boolean breaks no rule
  end
  return (plain or paths.can_be_sent(change.collection.resource, before)) and before or nil
end

--- Sets `before`, `before_unknown` and `undo` of an update.
function undoing.of_update(change)
  local before, resource = all_known(change), change.collection.resource
  if before then
    change.before = before
    return
  end
  before = {}
  for _, field in ipairs(change.fields) do
    local path, from, problem = field.field, field.from
    if from == nil and field.unknown == "not shown" then
      from = null
      problem = paths.problem_of_sending(resource, path, null)
      problem = problem and "there was no value, and " .. problem
    elseif from == nil then
      if not change.before_unknown[1] then change.before_unknown = {} end
      change.before_unknown[#change.before_unknown + 1] = path
      problem = WHY[field.unknown]
    else
      problem = paths.problem_of_sending(resource, path, from)
    end
    if problem then lose(change, path, problem) else before[path] = from end
  end
  change.before = before
end

--- Sets `undo` of a create: it is undone by deleting the new record.
function undoing.of_create(change)
  if change.collection:plan "delete" then return end
  lose(change, nil, "the vendor documents no call that deletes it")
end

--- Sets `before` and `undo` of a delete.
function undoing.of_delete(change)
  local collection = change.collection
  change.before = change.reading and change.reading.fields or NONE
  local why = "the vendor documents no call that creates one"
  if collection:plan "create" then
    why = "a deleted record does not come back; one that is created from its fields has another "
      .. collection.resource.key
  end
  lose(change, nil, why)
end

return undoing
