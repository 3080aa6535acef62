--- Patterns of a document as descriptions have them: those of ECMA-262's Unicode mode. Where a pattern is
-- none of those, it is read by the rules of web browsers (ECMA-262, annex B.1.2), in which a set such as \w
-- is no end of a range: the "-" beside it stands for itself.

local core = require "patchbay.core"

local patterns = {}

local SETS = { d = true, D = true, w = true, W = true, s = true, S = true }

-- The parts of a pattern: escapes such as \w and single bytes.
local function parts_of(pattern)
  local parts, at = {}, 1
  while at <= #pattern do
    local length = pattern:byte(at) == 92 and 2 or 1
    parts[#parts + 1] = pattern:sub(at, at + length - 1)
    at = at + length
  end
  return parts
end

local function is_set(part) return part ~= nil and #part == 2 and SETS[part:sub(2)] or false end

-- The pattern with an escaped "-" beside each set in a class, between two members of it.
local function with_literal_dashes(pattern)
  local parts, inside, first = parts_of(pattern), false, 0
  for i, part in ipairs(parts) do
    if not inside and part == "[" then
      inside, first = true, i + (parts[i + 1] == "^" and 2 or 1)
    elseif inside and part == "]" and i > first then
      inside = false
    elseif inside and part == "-" and i > first and parts[i + 1] ~= "]"
      and (is_set(parts[i - 1]) or is_set(parts[i + 1])) then
      parts[i] = "\\-"
    end
  end
  return table.concat(parts)
end

local function problem_of(pattern)
  local ok, message = pcall(core.schema.compile, { type = "string", pattern = pattern })
  return not ok and tostring(message):gsub('^description: pattern ".*": ', "") or nil
end

--- The pattern for a description; or nil and the problem. `known`: a cache of patterns, as documents
-- use the same ones again and again.
function patterns.of(known, pattern)
  local found = known[pattern]
  if not found then
    local problem = problem_of(pattern)
    found = { pattern, problem }
    if problem then
      local other = with_literal_dashes(pattern)
      if other ~= pattern and not problem_of(other) then found = { other } end
    end
    known[pattern] = found
  end
  if found[2] then return nil, found[2] end
  return found[1]
end

return patterns
