--- Schemas of a document as rules of fields. Only rewrites that keep the meaning are made; a rule that
-- descriptions do not have is a problem of the smallest thing that it concerns: a member of an object is
-- `refused` with it, and the rest holds.
--
-- `raw` gives the rules of a schema as it stands, perhaps without a type, so that parts of `allOf` can be put
-- together; `finished` those that a description can have. A table of the document is read once, and its rules
-- are shared by all places that refer to it.

local budgets = require "patchbay.import.budgets"
local containers = require "patchbay.import.containers"
local depths = require "patchbay.import.depths"
local intersection = require "patchbay.import.intersection"
local keywords = require "patchbay.import.keywords"
local members = require "patchbay.import.members"
local prose = require "patchbay.import.prose"
local copy = require("patchbay.import.rules").copy
local scalars = require "patchbay.import.scalars"
local secrets = require "patchbay.import.secrets"
local types = require "patchbay.import.types"
local unions = require "patchbay.import.unions"

local schemas = {}
schemas.__index = schemas

local BUSY = {}

--- The schemas of `document` (see document.lua). `notes` counts dropped rules.
function schemas.new(document, notes)
  return setmetatable({ references = document.references, version = document.version, notes = notes,
    read = 0, read_again = 0, known = {}, turns = {}, turn = 0, open = 0, done = {}, raws = {},
    nodes = {}, heights = {}, cuts = {}, sizes = {}, patterns = {}, secret_names = {} }, schemas)
end

-- ---- one schema ----

local function read_text(self, node, rules)
  return scalars.text(node, rules, self.notes, self.patterns)
    or scalars.count(node, rules, "minLength", self.notes) or scalars.count(node, rules, "maxLength",
      self.notes)
end

local function read_number(self, node, rules) return scalars.limits(node, rules, self.notes) end

-- The keywords of each type; of other types they say nothing.
local READERS = { string = read_text, array = containers.array, object = containers.object,
  number = read_number, integer = read_number }

local ORDER = { "string", "number", "array", "object" }

-- The keywords of the schema itself, without those that put schemas together. `has`: the types for which it
-- has keywords.
local function read_own(self, node, kind, nullable, has)
  local rules = { type = kind, nullable = kind and nullable, description = prose.short(node.description) }
  local problem
  if kind then
    problem = has[kind == "integer" and "number" or kind] and READERS[kind](self, node, rules)
  else
    for i = 1, #ORDER do
      local name = ORDER[i]
      problem = problem or has[name] and READERS[name](self, node, rules)
    end
  end
  problem = problem or has.values and scalars.values(node, rules)
  -- An enumeration shows the type.
  if not kind and rules.type then types.strip(rules) end
  if problem then return nil, problem end
  if has.marks then
    rules.readOnly = node.readOnly == true or nil
    rules.writeOnly = node.writeOnly == true or nil
  end
  return rules
end

-- Whether a schema stands beside others: its own rules count in each of them.
local function parts_first(node)
  for _, name in ipairs(node) do
    if name == "allOf" then return true end
    if name == "properties" then return false end
  end
  return false
end

local function with_all_of(self, node, own)
  local made = parts_first(node) and {} or own
  for _, part in ipairs(node.allOf) do
    local raw, problem, never = self:raw(part)
    if not raw then return nil, problem, never end
    made, problem = intersection.of(self, made, raw)
    if not made then return nil, problem end
  end
  if parts_first(node) then return intersection.of(self, made, own) end
  return made
end

-- A schema that refers to another and says more beside it, as OpenAPI 3.1 lets it.
local function beside_reference(self, node)
  if self.version ~= "3.1" then return nil end
  local own
  for _, name in ipairs(node) do
    if name ~= "$ref" and name ~= "summary" then
      own = own or {}
      own[#own + 1], own[name] = name, node[name]
    end
  end
  return own
end

local function through_reference(self, node)
  local target, problem = self.references:follow(node)
  if not target then return nil, problem end
  local raw, why, never, only_null = self:raw(target)
  local own = raw and beside_reference(self, node)
  if not own then return raw, why, never, only_null end
  local more
  more, why, never = self:raw(own)
  if not more then return nil, why, never end
  local made
  made, why = intersection.of(self, raw, more)
  if made and more.description and made ~= raw and made ~= more then made.description = more.description end
  return made, why
end

local function build(self, node)
  local has = keywords.classes_of(node)
  if has.reference and type(node["$ref"]) == "string" then return through_reference(self, node) end
  if has.unsupported then return nil, keywords.problem_of(node) end
  if has.excluded then
    local excluded = node["not"]
    local is_all = members.is_object(excluded) and next(excluded) == nil
    if is_all then return nil, types.NOTHING, true end
    return nil, "it has not, which descriptions cannot say"
  end
  local kind, nullable, several = types.of(node)
  if kind == false then return nil, nullable, false, nullable == types.ONLY_NULL end
  if several then return unions.of_types(self, node, several, nullable) end
  local made, problem = read_own(self, node, kind, nullable, has)
  if not made then return nil, problem, problem == types.NOTHING, problem == types.ONLY_NULL end
  local never
  if has.parts and members.is_list(node.allOf) then
    made, problem, never = with_all_of(self, node, made)
    if not made then return nil, problem, never end
  end
  for i = 1, has.union and 2 or 0 do
    local keyword = i == 1 and "oneOf" or "anyOf"
    if members.is_list(node[keyword]) then
      made, problem, never = unions.of(self, node, keyword, made)
      if not made then return nil, problem, never end
    end
  end
  if node.nullable == true and not kind and not made.nullable then
    made = intersection.of(self, made, { wrapper_nullable = true })
    made.nullable, made.wrapper_nullable = true, nil
  end
  return made
end

--- Counts a schema that is read, and ends the import where there are too many.
function schemas:count_schema()
  self.read = self.read + 1
  if self.turn > 0 then self.read_again = self.read_again + 1 end
  if self.read > budgets.MOST_SCHEMAS then
    budgets.exceed(("it has more than %d schemas"):format(budgets.MOST_SCHEMAS))
  end
end

-- The rules of a schema within itself. Descriptions have no name for it, so it is written out again, in a
-- turn of its own: a reading for one turn holds for all places in it. Notes count the first reading alone.
local function raw_again(self, node)
  if self.turn >= budgets.MOST_TURNS or self.open > budgets.DEEPEST_TURN
    or self.read_again > budgets.MOST_SCHEMAS_OF_TURNS then
    return nil, "it contains itself, which is said to a limited depth"
  end
  local known, notes, turn = self.known, self.notes, self.turn + 1
  self.turns[turn] = self.turns[turn] or {}
  self.known, self.notes, self.turn = self.turns[turn], {}, turn
  local rules, problem, never, only_null = self:raw(node)
  self.known, self.notes, self.turn = known, notes, turn - 1
  return rules, problem, never, only_null
end

--- The rules of the schema `node` as it stands. Or nil and the problem; true third: no value is valid for it;
-- true fourth: null alone is.
function schemas:raw(node)
  if node == nil or node == true then return {} end
  if node == false then return nil, types.NOTHING, true end
  local known = self.known[node]
  if known == BUSY then return raw_again(self, node) end
  if known then
    if known.problem then return nil, known.problem, known.never, known.only_null end
    return known
  end
  if not members.is_object(node) then return nil, "its schema is no object" end
  self:count_schema()
  self.known[node], self.open = BUSY, self.open + 1
  local rules, problem, never, only_null = build(self, node)
  self.open = self.open - 1
  self.known[node] = rules or { problem = problem, never = never or nil, only_null = only_null or nil }
  return rules, problem, never, only_null
end

-- ---- finished rules ----

-- Members that an object has to have: a description names each of them among its properties, and a client
-- does not send those that only responses show.
local function settle_required(self, made)
  if not made.required then return nil end
  local by_name, properties, names = {}, copy(made.properties or {}), {}
  for _, name in ipairs(made.required) do by_name[name] = false end
  for i = 1, #properties do
    local property = properties[i]
    if by_name[property[1]] == false then by_name[property[1]] = property end
  end
  for _, name in ipairs(made.required) do
    local property = by_name[name]
    if made.nameless and made.nameless[name] then
      return ("a member that it has to have cannot be said: %s"):format(made.nameless[name])
    elseif not property then
      if made.additionalProperties == false then return "it requires a member that it does not allow" end
      local rules = type(made.additionalProperties) == "table" and made.additionalProperties or {}
      property = { name }
      for keyword, value in pairs(rules) do property[keyword] = value end
      properties[#properties + 1], by_name[name] = property, property
      names[#names + 1] = name
    elseif property.refused then
      return ("its member %s, which it has to have: %s"):format(name, property.refused)
    elseif not property.readOnly then
      names[#names + 1] = name
    end
  end
  made.properties, made.required = properties, names[1] and names or nil
end

-- Whether rules are finished as they stand.
local function is_plain(raw)
  return raw.type and not raw.enum and not raw.required and not raw.nameless and not raw.unknown_additional
    and not (raw.readOnly and raw.writeOnly) and not scalars.has_limits(raw)
end

local function finish(self, raw)
  local made = copy(raw)
  local kind, problem = types.implied(made, self.notes)
  made.type = kind
  problem = problem or scalars.settle(made)
  if not problem and made.type == "object" then problem = settle_required(self, made) end
  made.nameless, made.unknown_additional = nil, nil
  if made.readOnly and made.writeOnly then made.readOnly, made.writeOnly = nil, nil end
  if problem then return { problem = problem } end
  self.raws[made] = raw
  return made
end

--- The rules `raw` as a description has them, or nil and the problem. The result is shared: it is not
-- changed.
function schemas:finished(raw)
  local made = self.done[raw]
  if not made then
    made = is_plain(raw) and raw or finish(self, raw)
    self.done[raw] = made
    if made.properties or made.oneOf or made.anyOf or made.items or made.additionalProperties then
      depths.note(self, made)
    end
  end
  if made.problem then return nil, made.problem end
  return made
end

--- Whether the name of a member means a secret (see secrets.lua).
function schemas:is_secret(name, kind)
  local known = self.secret_names[name]
  if known == nil then
    known = secrets.is(name)
    self.secret_names[name] = known
  end
  return known and secrets.can_be(kind)
end

--- Counts a member that is left out because of its name.
function schemas:note_name() self.notes.names = (self.notes.names or 0) + 1 end

--- Whether a schema, whatever else it says, is for responses alone.
function schemas:is_read_only(node)
  if type(node) == "table" and node.readOnly == true then return true end
  local target = self.references:follow(node)
  return type(target) == "table" and target.readOnly == true
end

schemas.both, schemas.both_properties = containers.both, containers.both_properties

return schemas
