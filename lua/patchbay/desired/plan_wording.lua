--- The words of a plan, which all its renderings share.

local core = require "patchbay.core"
local masking = require "patchbay.desired.masking"
local text = require "patchbay.util.text"
local value_text = require "patchbay.desired.value_text"
local wording = require "patchbay.bulk.wording"

local plan_wording = {}

-- Bytes of a key.
local LONGEST_KEY = 200

local count = wording.count

-- Why the present value is not known (see changes.lua) -> in words.
local WHY = {
  ["not read"] = "not known", ["not shown"] = "not shown", masked = "masked by the vendor",
  empty = "shown as empty, whatever it is", other = "shown in another form", inexact = "not exactly known",
  unreliable = "not shown reliably", ["write-only"] = "cannot be read",
}

--- Why the present value of a field is not known, in words without brackets.
function plan_wording.unknown(why) return WHY[why] or why or "not known" end

--- For a field that is sent only when forced.
plan_wording.unread = "cannot be read: sent when forced"

--- One thing of several that a collection is named for; nil where English has more than the letter s.
local function one_of(things)
  return not things:find "[sxz]es$" and not things:find "ies$" and things:match "^(.*[^s])s$" or nil
end

local function users(number, names)
  local things = table.concat(names, " and "):gsub("_", " ")
  if number ~= 1 then return ("%s %s use it"):format(count(number), things) end
  local one = #names == 1 and one_of(things)
  return one and ("1 %s uses it"):format(one) or ("1 of the %s uses it"):format(things)
end

--- How many records use the one that a change is about: "1,204 numbers use it"; nil where they were not
-- counted.
function plan_wording.usage(change)
  local affected = change.affected
  if not affected then return nil end
  local words
  local names = affected.by and affected.by[1] and affected.by or { "records" }
  if affected.at_least then
    words = "at least " .. users(affected.count, names)
  elseif affected.count == 0 then
    words = users(0, names):gsub("^0", "no")
  else
    words = users(affected.count, names)
  end
  local others = affected.other_form or 0
  if others == 1 then words = words .. "; 1 names its reference in another form" end
  if others > 1 then words = ("%s; %s name their reference in another form"):format(words, count(others)) end
  return affected.unknown and ("%s; %s"):format(words, affected.unknown) or words
end

--- Remarks on the record of a change: a list of words without brackets.
function plan_wording.change_remarks(change)
  local list = { plan_wording.usage(change) }
  if change.adopted then list[#list + 1] = "found at the vendor" end
  if change.name and change.key ~= nil then
    list[#list + 1] = "its key is " .. core.text.visible(text.of(change.key), LONGEST_KEY)
  end
  return list
end

--- How many changes of each kind a plan has: { create =, update =, delete =, unchanged = }.
function plan_wording.counts(plan)
  local counts = { create = 0, update = 0, delete = 0, unchanged = plan.unchanged or 0 }
  for _, change in ipairs(plan.changes) do counts[change.action] = counts[change.action] + 1 end
  return counts
end

--- "1 to create, 2 to update, 0 to delete, 17 unchanged".
function plan_wording.summary(counts)
  return ("%s to create, %s to update, %s to delete, %s unchanged"):format(count(counts.create),
    count(counts.update), count(counts.delete), count(counts.unchanged))
end

--- Of a new value that refers to a record: the record's name in words, or nil. `how`: see value_text.
function plan_wording.reference(field, how)
  if not field.ref then return nil end
  local name = core.text.visible(field.ref, how.longest, true, how.ascii)
  return field.to == nil and ("the key of %s, once it is created"):format(name) or name
end

-- Whether a secret field changes, in words. One that nobody can read is in a plan because the state file says
-- that another value was sent last, or because it is forced.
local function secret_change(field)
  if field.from == nil then return field.forced and "whether it changes is not known" or "changes" end
  return field.from == field.to and "does not change" or "changes"
end

-- A masked value as text. A mask is no value, and has no quotation marks.
local function masked_text(value, is_secret, how)
  if value == nil then return nil end
  if is_secret and value ~= core.json.null then return value end
  return value_text.of(value, how)
end

--- A field of a change in words: the present value (nil in a change that creates), the planned one (nil in
-- one that deletes), and a list of remarks without brackets. `how`: see value_text.
function plan_wording.field(change, field, how)
  local remarks = {}
  local old, new
  local from, to = masking.values(change, field)
  if from ~= nil and to ~= nil and not field.secret then
    old, new = value_text.pair(from, to, how)
    if old == new and not field.forced then remarks[1] = "changes in what is masked" end
  else
    old, new = masked_text(from, field.secret, how), masked_text(to, field.secret, how)
    if field.secret and change.action == "update" then remarks[1] = secret_change(field) end
  end
  if field.forced then remarks[#remarks + 1] = "sent because it is forced" end
  local reference = plan_wording.reference(field, how)
  if reference then new = new and ("%s (%s)"):format(new, reference) or ("(%s)"):format(reference) end
  if change.action == "create" then return nil, new or "(nothing)", remarks end
  old = old or ("(%s)"):format(plan_wording.unknown(field.unknown))
  if change.action == "delete" then return old, nil, remarks end
  return old, new or "(nothing)", remarks
end

-- A text that no two collections, fields and reasons share.
local function group_name(...) return table.concat({ ... }, "\0") end

--- The parts of a plan that an undo could not put back: list of { field = name or nil, why =, count =,
-- addresses = the first `most` of them }, one entry for all records of a collection with the same reason, in
-- the order of the changes.
function plan_wording.lost(plan, most)
  local groups, by_name = {}, {}
  local function add(change, field, why)
    local name = group_name(change.account, change.collection_name, field or "", why)
    local group = by_name[name]
    if not group then
      group = { field = field, why = why, count = 0, addresses = {} }
      by_name[name], groups[#groups + 1] = group, group
    end
    group.count = group.count + 1
    if group.count <= most then group.addresses[group.count] = change.address end
  end
  for _, change in ipairs(plan.changes) do
    local undo = change.undo or {}
    for _, lost in ipairs(undo.lost or {}) do add(change, lost.field, lost.why) end
    if undo.possible == false and not (undo.lost and undo.lost[1]) then
      add(change, nil, undo.why or "the vendor has no call for it")
    end
  end
  return groups
end

--- A group of `lost` as a sentence: "VoiceUsername of acme.voice_routes CRID-2: the old value is not
-- known". `shown`: a function that returns a name, an address or a reason as it is to be shown.
function plan_wording.lost_sentence(group, shown)
  local addresses, more = {}, group.count - #group.addresses
  for i, address in ipairs(group.addresses) do addresses[i] = shown(address) end
  local field = group.field and shown(group.field) .. " of " or ""
  return ("%s%s%s: %s"):format(field, table.concat(addresses, ", "),
    more > 0 and (" and %s more"):format(count(more)) or "", shown(group.why))
end

return plan_wording
