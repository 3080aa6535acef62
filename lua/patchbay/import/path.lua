--- Paths and parameters of a document as descriptions have them.

local templates = require "patchbay.import.templates"

local path = {}

local LONGEST = 2000

-- Rules that a value in a path may have.
local IN_PATHS = { type = true, format = true, pattern = true, enum = true, minimum = true, maximum = true,
  exclusiveMinimum = true, exclusiveMaximum = true, multipleOf = true, minLength = true, maxLength = true,
  allOf = true }

-- The names of a path's parameters in a description.
local function names_for(parameters)
  local names, taken = {}, {}
  for i, name in ipairs(parameters) do
    local own = name
    if not own:find "^[%a_][%w_]*$" then own = own:gsub("[^%w_.-]", "_"):gsub("^[^%a_]", "_%0") end
    if own == "key" or own == "" then own = own .. "_in_path" end
    while taken[own] do own = own .. "_" end
    names[i], taken[own] = own, true
  end
  return names
end

--- The names of a group's parameters as its description has them: those of `within`, and the key's own or
-- nil.
function path.names(group)
  local names, within, key = names_for(group.parameters), {}, nil
  group.names = names
  for i, name in ipairs(names) do
    if group.key and i == #names and group.parameters[i] == group.key then
      key = name
    else
      within[#within + 1] = { name, original = group.parameters[i] }
    end
  end
  return within, key
end

-- The reason why a path cannot be sent; nil: it can.
local function problem_of(text, template)
  if text:sub(1, 1) ~= "/" then return "its path does not begin with a /" end
  if #text > LONGEST then return ("its path has more than %d bytes"):format(LONGEST) end
  if not template.plain then return "its path has characters that stand in no path" end
  if not text:find("/.", 1, true) then return nil end
  for part in text:gmatch "[^/]+" do
    if part == "." or part == ".." then return "its path has a part that would be resolved on the way" end
  end
end

-- The name in a group's description of the parameter that a path has as `name`, at `place`; nil for none.
local function name_of(group, name, place)
  if place and group.names[place] then return group.names[place] end
  for i, parameter in ipairs(group.parameters) do
    if parameter == name then return group.names[i] end
  end
end

local function path_of(group, operation)
  local template = operation.template
  local problem = problem_of(operation.path, template)
  if problem then return nil, problem end
  local by_place = operation.of_all or operation.anonymous == group.anonymous
  local has_key = group.key and not operation.of_all
  local names = {}
  for place, name in ipairs(template.names) do
    local is_key = by_place and place == #group.names or not by_place and name == group.key
    names[place] = has_key and is_key and "key" or name_of(group, name, by_place and place)
    if not names[place] then
      return nil, ("nothing gives its parameter %s a value"):format(name:sub(1, 60))
    end
  end
  local needed = #group.parameters - (group.key and 1 or 0)
  if #names < needed + (has_key and by_place and 1 or 0) then
    return nil, "its path lacks a parameter that the others of its resource have"
  end
  return templates.filled(template, names)
end

--- The path of an operation with {key} and the names of its group, which path.names has settled; or nil and
-- the problem. The operations of one path share it.
function path.of(group, operation)
  local kind = operation.of_all and "of_all" or "of_one"
  local known = group[kind]
  if not known then
    known = {}
    group[kind] = known
  end
  local made = known[operation.path]
  if not made then
    made = { path_of(group, operation) }
    known[operation.path] = made
  end
  return made[1], made[2]
end

--- The rules of a parameter in a path: type and the limits of a value in an address. `schema`: nil for any.
function path.rules(schemas, schema)
  local raw = schema ~= nil and schemas:raw(schema)
  local made = raw and schemas:finished(raw)
  if not made or made.type ~= "string" and made.type ~= "integer" then return { type = "string" } end
  local rules = {}
  for keyword, value in next, made do
    if IN_PATHS[keyword] then rules[keyword] = value end
  end
  return rules
end

return path
