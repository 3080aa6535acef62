--- Tokens that processes and machines share: how they are written for others, and read. `deps.shared`, see
-- auth/init.lua, keeps the texts.

local core = require "patchbay.core"

local sharing = {}

-- Under these names stand the Unix times at which a token is replaced and was obtained.
local GOOD_UNTIL, OBTAINED_AT = "patchbay_good_until", "patchbay_obtained_at"

-- Seconds by which the clocks of processes may differ.
local CLOCK_ERROR = 5

local function is_number(value) return type(value) == "number" end

--- The tokens that are kept for an endpoint: the object, with the members of a login's response, the time
-- until which its token is good, and the time, of the clock, at which it was obtained, or nil; or nothing.
function sharing.read(deps, endpoint)
  local kept, left, known_age = deps.shared:get(endpoint)
  local found = kept and core.json.decode(kept)
  if type(found) ~= "table" then return nil end
  local good_until, obtained_at = found[GOOD_UNTIL], found[OBTAINED_AT]
  -- The clocks of machines differ by more: their store says how old a token is.
  if left and is_number(good_until) then good_until = deps.now() + left end
  local age = is_number(obtained_at) and (known_age or deps.now() - obtained_at)
  -- Where the clock has been set back since, the age is not known.
  return found, is_number(good_until) and good_until or math.huge,
    age and age > -CLOCK_ERROR and deps.clock() - math.max(age, 0) or nil
end

--- Keeps `new` (see login.lua) for an endpoint, and sets new.kept where that succeeds. `login`: of the
-- description. Returns false where others have kept a newer one.
function sharing.write(deps, login, endpoint, new)
  local limited = new.good_until < math.huge
  -- For a later process a token is not new, whatever its age: tokens may have been withdrawn meanwhile. One
  -- that was refused although it was obtained after a refusal stays new for a minute: the refusals are
  -- probably about something else, and each process would log in again.
  local aged = new.obtained_at and (new.in_vain or not deps.shared.outlives)
  new.kept = deps.shared:put(endpoint, core.json.encode { [login.token] = new.token,
    [GOOD_UNTIL] = limited and new.good_until or nil,
    [OBTAINED_AT] = aged and deps.now() or nil, [login.refresh or "refresh"] = new.refresh },
    limited and math.max(new.good_until - deps.now(), 0.001) or nil, new.refresh ~= nil)
  return new.kept
end

--- Takes the tokens `held` (see login.lua), which are about to be replaced, out of the shared store. `kept`:
-- whether read() has found any just now. A refresh token can be used once, and the vendor may withdraw all
-- tokens where it comes twice: from a store that outlives this process, a refresh token is not used if
-- another process has it, or may find it after this one has been killed.
function sharing.claim(deps, endpoint, held, kept)
  if not deps.shared.drop or not held or not (held.refused or held.refresh) then return end
  if not deps.shared.outlives then
    if kept and held.refused then deps.shared:drop(endpoint) end
    return
  end
  local alone = not held.kept
  if kept then alone = deps.shared:drop(endpoint) end
  if not alone and held.refresh then held.used, held.refresh = held.refresh, nil end
  held.kept = nil
end

return sharing
