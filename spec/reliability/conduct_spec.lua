-- The conduct of vendors, files and people: each row of the table in docs/reliability.md is made anew and
-- compared.

local conduct = require "spec.support.conduct"
local fault_table = require "spec.support.fault_table"
local system = require "spec.support.system"

local document = assert(system.read "docs/reliability.md")

for _, chapter in ipairs(conduct.chapters) do
  describe(chapter[1] .. ":", function()
    for _, row in ipairs(chapter[2]) do
      it(row[1], function()
        local line = conduct.line(row)
        local name = line:match "^| .- | "
        local start = document:find("\n" .. name, 1, true)
        assert(start, "docs/reliability.md does not have this row; run: make reliability")
        assert.equal(document:match("[^\n]*\n", start + 1), line)
      end)
    end
  end)
end

describe("docs/reliability.md", function()
  it("has the table of what vendors, files and people do as it is made here", function()
    assert.is_true(fault_table.put_conduct_into(document) == document, "run: make reliability")
  end)

  it("has sixty rows of it and more", function()
    local count = 0
    for _, chapter in ipairs(conduct.chapters) do count = count + #chapter[2] end
    assert.is_true(count > 60, count)
  end)
end)
