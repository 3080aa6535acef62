--- Words in the prose of an operation that say the contrary of its method: warned of, and never decided by.

local core = require "patchbay.core"

local words = {}

-- Of something that leaves unchanged the fields that are not sent.
local PARTIAL = table.concat({ "partial", "only the fields", "only fields", "only those fields",
  "fields you send", "fields that you send", "fields provided", "fields to be updated", "fields to update",
  "only the provided", "only provided", "only the specified", "only specified", "remain unchanged",
  "left unchanged", "will not be changed", "are not changed", "not be modified", "keep their", "keeps its",
  "remain as they are", "are optional" }, "\n")

-- Of something that resets the fields that are not sent.
local RESETS = table.concat({ "replace", "overwrit", "reset", "full update", "all fields",
  "complete representation", "entire resource", "entire object", "whole resource", "will be removed",
  "will be deleted", "will be cleared", "set to their default", "set to default", "set to null" }, "\n")

-- Prose beyond this is not searched.
local LONGEST = 20000

--- The word of the other kind in the texts `prose` (a list with holes) of an operation of `kind` ("update",
-- "replace"); nil: none.
function words.contrary(prose, kind)
  for i = 1, 2 do
    local text = prose[i]
    if type(text) == "string" then
      if #text > LONGEST then text = text:sub(1, LONGEST) end
      local word = core.document.first_in(text, kind == "replace" and PARTIAL or RESETS)
      if word then return word end
    end
  end
end

return words
