-- The examples of requests in documents: each is accepted and goes out as it stands, or is listed with the
-- rule of its own document that it breaks (spec/data/openapi/broken_examples.lua). A new contradiction fails
-- here.

local documents = require "spec.support.openapi.documents"
local examples = require "spec.support.openapi.examples"

local BROKEN = dofile "spec/data/openapi/broken_examples.lua"

local function check(name, path, text, overlay)
  local description, report = documents.import(text, overlay)
  local broken, seen, labels = {}, {}, {}
  for _, entry in ipairs(report.examples) do
    local line = ("%s: %s"):format(entry.path, tostring(entry.rule))
    if not entry.accepted and not seen[line] then broken[#broken + 1] = line end
    seen[line] = true
    if not entry.accepted then labels[entry.path:match "^(%u+ %S+):"] = true end
  end
  table.sort(broken)
  assert.same(BROKEN[name] or {}, broken)
  if not path then return end
  local count, refused = examples.run(path, text, description, function(transport)
    return documents.options(description, transport)
  end)
  local unexpected = {}
  for _, line in ipairs(refused) do
    if not labels[line:match "^(%u+ %S+):"] then unexpected[#unexpected + 1] = line end
  end
  assert.same({}, unexpected)
  print(("%s: %d of %d examples are accepted, and go out as they stand"):format(name, count - #refused,
    count))
end

describe("the examples of", function()
  for _, name in ipairs(documents.own) do
    it(name, function()
      local text, path = documents.own_text(name)
      -- That one has references that lead nowhere, and no examples.
      check(name, name ~= "refusals" and path or nil, text, documents.overlay(name))
    end)
  end

  local it = documents.folder.path and it or pending
  for _, vendor in ipairs(documents.vendors) do
    it(vendor[1] .. " #slow #once", function()
      check(vendor[1], ("%s/%s.json"):format(documents.folder.path, vendor[1]),
        documents.folder.read(vendor[1] .. ".json"), documents.overlay(vendor[2]))
    end)
  end
end)
