--- The blast radius of a plan: how many records of other collections refer to those that it changes or
-- deletes. A description says which fields do (`used_by`). Each of these collections is listed once.

local core = require "patchbay.core"
local each = require "patchbay.bulk.each"
local ascii = require "patchbay.util.ascii"
local errors = require "patchbay.errors"
local text = require "patchbay.util.text"

local affected = {}

-- Keys are compared in any letter case, as record/key.lua does.
local function name_of(key) return ascii.lower(text.of(key)) end

-- The changes whose records others may refer to, by the collection of these others: a list of { account,
-- collection (its name), fields = { field -> { resource (whose keys the field holds), by_key = { key -> its
-- change } } }, other = { field -> the number of references in another form } }.
local function uses_of(changes, resource_of)
  local list, by_name = {}, {}
  for _, change in ipairs(changes) do
    local resource = change.action ~= "create" and change.key ~= nil and resource_of(change)
    for _, place in ipairs(resource and resource.description.used_by or {}) do
      local collection, field = place:match "^([^.]+)%.(.+)$"
      local name = change.account .. "." .. collection
      local use = by_name[name]
      if not use then
        use = { account = change.account, collection = collection, fields = {}, other = {} }
        by_name[name], list[#list + 1] = use, use
      end
      use.fields[field] = use.fields[field] or { resource = resource, by_key = {} }
      use.fields[field].by_key[name_of(change.key)] = change
    end
  end
  return list
end

-- Whether a value has the form of a resource's keys.
local function is_key(resource, value)
  return (type(value) == "string" or type(value) == "number")
    and core.schema.check(resource.key_schema, { [resource.key] = value }, resource.name) and true or false
end

local function is_nothing(value) return value == nil or value == core.json.null or value == "" end

-- Counts the references of one record.
local function count_references(found, use)
  local state, meta = core.record.state(found) or {}, core.record.meta(found)
  for field, referred in pairs(use.fields) do
    local value = state[field]
    if is_key(referred.resource, value) then
      local change = referred.by_key[name_of(value)]
      if change then change.affected.count = change.affected.count + 1 end
    elseif not is_nothing(value) or meta and meta.unsure[field] then
      use.other[field] = (use.other[field] or 0) + 1
    end
  end
end

local function each_change(use, work)
  for field, referred in pairs(use.fields) do
    for _, change in pairs(referred.by_key) do work(change, field) end
  end
end

-- Reads the lists of all `uses`, several at a time, and counts. `each` catches the errors of a list: not
-- every Lua can wait within a pcall here.
local function count_lists(uses, clients)
  local report = each(uses, { key = function(use) return use.account .. "." .. use.collection end },
    function(use)
      for found in clients[use.account][use.collection]:list() do
        count_references(found, use)
      end
      return true
    end)
  for _, failure in ipairs(report.failures) do
    if not errors.is(failure.err) then error(failure.err.message, 0) end
    failure.item.err = failure.err
  end
  return report
end

-- Adds the result of one list to the changes whose records it may refer to.
local function add_result(use)
  each_change(use, function(change, field)
    local counted = change.affected
    if counted.by[#counted.by] ~= use.collection then counted.by[#counted.by + 1] = use.collection end
    if use.err then
      counted.unknown = ("the vendor documents no list of %s"):format(use.collection)
    end
    counted.other_form = counted.other_form + (use.other[field] or 0)
    counted.at_least = counted.at_least or use.err ~= nil or use.other[field] ~= nil
  end)
end

--- Adds `affected` to the changes (see plan.lua) of records that others may refer to: `count`; `at_least`,
-- whether there may be more; `other_form`, the number of references that are written in another form, so
-- that their record is not known; `by`, the names of the collections that were counted; `unknown`, why one
-- of these could not be. `resource_of(change)`: the compiled resource; `clients`: by account. Returns true,
-- or nil and an error value.
function affected.add(changes, clients, resource_of)
  local uses = uses_of(changes, resource_of)
  if not uses[1] then return true end
  for _, use in ipairs(uses) do
    each_change(use, function(change)
      change.affected = change.affected or { count = 0, at_least = false, other_form = 0, by = {} }
    end)
  end
  local report = count_lists(uses, clients)
  if report.interrupted then error("interrupted!", 0) end
  for _, use in ipairs(uses) do
    local err = use.err
    if err and err.kind ~= "unsupported" then
      err.outcome = "not_sent"
      err.message = ("%s; the plan needs that list to count how many %s are affected; blast = false leaves "
        .. "that out"):format(err.message, use.collection)
      return nil, err
    end
    add_result(use)
  end
  return true
end

return affected
