--- Names of resources: the last literal word of the path in snake_case; where two are alike, both get the
-- word before it. Names that paths have in an older description stay.

local anonymous = require("patchbay.import.templates").anonymous

local naming = {}

local LONGEST = 60

local WORDS = { call = true }
for word in ("and break do else elseif end false for function goto if in local nil not or repeat return then "
  .. "true until while"):gmatch "%l+" do
  WORDS[word] = true
end

--- A text in snake_case, as a name in Lua code; nil where nothing is left of it.
function naming.snake(text)
  if text:find "^%l[%l_]*%l$" and #text <= LONGEST then return text end
  text = text:gsub("(%l)(%u)", "%1_%2"):gsub("(%d)(%u%l)", "%1_%2"):gsub("(%u)(%u%l)", "%1_%2")
  text = text:lower():gsub("[^%w]+", "_"):gsub("[\128-\255]", "_"):gsub("^_+", ""):gsub("_+$", "")
  if text == "" then return nil end
  if text:find "^%d" then text = "_" .. text end
  return text:sub(1, LONGEST)
end

--- The literal words of a path. `known`: a cache of the words of segments, as paths share segments.
function naming.words(path, known)
  local words = {}
  for segment in path:gmatch "[^/]+" do
    -- Endings such as .json, and the text around a parameter.
    local word = known[segment]
    if word == nil then
      word = naming.snake((segment:gsub("{[^}]*}", ""):gsub("%.%a+$", ""))) or false
      known[segment] = word
    end
    if word then words[#words + 1] = word end
  end
  return words
end

-- The names of an older description by path.
local function names_by_path(old)
  local by_path = {}
  for name, resource in pairs(type(old.resources) == "table" and old.resources or {}) do
    for _, operation in pairs(type(resource) == "table" and resource.operations or {}) do
      if type(operation) == "table" and type(operation.path) == "string" then
        by_path[anonymous(operation.path)] = name
      end
    end
  end
  return by_path
end

-- The last `count` of the words as a name.
local function joined(words, count)
  local name = table.concat(words, "_", math.max(#words - count + 1, 1))
  if name == "" then name = "root" end
  if #name > LONGEST then name = name:sub(-LONGEST):gsub("^[^_]*_", "") end
  return WORDS[name] and name .. "_" or name
end

-- Names for those without one: as few words as tell them apart, at most all.
local function settle(free, taken)
  local counts, names = {}, {}
  for i, entry in ipairs(free) do counts[i], names[i] = 1, joined(entry.words, 1) end
  local most = 1
  for _, entry in ipairs(free) do most = math.max(most, #entry.words) end
  for _ = 1, most do
    local users, again = {}, false
    for i = 1, #free do
      local name = names[i]
      local list = users[name]
      if list then list[#list + 1] = i else users[name] = { i } end
    end
    for name, list in pairs(users) do
      if list[2] or taken[name] then
        for _, i in ipairs(list) do
          if counts[i] < #free[i].words then
            counts[i], again = counts[i] + 1, true
            names[i] = joined(free[i].words, counts[i])
          end
        end
      end
    end
    if not again then break end
  end
  for i, entry in ipairs(free) do
    local base = names[i]
    local name, number = base, 2
    while taken[name] do name, number = base .. "_" .. number, number + 1 end
    taken[name], entry.name = true, name
  end
end

--- Names each of `list` ({ paths = its paths, the most important first, wanted = the overlay's name or nil })
-- in its member `name`. `old`: an older description. `fault(entry, message)` is called for a name that two
-- would have.
function naming.give(list, old, fault)
  local taken, free, kept, segments = {}, {}, names_by_path(old), {}
  for _, entry in ipairs(list) do
    local name = entry.wanted
    for _, path in ipairs(next(kept) and entry.paths or {}) do name = name or kept[anonymous(path)] end
    if name and taken[name] and entry.wanted then
      fault(entry, ("another path has the name %s"):format(name))
    end
    if name and not taken[name] then
      taken[name], entry.name = true, name
    else
      entry.words, free[#free + 1] = naming.words(entry.paths[1], segments), entry
    end
  end
  settle(free, taken)
end

--- The name of a vendor out of a title.
function naming.vendor(title)
  local name = title and naming.snake(title)
  if not name then return nil end
  name = name:gsub("^_+", ""):gsub("^%d[%d_]*", "")
  return name ~= "" and name or nil
end

return naming
