--- The brakes of a plan: how much it may change before apply refuses it.
--
-- A collection with a limit of its own is counted against that one, and not towards the plan's.

local check = require "patchbay.util.check"
local wording = require "patchbay.bulk.wording"

local brakes = {}

-- A plan changes at most so many records unless the option says more: one that was meant changes few.
local MAX_CHANGES = 50
-- octoDNS takes these, too: a share of a few records says nothing, and a third of a collection at once is
-- more often a mistake than meant.
local MAX_SHARE, SHARE_FROM = 0.3, 10
local MAX_DELETES = 0

brakes.MAX_SHARE = MAX_SHARE

local DEFAULTS = { max_changes = MAX_CHANGES, max_share = MAX_SHARE, max_deletes = MAX_DELETES }

-- The options, in the order of the sentences.
local NAMES = { "max_deletes", "max_changes", "max_share", "max_affected" }

---@class patchbay.Brakes
--- `apply` refuses a plan with more changes.
--- Default: 50.
---@field max_changes? integer
--- `apply` refuses a plan that deletes more records.
--- Default: 0.
---@field max_deletes? integer
--- `apply` refuses a plan that changes a larger share of a collection, from ten records on.
--- Default: 0.3.
---@field max_share? number
--- `apply` refuses a plan whose changed records are used by more others.
--- Default: none.
---@field max_affected? integer

local rules = {
  max_changes = check.whole(0), max_deletes = check.whole(0), max_affected = check.whole(0),
  max_share = check.number(0, 1),
}

local function limits_rule(value)
  if type(value) ~= "table" then
    return ('expected a table such as { ["vendor.numbers"] = { max_changes = 500 } }, got %s'):format(
      check.got(value))
  end
  for name, limits in pairs(value) do
    if type(name) ~= "string" then return "expected names of collections, such as acme.numbers" end
    if type(limits) ~= "table" then
      return ("expected a table of limits, got %s"):format(check.got(limits)), ("limits[%q]"):format(name)
    end
  end
  for _, name in ipairs(check.names(value)) do
    local problem = check.options(value[name], rules, "")
    local own, rest = (problem or ""):match "^([^:]*): (.*)$"
    if problem then return rest, ("limits[%q].%s"):format(name, own) end
  end
end

--- The rules of the options, by name (see util/check.lua).
brakes.rules = { limits = limits_rule }
for name, rule in pairs(rules) do brakes.rules[name] = rule end

--- The options of brakes among `options`, as a table of their own; those in `stronger` win.
function brakes.options(options, stronger)
  local own = {}
  for name in pairs(brakes.rules) do
    own[name] = stronger and stronger[name]
    if own[name] == nil then own[name] = options[name] end
  end
  return own
end

-- Whether other records may refer to those of a change's collection. How many do is counted unless blast is
-- false.
local function is_used(change)
  local resource = change.collection and change.collection.resource
  return resource and resource.description.used_by ~= nil and resource.description.used_by[1] ~= nil or false
end

-- The counts of a plan's changes in one collection.
local function count(changes)
  local by_name, ordered, used = {}, {}, {}
  for _, change in ipairs(changes) do
    local name, action = change.full or change.account .. "." .. change.collection_name, change.action
    local counts = by_name[name]
    if not counts then
      counts = { name = name, changes = 0, existing = 0, deletes = 0, affected = 0, other_form = 0 }
      used[name] = is_used(change)
      by_name[name], ordered[#ordered + 1] = counts, counts
    end
    counts.changes = counts.changes + 1
    if action ~= "create" then counts.existing = counts.existing + 1 end
    if action == "delete" then counts.deletes = counts.deletes + 1 end
    local affected = change.affected
    if affected then
      counts.affected = counts.affected + (affected.count or 0)
      counts.at_least = counts.at_least or affected.at_least or affected.count == nil
      counts.other_form = math.max(counts.other_form, affected.other_form or 0)
    elseif action ~= "create" then
      counts.at_least = counts.at_least or used[name]
    end
  end
  return ordered
end

local some, number = wording.some, wording.count

-- The numbers of a plan that count against one limit, with the remedies.
local found = {
  max_deletes = function(counts) return counts.deletes end,
  max_changes = function(counts) return counts.changes end,
  max_affected = function(counts) return counts.affected end,
}

local function per_cent(share) return ("%d %%"):format(math.floor(share * 100 + 0.5)) end

-- How a limit is raised, as a script writes it: of the plan, or of one collection.
local function remedy(option, value, own)
  if own then return ('limits = { ["%s"] = { %s = %s } }'):format(own, option, value) end
  return ("%s = %s"):format(option, value)
end

-- A share as an option: rounded up to a hundredth.
local function share_option(share) return ("%.2f"):format(math.min(1, math.ceil(share * 100) / 100)) end

local function sentence(option, counts, limit, own)
  local value = found[option](counts)
  local name = counts.name or "the plan"
  if option == "max_deletes" then
    return value > limit and ("%s: %s would be deleted, and %s may be; %s lets the plan be applied"):format(
      name, some(value, "record", "records"), limit == 0 and "none" or number(limit),
      remedy(option, value, own))
  elseif option == "max_changes" then
    return value > limit and ("%s: %s more than %s; %s lets the plan be applied"):format(name,
      some(value, "change is", "changes are"), number(limit), remedy(option, value, own))
  end
  if value > limit then
    return ("%s: %s%s would be affected, more than %s; %s lets the plan be applied"):format(name,
      counts.at_least and "at least " or "", some(value, "record", "records"), number(limit),
      remedy(option, value, own))
  elseif counts.at_least then
    return ("%s: how many records are affected is not known exactly (at least %s%s), and max_affected is "
      .. "set; apply without max_affected once that has been looked at"):format(name, number(value),
      counts.other_form > 0 and ("; %s in another form"):format(some(counts.other_form, "reference",
        "references")) or "")
  end
end

-- The refusal for the share of a collection, or nil. `total`: of its records as listed, or nil.
local function share_sentence(counts, total, limit, own)
  if not total or total < SHARE_FROM then return nil end
  local share = counts.existing / total
  if share <= limit then return nil end
  return ("%s: %s of %s would change, %s and more than %s; %s lets the plan be applied"):format(counts.name,
    number(counts.existing), some(total, "record", "records"), per_cent(share), per_cent(limit),
    remedy("max_share", share_option(share), own))
end

local function add(refused, option, text)
  if text then refused[#refused + 1] = { option = option, message = text } end
end

--- The refusals of a plan: a list of { option =, message = }, empty where nothing is refused. `changes`: of
-- the plan; `listed`: "account.collection" -> the number of its records, where that is known; `options`: the
-- plan's (see brakes.rules).
function brakes.refusals(changes, listed, options)
  local refused, by_collection, limits = {}, count(changes), options.limits or {}
  for _, option in ipairs(NAMES) do
    if option == "max_share" then
      for _, counts in ipairs(by_collection) do
        local own = (limits[counts.name] or {}).max_share
        local limit = own or options.max_share or DEFAULTS.max_share
        add(refused, option, share_sentence(counts, listed[counts.name], limit, own and counts.name))
      end
    else
      local total = { changes = 0, deletes = 0, affected = 0, other_form = 0 }
      for _, counts in ipairs(by_collection) do
        local own = (limits[counts.name] or {})[option]
        if own then
          add(refused, option, sentence(option, counts, own, counts.name))
        else
          for _, name in ipairs { "changes", "deletes", "affected" } do
            total[name] = total[name] + counts[name]
          end
          total.other_form = math.max(total.other_form, counts.other_form)
          total.at_least = total.at_least or counts.at_least
        end
      end
      local limit = options[option]
      if limit == nil then limit = DEFAULTS[option] end
      if limit then add(refused, option, sentence(option, total, limit)) end
    end
  end
  return refused
end

return brakes
