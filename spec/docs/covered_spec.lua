--- bin/covered, which says which specs cover a source file, on small trees made for it.

local system = require "spec.support.system"

describe("the lint for covered files", function()
  -- The output for a tree, and whether it passes.
  local function lint(files, rows)
    local root = system.line "mktemp -d"
    files["spec/README.md"] = "| source | specs |\n|---|---|\n" .. (rows or "")
    for path, text in pairs(files) do
      system.output(("mkdir -p %s"):format(system.quote(root .. "/" .. path:match "^(.*)/")))
      system.write(root .. "/" .. path, text)
    end
    system.output(("mkdir -p %s/src %s/lua"):format(system.quote(root), system.quote(root)))
    local _, said, status = system.run('"$lua" bin/covered --check ' .. system.quote(root))
    system.output("rm -rf " .. system.quote(root))
    return said, status == 0
  end

  it("passes a tree whose files have a spec of their name and folder", function()
    local said, passes = lint {
      ["src/json/writer.c"] = "", ["spec/core/json/writer_spec.lua"] = "",
      ["lua/patchbay/bulk/csv.lua"] = "", ["spec/bulk/csv_spec.lua"] = "",
      ["lua/patchbay/record/init.lua"] = "", ["spec/record/record_spec.lua"] = "",
    }
    assert.equal("", said)
    assert.is_true(passes)
  end)

  it("says which file has none, and takes a line of the table for one", function()
    local files = { ["src/json/writer.c"] = "", ["spec/core/json/json_spec.lua"] = "" }
    local said, passes = lint(files)
    assert.equal("src/json/writer.c: no spec has its name; add a line to spec/README.md that says which "
      .. "specs cover it\n", said)
    assert.is_false(passes)
    assert.equal("", (lint(files, "| `src/json/writer.c` | `spec/core/json/json_spec.lua` |\n")))
  end)

  it("says where a line names what is not there", function()
    local said = lint({}, "| `src/json/gone.c` | `spec/gone_spec.lua` |\n")
    assert.equal("spec/README.md: src/json/gone.c is not there\n"
      .. "spec/README.md: spec/gone_spec.lua is not there\n", said)
  end)
end)
