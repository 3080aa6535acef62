-- Random changes of descriptions, and random use of what comes of them.

local core = require "patchbay.core"
local language = require "patchbay.vendor.language"

local mutations = {}

--- A deep copy without shared tables.
function mutations.copy(value)
  if type(value) ~= "table" then return value end
  local copy = {}
  for key, member in pairs(value) do copy[key] = mutations.copy(member) end
  return copy
end

-- ---- values ----

-- Every keyword of the language, and the values that its rules name.
local keywords, words = {}, {}

local function collect(rules, seen)
  rules = rules.refers_to or rules
  if seen[rules] then return end
  seen[rules] = true
  for _, property in ipairs(rules.properties or {}) do
    if type(property[1]) == "string" then keywords[#keywords + 1] = property[1] end
    collect(property, seen)
  end
  for _, word in ipairs(rules.enum or {}) do words[#words + 1] = word end
  for _, branch in ipairs(rules.oneOf or {}) do collect(branch, seen) end
  if rules.items then collect(rules.items, seen) end
  if type(rules.additionalProperties) == "table" then collect(rules.additionalProperties, seen) end
end
collect(language, {})

local TEXTS = { "", " ", "x", "***", "a.b", "a[].b", "{key}", "/{key}", "/a/{b}", "/a?b=c", "/..", "//",
  "key", "Sid", "id", "call", "end", "a\nb", "\27[2J", "\255", "\0", "\226\128\139", ("x"):rep(300),
  "%s%n", "$ref", "__index", "numbers.trunk_id", "https://a.example", "http://a:b@c.example", "60/min",
  "Bearer ", "^[a-z]+$", "(", "a{1001}", "meta.total", "x-y", "1e999", "0", "token", "endpoint",
  "refresh_token", "account_sid", "auth_token" }

local NUMBERS = { 0, 1, -1, 2, 0.5, 40, 2 ^ 31, 2 ^ 53, 1e300, 1 / 0, -1 / 0, 0 / 0, 404, 65536 }

-- One of the tables in `root`, chosen at random, with the table that holds it and the key there.
local function any_table(random, root)
  local parent, key, found = nil, nil, root
  while true do
    local keys = {}
    for name, value in next, found do
      if type(value) == "table" and value ~= found then keys[#keys + 1] = name end
    end
    if #keys == 0 or random:below(4) == 0 then return found, parent, key end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    parent, key = found, keys[random:below(#keys) + 1]
    found = parent[key]
  end
end

local function one_of(random, list) return list[random:below(#list) + 1] end

--- A random value; now and then a table of `root`.
function mutations.value(random, root)
  local kind = random:below(16)
  if kind < 5 then return one_of(random, TEXTS) end
  if kind < 8 then return one_of(random, words) end
  if kind < 10 then return one_of(random, NUMBERS) end
  if kind < 12 then return random:below(2) == 0 end
  if kind == 12 then return { one_of(random, TEXTS), one_of(random, words) } end
  if kind == 13 then return { [one_of(random, keywords)] = one_of(random, TEXTS) } end
  if kind == 14 and root then return (any_table(random, root)) end
  local odd = { print, core.json.null, setmetatable({}, { __index = error }), {},
    coroutine.create(function() end), core.json.array {}, io.stdout }
  return one_of(random, odd)
end

-- A text with one character changed, left out or doubled.
local function misspelt(random, text)
  if #text == 0 then return "x" end
  local at = random:below(#text) + 1
  local kind = random:below(3)
  local between = kind == 0 and "" or kind == 1 and "q" or text:sub(at, at):rep(2)
  return text:sub(1, at - 1) .. between .. text:sub(at + 1)
end

local function sorted_keys(found)
  local keys = {}
  for key in next, found do keys[#keys + 1] = key end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

-- ---- changes ----

local changes = {}

function changes.remove(random, found)
  local keys = sorted_keys(found)
  local key = #keys > 0 and keys[random:below(#keys) + 1]
  if type(key) == "number" and key >= 1 and key <= #found and key % 1 == 0 then
    table.remove(found, key)
  elseif key ~= nil then
    found[key] = nil
  end
end

function changes.replace(random, found, root)
  local keys = sorted_keys(found)
  if #keys > 0 then found[keys[random:below(#keys) + 1]] = mutations.value(random, root) end
end

function changes.add(random, found, root)
  local key = one_of(random, keywords)
  found[key] = mutations.value(random, root)
end

function changes.add_odd(random, found, root)
  local key = mutations.value(random, root)
  if key == nil or key ~= key then key = 1 end
  found[key] = mutations.value(random, root)
end

function changes.misspell(random, found)
  for _, key in ipairs(sorted_keys(found)) do
    if random:below(3) == 0 then
      if type(found[key]) == "string" and random:below(2) == 0 then
        found[key] = misspelt(random, found[key])
      elseif type(key) == "string" then
        found[misspelt(random, key)], found[key] = found[key], nil
      end
      return
    end
  end
end

-- A table, or a value, of another place.
function changes.graft(random, found, root)
  local other = any_table(random, root)
  local from, to = sorted_keys(other), sorted_keys(found)
  if #from == 0 or #to == 0 then return end
  local value = rawget(other, from[random:below(#from) + 1])
  found[to[random:below(#to) + 1]] = random:below(2) == 0 and value or mutations.copy(value)
end

function changes.append(random, found)
  if #found > 0 then found[#found + 1] = mutations.copy(found[random:below(#found) + 1]) end
end

local NAMES = { "remove", "replace", "add", "add_odd", "misspell", "graft", "append" }

-- Whether a table can be reached from itself: a graft may have made it so.
local function is_cyclic(root)
  local open = {}
  local function visit(found)
    if open[found] then return true end
    open[found] = true
    for _, value in next, found do
      if type(value) == "table" and visit(value) then return true end
    end
    open[found] = nil
    return false
  end
  return visit(root)
end

--- Changes `description` in one to three places.
function mutations.change(random, description)
  for _ = 1, random:below(3) + 1 do
    if is_cyclic(description) then return end
    local found = any_table(random, description)
    changes[NAMES[random:below(#NAMES) + 1]](random, found, description)
  end
end

return mutations
