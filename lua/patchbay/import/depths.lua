--- How deep objects and lists lie in rules, which descriptions limit. Rules that are deeper are cut: the
-- members that lie deepest are refused, and the rest holds.

local budgets = require "patchbay.import.budgets"
local copy = require("patchbay.import.rules").copy

local depths = {}

local PROBLEM = ("objects more than %d deep in one another"):format(budgets.DEEPEST)

-- The largest height of the rules in a list; 0 for none.
local function most_in(heights, list)
  local most = 0
  for i = 1, list and #list or 0 do
    local height = heights[list[i]] or 1
    if height > most then most = height end
  end
  return most
end

--- Notes the height of rules that hold others; those of a single value have none.
function depths.note(self, made)
  local heights, items, additional = self.heights, made.items, made.additionalProperties
  heights[made] = 1 + math.max(most_in(heights, made.properties), most_in(heights, made.oneOf or made.anyOf),
    items and (heights[items] or 1) or 0,
    type(additional) == "table" and (heights[additional] or 1) or 0)
end

-- Whether a member of that name has to be there.
local function is_required(rules, name)
  for i = 1, rules.required and #rules.required or 0 do
    if rules.required[i] == name then return true end
  end
  return false
end

local cut

-- The list of properties, or of branches, cut; nil where one that has to be there cannot be.
local function cut_list(self, list, most, owner)
  local made = copy(list)
  for i = 1, #list do
    local rules = list[i]
    if (self.heights[rules] or 1) > most then
      made[i] = cut(self, rules, most)
      if not made[i] then
        if not owner or is_required(owner, rules[1]) then return nil end
        made[i] = { rules[1], secret = rules.secret, readOnly = rules.readOnly,
          refused = not rules.readOnly and "it has " .. PROBLEM or nil }
      end
    end
  end
  return made
end

-- Rules with objects and lists at most `most` deep; nil where nothing is left of them.
local function cut_once(self, rules, most)
  if most < 2 then return nil end
  self:count_schema()
  local made, problem = copy(rules), false
  if rules.properties then
    made.properties = cut_list(self, rules.properties, most - 1, rules)
    problem = not made.properties
  end
  local union = rules.oneOf and "oneOf" or rules.anyOf and "anyOf"
  if union then
    made[union] = cut_list(self, rules[union], most - 1)
    problem = problem or not made[union]
  end
  if rules.items and (self.heights[rules.items] or 1) >= most then
    made.items = cut(self, rules.items, most - 1)
    problem = problem or not made.items
  end
  local additional = rules.additionalProperties
  if type(additional) == "table" and (self.heights[additional] or 1) >= most then
    made.additionalProperties = cut(self, additional, most - 1) or false
  end
  if problem then return nil end
  self.raws[made] = self.raws[rules] or rules
  depths.note(self, made)
  return made
end

function cut(self, rules, most)
  local known = self.cuts[rules]
  if not known then
    known = {}
    self.cuts[rules] = known
  end
  if known[most] == nil then known[most] = cut_once(self, rules, most) or false end
  return known[most] or nil
end

-- The number of rules in `rules` when each is written out at each place where it stands.
local function size_of(self, rules, sizes)
  local size = sizes[rules]
  if size then return size end
  size = 1
  for _, list in ipairs { rules.properties or {}, rules.oneOf or rules.anyOf or {} } do
    for i = 1, #list do size = size + size_of(self, list[i], sizes) end
  end
  if rules.items then size = size + size_of(self, rules.items, sizes) end
  local additional = rules.additionalProperties
  if type(additional) == "table" then size = size + size_of(self, additional, sizes) end
  sizes[rules] = size
  return size
end

--- `rules` as they stand where they are not too deep, or else cut, so far that they are no more than
-- budgets.MOST_CUT rules written out; or nil and the problem.
function depths.limited(self, rules)
  if (self.heights[rules] or 1) < budgets.DEEPEST then return rules end
  for most = budgets.DEEPEST_CUT, budgets.LEAST_CUT, -2 do
    local made = cut(self, rules, most)
    if made and size_of(self, made, self.sizes) <= budgets.MOST_CUT then return made end
  end
  return nil, PROBLEM
end

return depths
