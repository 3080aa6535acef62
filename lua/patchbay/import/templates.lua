--- Paths of a document with parameters in them: "/lines/{id}".

local core = require "patchbay.core"

local templates = {}

--- A path in which parameters have no names: "/lines/{}".
function templates.anonymous(path)
  local _, anonymous = core.document.template(path)
  return anonymous
end

-- The last parameter of a path that ends with it, but for an ending or brackets around it, and the anonymous
-- path of all records. nil for other paths.
local function item_of(anonymous, name)
  if not name or not name:find "^[^{/]+$" then return nil end
  if anonymous:sub(-3) == "/{}" then
    local parent = anonymous:sub(1, -4)
    return name, parent:sub(-1) == "/" and templates.anonymous(parent) or parent
  end
  local parent, before, after = anonymous:match "^(.*)/([^/{}]*){}([^/{}]+)$"
  if not parent then return nil end
  if before == "" and after:find "^%.%a+$" then return name, parent .. after end
  local word, quote = before:match "^([%w_]+)%(('?)$"
  if word and after == quote .. ")" then return name, parent .. "/" .. word end
end

--- A path in its parts: { pieces = texts at odd positions and names of parameters at even ones, names = those
-- names, anonymous = the path without them ("/lines/{}"), plain = true if it has no other characters than
-- paths have, item = the parameter that ends it and names a record or nil, all = the anonymous path of all
-- records or nil }.
function templates.of(path)
  local pieces, anonymous, plain = core.document.template(path)
  local names, count = {}, 0
  for i = 2, #pieces, 2 do
    count = count + 1
    names[count] = pieces[i]
  end
  local item, all = item_of(anonymous, names[count])
  return { pieces = pieces, names = names, anonymous = anonymous, plain = plain, item = item, all = all }
end

--- The path with other names of its parameters, by their places.
function templates.filled(template, names)
  local pieces = template.pieces
  local text = pieces[1]
  for place = 1, #names do
    text = text .. "{" .. names[place] .. "}" .. pieces[2 * place + 1]
  end
  return text
end

return templates
