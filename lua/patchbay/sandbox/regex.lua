-- Regular expressions, as far as descriptions may have them (docs/descriptions.md says which), deliberately
-- not the client's own: a mistake in one of the two shows as a disagreement. Also makes up texts that match.
--
-- A match is computed as sets of positions, so that it takes no more steps than the text is long times the
-- pattern is large.

local regex = {}
regex.__index = regex

local decode -- UTF-8 text -> list of code points

-- ---- classes of characters ----

local function between(low, high) return function(c) return c >= low and c <= high end end
local function any_of(tests)
  return function(c)
    for _, test in ipairs(tests) do
      if test(c) then return true end
    end
    return false
  end
end
local function none_of(test) return function(c) return not test(c) end end

local is_digit = between(48, 57)
local is_word = any_of { is_digit, between(65, 90), between(97, 122), between(95, 95) }
local SPACES = { [32] = true, [0xA0] = true, [0x1680] = true, [0x2028] = true, [0x2029] = true,
  [0x202F] = true, [0x205F] = true, [0x3000] = true, [0xFEFF] = true }
local function is_space(c) return SPACES[c] or c >= 9 and c <= 13 or c >= 0x2000 and c <= 0x200A end
local function is_line_end(c) return c == 10 or c == 13 or c == 0x2028 or c == 0x2029 end

local CLASSES = { d = is_digit, D = none_of(is_digit), w = is_word, W = none_of(is_word), s = is_space,
  S = none_of(is_space) }
local CONTROLS = { t = 9, n = 10, r = 13, f = 12, v = 11, ["0"] = 0 }

-- ---- parsing ----

local function refuse(why) error("regex: " .. why, 0) end

-- The class or the character behind a backslash at `at`, and the next place.
local function escape(text, at)
  local letter = text:sub(at, at)
  if CLASSES[letter] then return CLASSES[letter], at + 1 end
  local code = CONTROLS[letter]
  local hex, after = text:match("^x(%x%x)()", at)
  if not hex then hex, after = text:match("^u(%x%x%x%x)()", at) end
  if not hex then hex, after = text:match("^u{(%x+)}()", at) end
  if hex then return tonumber(hex, 16), after end
  if not code and letter:find "[%w_]" or letter == "" then refuse("\\" .. letter .. " is not known") end
  return code or letter:byte(), at + 1
end

-- The character at `at` of UTF-8 text, and the next place.
local function character(text, at)
  local bytes = text:match("^[%z\1-\127\194-\244][\128-\191]*", at)
  if not bytes then refuse "it is not UTF-8" end
  return decode(bytes)[1], at + #bytes
end

local function class(text, at)
  local negated = text:sub(at, at) == "^"
  if negated then at = at + 1 end
  local tests = {}
  local function one()
    if text:sub(at, at) == "\\" then
      if text:sub(at + 1, at + 1) == "b" then return 8, at + 2 end
      return escape(text, at + 1)
    end
    return character(text, at)
  end
  while text:sub(at, at) ~= "]" do
    if at > #text then refuse "a class does not end" end
    local low, high
    low, at = one()
    if type(low) == "number" then
      high = low
      if text:find("^%-[^%]]", at) then
        at = at + 1
        high, at = one()
      end
      tests[#tests + 1] = between(low, high)
    else
      tests[#tests + 1] = low
    end
  end
  local test = any_of(tests)
  return negated and none_of(test) or test, at + 1
end

local alternatives

-- The bounds of a repetition at `at`, and the next place; nil where there is none.
local function bounds(text, at)
  local sign = text:sub(at, at)
  if sign == "*" then return 0, math.huge, at + 1 end
  if sign == "+" then return 1, math.huge, at + 1 end
  if sign == "?" then return 0, 1, at + 1 end
  local low, comma, high, after = text:match("^{(%d+)(,?)(%d*)}()", at)
  if not low then return nil end
  low = tonumber(low)
  return low, comma == "" and low or tonumber(high) or math.huge, after
end

local function atom(text, at)
  local sign = text:sub(at, at)
  if sign == "(" then
    at = text:match("^%?:()", at + 1) or at + 1
    if text:sub(at, at) == "?" then refuse "this kind of group is not known" end
    local node
    node, at = alternatives(text, at)
    if text:sub(at, at) ~= ")" then refuse "a group does not end" end
    return node, at + 1
  end
  if sign == "[" then
    local test
    test, at = class(text, at + 1)
    return { kind = "set", test = test }, at
  end
  if sign == "." then return { kind = "set", test = none_of(is_line_end) }, at + 1 end
  if sign == "^" or sign == "$" then return { kind = sign }, at + 1 end
  if sign == "\\" then
    local letter = text:match("^[bB]", at + 1)
    if letter then return { kind = letter }, at + 2 end
    local found
    found, at = escape(text, at + 1)
    return { kind = "set", test = type(found) == "number" and between(found, found) or found,
      code = type(found) == "number" and found or nil }, at
  end
  local code
  code, at = character(text, at)
  return { kind = "set", test = between(code, code), code = code }, at
end

local function sequence(text, at)
  local node = { kind = "sequence" }
  while at <= #text and not text:find("^[|)]", at) do
    local part
    part, at = atom(text, at)
    local low, high, after = bounds(text, at)
    if low then
      part = { kind = "repeat", part, low = low, high = high }
      at = text:match("^%?()", after) or after
    end
    node[#node + 1] = part
  end
  return node, at
end

function alternatives(text, at)
  local node = { kind = "alternatives" }
  while true do
    local part
    part, at = sequence(text, at)
    node[#node + 1] = part
    if text:sub(at, at) ~= "|" then return node, at end
    at = at + 1
  end
end

-- ---- matching ----

local ends

-- The places that a repetition reaches from `from`, a set.
local function repeated(node, text, from)
  local now = from
  for _ = 1, node.low do now = ends(node[1], text, now) end
  local reached, count = {}, node.low
  for at in pairs(now) do reached[at] = true end
  while next(now) and count < node.high do
    local new = {}
    for at in pairs(ends(node[1], text, now)) do
      if not reached[at] then
        reached[at], new[at] = true, true
      end
    end
    now, count = new, count + 1
  end
  return reached
end

local function is_edge(text, at)
  local before, behind = text[at - 1], text[at]
  return (before ~= nil and is_word(before)) ~= (behind ~= nil and is_word(behind))
end

local holds = {
  ["^"] = function(_, at) return at == 1 end,
  ["$"] = function(text, at) return at == #text + 1 end,
  b = is_edge,
  B = function(text, at) return not is_edge(text, at) end,
}

-- The set of places behind the matches of a node from the places `from`.
function ends(node, text, from)
  local reached = {}
  if node.kind == "set" then
    for at in pairs(from) do
      if text[at] and node.test(text[at]) then reached[at + 1] = true end
    end
  elseif node.kind == "sequence" then
    reached = from
    for _, part in ipairs(node) do reached = ends(part, text, reached) end
  elseif node.kind == "alternatives" then
    for _, part in ipairs(node) do
      for at in pairs(ends(part, text, from)) do reached[at] = true end
    end
  elseif node.kind == "repeat" then
    reached = repeated(node, text, from)
  else
    for at in pairs(from) do
      if holds[node.kind](text, at) then reached[at] = true end
    end
  end
  return reached
end

function decode(text)
  local points = {}
  for bytes in text:gmatch "[%z\1-\127\194-\244][\128-\191]*" do
    local code = bytes:byte()
    if #bytes > 1 then
      code = code % 2 ^ (7 - #bytes)
      for i = 2, #bytes do code = code * 64 + bytes:byte(i) % 64 end
    end
    points[#points + 1] = code
  end
  return points
end

-- Whether the pattern matches anywhere in the text.
function regex:matches(text)
  local points, from = decode(text), {}
  for at = 1, #points + 1 do from[at] = true end
  return next(ends(self.root, points, from)) ~= nil
end

-- ---- making up texts ----

local LIKELY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
  .. "+-_.:/@ !#$%&'()*,;<=>?[]^`{|}~\"\\"
-- More characters than needed of a repetition without end.
local LONG_ENOUGH = 8

local samples = {}

local function sample(node, random) return samples[node.kind] and samples[node.kind](node, random) or "" end

function samples.set(node, random)
  local choices = {}
  for letter in LIKELY:gmatch "." do
    if node.test(letter:byte()) then choices[#choices + 1] = letter end
    if #choices == 36 then break end
  end
  return choices[1] and choices[random:below(#choices) + 1] or ""
end

function samples.sequence(node, random)
  local parts = {}
  for i, part in ipairs(node) do parts[i] = sample(part, random) end
  return table.concat(parts)
end

function samples.alternatives(node, random) return sample(node[random:below(#node) + 1], random) end

samples["repeat"] = function(node, random)
  local parts = {}
  for i = 1, math.min(node.high, math.max(node.low, LONG_ENOUGH)) do parts[i] = sample(node[1], random) end
  return table.concat(parts)
end

-- A text that probably matches; it is for the caller to check.
function regex:sample(random) return sample(self.root, random) end

local compiled = {}

-- The compiled pattern, or nil and the problem.
function regex.compile(pattern)
  if not compiled[pattern] then
    local ok, root, at = pcall(alternatives, pattern, 1)
    if not ok then return nil, root end
    if at <= #pattern then return nil, "regex: a group ends that did not begin" end
    compiled[pattern] = setmetatable({ root = root }, regex)
  end
  return compiled[pattern]
end

return regex
