-- A faulty bulk run and a plan for each imported vendor, through the generic sandbox.

local documents = require "spec.support.openapi.documents"
local run = require "spec.support.openapi.run"

-- Collections of a vendor on which runs are made, evenly spread among all.
local MOST = 4

local function spread(names)
  local list = {}
  local step = math.max(1, #names / MOST)
  for i = 0, math.min(MOST, #names) - 1 do list[#list + 1] = names[math.floor(i * step) + 1] end
  return list
end

local function check(description)
  local names = spread(run.resources(description))
  assert.is_true(#names > 0)
  for _, name in ipairs(names) do
    local journal = os.tmpname()
    os.remove(journal)
    local report, count, wrong = run.bulk(description, name, journal)
    os.remove(journal)
    assert.same({ name, count, 0 }, { name, report.done, report.failed })
    assert.is_true(count > 0)
    assert.same({}, wrong, name)
    if description.resources[name].operations.update then
      local found = run.plan(description, name)
      assert.same({ name, found.count, 0 }, { name, found.planned, found.again }, found.text)
      assert.is_true(found.report.complete)
    end
  end
end

describe("an imported vendor #slow #once,", function()
  for _, name in ipairs(documents.own) do
    if name ~= "refusals" then
      it("made up as " .. name .. ", has bulk runs with faults, and plans", function()
        check((documents.import(documents.own_text(name), documents.overlay(name))))
      end)
    end
  end

  for _, vendor in ipairs(documents.vendors) do
    local it = documents.folder.path and it or pending
    it("out of " .. vendor[1] .. ", has bulk runs with faults, and plans", function()
      check((documents.import(documents.folder.read(vendor[1] .. ".json"), documents.overlay(vendor[2]))))
    end)
  end
end)
