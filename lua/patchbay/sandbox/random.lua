-- Ids and tokens that look like real ones and are the same in every run, so that two runs of a test can be
-- compared byte for byte.

local random = {}
random.__index = random

-- The "minimal standard" generator: its products stay below 2^53, so every Lua produces the same sequence.
local MULTIPLIER, MODULUS = 48271, 2147483647

function random.new(seed)
  local state = math.floor(seed) % MODULUS
  return setmetatable({ state = state == 0 and 1 or state }, random)
end

function random:below(limit)
  self.state = self.state * MULTIPLIER % MODULUS
  return math.floor(self.state / MODULUS * limit)
end

function random:pick(alphabet, length)
  local characters = {}
  for index = 1, length do
    local at = self:below(#alphabet) + 1
    characters[index] = alphabet:sub(at, at)
  end
  return table.concat(characters)
end

function random:hex(length) return self:pick("0123456789abcdef", length) end

function random:uuid()
  return ("%s-%s-4%s-%s%s-%s"):format(self:hex(8), self:hex(4), self:hex(3), self:pick("89ab", 1),
    self:hex(3), self:hex(12))
end

return random
