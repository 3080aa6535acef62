--- Looks for secrets in everything that a run of the specs shows, and fails the run if it finds one.
--
-- A secret is recognised by its use (secrets_watch.lua), as a credential that a client sends or as the value
-- of certain names in bodies, and by its form: any text with MARK in it. The search covers its plain,
-- JSON-escaped and percent-encoded forms, in
--
--   errors      every error value's message, body, field, code and request_id, when it is made
--   raised      every text and error value that a pcall returns (on Lua 5.1 and 5.2, which would notice a
--               pcall of ours, every text that Lua code raises)
--   hooks       every argument of on_request and on_response
--   log         every line of it, and every line of dry_run
--   shown       tostring of records, clients and reports; diff(), request(); the lists of confirm()
--   bugs        message and traceback of errors that bodies of each raise
--   journal     every line that is appended to one
--   progress    every line of it
--   children    the output that a spec reads from a process that it has started
--   output      everything that the run and its children write: by bin/run-specs, afterwards
--
-- Secrets belong in these places, which are not searched: the request that a transport gets; values that a
-- script reads from a record (its fields, changes(), pairs), from a decoded response, or from on_tokens; the
-- items that it gave to each itself, which a report keeps and report:save writes; a sandbox's requests(),
-- state() and exports; and the records of a test's server.

local secrets = {
  looked = {}, -- kind -> how many texts
  found = {},  -- list of { kind =, text =, secret =, test = }
  count = 0,   -- of secrets that are known
}

secrets.MARK = "s3cr3t"

-- Shorter texts are found by chance.
local SHORTEST = 8

-- A spec has no more at a time; searching for those of the whole run would take longer than the specs.
local MOST_AT_ONCE = 200

local known, queue, all, test = {}, {}, {}, "?"

-- For bin/run-specs, which searches the output.
local list = os.getenv "PB_SECRETS" and io.open(os.getenv "PB_SECRETS", "a")
if list then
  list:setvbuf "line"
  list:write(secrets.MARK, "\n")
end

local function percent_encoded(text)
  return (text:gsub("[^%w._~-]", function(char) return ("%%%02X"):format(char:byte()) end))
end

local function as_json(text)
  return (text:gsub('[\\"]', "\\%0"):gsub("%c", function(char) return ("\\u%04X"):format(char:byte()) end))
end

--- Makes `text` a secret from now on.
function secrets.learn(text)
  if type(text) ~= "string" or #text < SHORTEST or known[text] then return end
  local forms = { text }
  for _, form in ipairs { as_json(text), percent_encoded(text) } do
    if form ~= text then forms[#forms + 1] = form end
  end
  known[text], queue[#queue + 1] = forms, text
  if not all[text] then
    all[text], secrets.count = true, secrets.count + 1
    -- One per line; a secret with a line end in it is left out, because grep reads lines.
    if list and not text:find "[\r\n]" then list:write(text, "\n") end
  end
  if #queue > MOST_AT_ONCE then known[table.remove(queue, 1)] = nil end
end

--- The secret that `text` shows, or nil.
function secrets.in_text(text)
  if text:find(secrets.MARK, 1, true) then return secrets.MARK end
  for secret, forms in pairs(known) do
    for _, form in ipairs(forms) do
      if text:find(form, 1, true) then return secret end
    end
  end
end

--- Searches texts of one kind; in a table, everything in it, names included.
local function look(kind, value, seen)
  if type(value) == "table" then
    seen = seen or {}
    if seen[value] then return end
    seen[value] = true
    for name, member in next, value do
      look(kind, name, seen)
      look(kind, member, seen)
    end
  elseif type(value) == "string" then
    secrets.looked[kind] = (secrets.looked[kind] or 0) + 1
    local secret = secrets.in_text(value)
    if secret then
      secrets.found[#secrets.found + 1] = { kind = kind, text = value, secret = secret, test = test }
    end
  end
end
secrets.look = look

--- Calls f and discards its findings, for a spec that shows a secret on purpose.
function secrets.expecting(f)
  local before, looked, were = #secrets.found, secrets.looked, test
  secrets.looked, test = {}, "expected"
  local good, why = pcall(f)
  local found = {}
  while #secrets.found > before do table.insert(found, 1, table.remove(secrets.found)) end
  local looked_at = secrets.looked
  secrets.looked, test = looked, were
  if not good then error(why, 0) end
  return found, looked_at
end

--- A test begins; with `file`, so does another file, which has other secrets.
function secrets.begin(name, file)
  test = name
  if file then known, queue = {}, {} end
end

--- The result of a run: a list of sentences, one for each secret that was shown, and a summary: the number of
-- secrets, the number of texts, and these by kind.
function secrets.results()
  local faults, total, kinds = {}, 0, {}
  local named = {}
  for _, found in ipairs(secrets.found) do
    local what = ("a secret (%s) is shown, kind %q, in: %s"):format(found.secret, found.kind, found.test)
    if not named[what] then faults[#faults + 1] = what .. "\n" .. found.text end -- once is enough
    named[what] = true
  end
  for kind, count in pairs(secrets.looked) do
    total = total + count
    kinds[#kinds + 1] = ("%s %d"):format(kind, count)
  end
  table.sort(kinds)
  return faults, ("%d %d (%s)"):format(secrets.count, total, table.concat(kinds, ", "))
end

return secrets
