--- Mutates documents: replaces, removes, doubles and swaps members at random, with values that a document
-- should not have there.

local core = require "patchbay.core"

local mutated = {}

local ODD = { "1", "-1", "0", "1e400", "1.5", "99999999999999999999", '""', '"x"', '"\\u0000"', "null",
  "true", "false", "[]",
  "{}", "[1]", '["a"]', '[null]', '{"a":1}', '{"$ref":"#"}', '{"$ref":"#/components/schemas/A"}',
    '{"$ref":1}',
  '{"type":"string"}', '{"type":["string","null"]}', '{"type":"object","properties":{}}', '"object"',
    '"array"',
  '"/x/{id}/{id}"', '"{"', '"#/"', '[{"type":"integer"},{"type":"string"}]', '{"allOf":[{}]}', '{"oneOf":[]}',
  '{"not":{}}', '"readOnly"', '"application/json"' }

-- Keywords at whose values documents are looked at most.
local NAMES = { "type", "properties", "items", "required", "enum", "allOf", "oneOf", "anyOf", "nullable",
  "pattern",
  "minLength", "maximum", "format", "$ref", "additionalProperties", "readOnly", "parameters", "schema",
    "content",
  "requestBody", "responses", "in", "name", "200", "discriminator", "const", "default", "example",
    "security" }

-- The places of members in a JSON text: list of { name's first byte, value's first byte, behind the value }.
local function places(text)
  local list, at, stack = {}, 1, {}
  while true do
    local start, stop = text:find('"[^"\\]*"%s*:%s*', at)
    if not start then break end
    stack[#stack + 1] = { start, stop + 1 }
    at = stop + 1
  end
  for _, place in ipairs(stack) do
    local rest = text:sub(place[2], place[2])
    local stop
    if rest == "{" then
      stop = select(2, text:find("^%b{}", place[2]))
    elseif rest == "[" then
      stop = select(2, text:find("^%b[]", place[2]))
    elseif rest == '"' then
      stop = place[2]
      repeat stop = text:find('"', stop + 1, true) until not stop or text:sub(stop - 1, stop - 1) ~= "\\"
    else
      stop = select(2, text:find("^[%w.+-]+", place[2]))
    end
    if stop then list[#list + 1] = { place[1], place[2], stop + 1 } end
  end
  return list
end

--- A mutation of the JSON `text`; valid JSON. `random(n)`: a whole number from 1 to n.
function mutated.text(text, random)
  for _ = 1, random(3) do
    local list = places(text)
    if not list[1] then return text end
    local place, how = list[random(#list)], random(4)
    local changed
    if how == 1 then -- another value
      changed = text:sub(1, place[2] - 1) .. ODD[random(#ODD)] .. text:sub(place[3])
    elseif how == 2 then -- another member beside it
      changed = text:sub(1, place[1] - 1) .. ('"%s":%s,'):format(NAMES[random(#NAMES)], ODD[random(#ODD)])
        .. text:sub(place[1])
    elseif how == 3 then -- another name
      changed = text:sub(1, place[1] - 1) .. ('"%s":'):format(NAMES[random(#NAMES)]) .. text:sub(place[2])
    else -- the value of another member
      local other = list[random(#list)]
      changed = text:sub(1, place[2] - 1) .. text:sub(other[2], other[3] - 1) .. text:sub(place[3])
    end
    if #changed < 300000 and core.json.decode(changed) ~= nil then text = changed end
  end
  return text
end

return mutated
