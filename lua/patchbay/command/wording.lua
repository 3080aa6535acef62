--- Texts of the library in the words of the command line: options are named as a shell gives them.

local count_text = require("patchbay.bulk.wording").count

local wording = {}

-- Patterns of a script's code in messages, and the command line's form of it. The longer ones come first.
local REPLACED = {
  { 'limits = { %["(.-)"%] = { max_(%a+) = ([%d.]+) } }', "--limit %1:max-%2=%3" },
  { "max_(%a+) = ([%d.]+)", "--max-%1 %2" },
  { "apply without max_affected", "apply without --max-affected" },
  { "max_affected is set", "--max-affected is set" },
  { "as create is false", "as --no-create says" },
  { 'no undo plan is written; undo = "FILE" names one', "no undo plan is written" },
  { "undo = false applies without one", "--no-undo applies without one" },
  { 'state = "FILE" remembers its key', "--state FILE remembers its key" },
  { "unless force = true", "unless --force is given" },
  { "patchbay%.plan%.load%(file, clients%) reads it", "patchbay apply FILE or patchbay undo FILE takes it" },
  { 'or convert it with require%("patchbay%.bulk%.journal_upgrade"%)%.convert "FILE"',
    "or convert it with patchbay journal upgrade FILE" },
  { "no client for the account (%b\"\") was given", "there is no account %1" },
  { 'with separator = "(.-)" it would be several %(separator = "," says that it is one%)',
    "with --separator '%1' it would be several (--separator , says that it is one)" },
  { 'but separator = (".-") was given', "but --separator %1 was given" },
  { ', or pass { nested = "leaves" } where the vendor keeps what is not sent', "" },
  { "make the client with (undocumented = %b{})", "write %1 for the account into accounts.lua" },
  { 'make the client with (undocumented = "allow")', "write %1 for the account into accounts.lua" },
  { "; fetch%(%) takes the vendor's values over, and another update%(%) overwrites them",
    "; run the command again to see the difference from what is there now" },
  { "; client:call%(method, path, body%) makes any other", "" },
  { "; client:call%(method, path, body%) makes any call", "" },
  { "; write client%.[%w_]+:one%(%)", "; patchbay get and patchbay set take it" },
  { 'since = "SNAPSHOT"', "--since SNAPSHOT" },
  { "delete the file to start over, or use another one", "delete the file to start over, or name "
    .. "another one with --journal" },
  { "wait for its end, or use another file", "wait for its end, or name another one with --journal" },
  -- The place of an error in a script means nothing to a person.
  { "^each: ", "" },
}

--- A sentence of the library as the command says it.
function wording.of(message)
  for _, pair in ipairs(REPLACED) do message = message:gsub(pair[1], pair[2]) end
  return message
end

--- The sentences of a list, each as the command says it; in place.
function wording.list(sentences)
  for i, sentence in ipairs(sentences) do sentences[i] = wording.of(sentence) end
  return sentences
end

--- A number of things: "1 change", "2 changes".
function wording.some(count, one, many)
  return ("%s %s"):format(count_text(count), count == 1 and one or many)
end

--- Several faults as one message: the first dozen, each on its line.
function wording.faults(list, start)
  local MOST_SHOWN = 12
  wording.list(list)
  if not list[2] then return list[1] end
  local lines = { ("%s; nothing was sent"):format(start:format(#list)) }
  for i = 1, math.min(#list, MOST_SHOWN) do lines[#lines + 1] = "  " .. list[i] end
  if #list > MOST_SHOWN then lines[#lines + 1] = ("  and %d more"):format(#list - MOST_SHOWN) end
  return table.concat(lines, "\n")
end

return wording
