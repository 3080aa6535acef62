-- Journals: the input is a file as a killed run, a full disk or a hand at an editor may leave it. It is
-- taken or it is refused with an explanation; refused, it stays as it was; taken, nothing of it is lost but
-- a torn last line, and no item is known as done that is not. What is in it is read once more here, with
-- lua-cjson.

local cjson = require "cjson".new()
local core = require "patchbay.core"
local journal = require "patchbay.bulk.journal"

local OPTIONS = { job = "move", first = "k1", count = 3 }
local START = '{"patchbay_journal":'
local A, B = ("a"):rep(16), ("b"):rep(16)
local ends = { begun = "unknown", unknown = "unknown", failed = "failed", refused = "failed", done = "done" }

local path = os.tmpname()

local function read()
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function write(text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

-- How each item ended, by the lines of `text`: key -> { outcome, change }. Keys that are no strings are left
-- out: to lua-cjson all large numbers are one.
local function outcomes(text)
  local last = {}
  for line in text:gmatch "([^\n]*)\n" do
    local good, entry = pcall(cjson.decode, line)
    if good and type(entry) == "table" and type(entry.key) == "string" and not entry.patchbay_journal then
      last[entry.key] = { outcome = entry.outcome, change = entry.change }
    end
  end
  return last
end

-- A journal takes what may be a key of it.
local function is_key(text) return #text <= 4096 and pcall(core.json.encode, text) end

local function check_known(opened, text)
  local last = outcomes(text)
  for key, entry in pairs(last) do
    if is_key(key) then
      local change = entry.change
      local expected = ends[entry.outcome]
      local known = opened:known(key, change)
      assert(known == expected, ("%q: known as %s, but the last line says %s"):format(key, tostring(known),
        tostring(entry.outcome)))
      if expected == "done" then
        expected = change == A and "done" or "changed"
        assert(opened:known(key, A) == expected, "another item's content is taken for this one's")
      end
    end
  end
  for _, key in ipairs { "k1", "k2", "never", "1" } do
    if not last[key] then assert(not opened:known(key, A), key .. " is known without a line") end
  end
end

local function check_refused(text, message)
  assert(type(message) == "string" and message:sub(1, #path + 2) == path .. ": ", tostring(message))
  assert(#message > #path + 20 and pcall(core.json.encode, message), "a message that cannot be shown")
  assert(read() == text, "a journal that was refused was changed")
end

-- The part of the file that a resumed journal keeps: all complete lines, of which the last one may be
-- damaged.
local function check_kept(text, kept)
  local complete = text:match "^.*\n"
  if kept == complete then return end
  local before = complete:match "^(.*\n)[^\n]*\n$" or ""
  assert(kept == before, "complete lines were lost")
  local damaged = complete:sub(#before + 1, -2)
  assert(core.json.decode(damaged) == nil, "a good line was cut off")
end

-- One that is begun anew had not even its first line.
local function check_begun(text, kept)
  assert(not text:find "\n", "a journal with lines was begun anew")
  assert(START:sub(1, #text) == text:sub(1, #START), "what was no journal was overwritten")
  assert(kept:find '^{"patchbay_journal":1,"job":"move","first":"k1","count":3,"started":"[%dTZ:-]+"}\n$')
end

local function go_on(opened)
  opened:begin("k2", A)
  opened:finish("k2", A, "done")
  opened:begin("k1", B)
  opened:close()
  local again = assert(journal.open(path, OPTIONS))
  assert(again:known("k2", A) == "done" and again:known("k2", B) == "changed")
  assert(again:known("k1", B) == "unknown")
  again:close()
end

return function(text)
  write(text)
  local opened, message = journal.open(path, OPTIONS)
  if not opened then return check_refused(text, message) end
  if opened.resumed then
    local kept = read()
    check_kept(text, kept)
    check_known(opened, kept)
  else
    check_begun(text, read())
  end
  go_on(opened)
end
