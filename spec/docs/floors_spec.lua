--- bin/floors, the lint that keeps files on their floors, on small trees made for it.

local system = require "spec.support.system"

local function tree_of(files)
  local root = system.line "mktemp -d"
  for path, text in pairs(files) do
    system.output(("mkdir -p %s"):format(system.quote(root .. "/" .. path:match "^(.*)/")))
    system.write(root .. "/" .. path, text)
  end
  return root
end

-- The lint's output for a tree, and whether it passes.
local function lint(files)
  local root = tree_of(files)
  local _, said, status = system.run('"$lua" bin/floors ' .. system.quote(root))
  system.output("rm -rf " .. system.quote(root))
  return said, status == 0
end

describe("the lint for floors", function()
  it("passes a tree whose files use what stands below them", function()
    local said, passes = lint {
      ["src/base/text.h"] = "int pb_text(void);\n",
      ["src/base/text.c"] = '#include "base/text.h"\nint pb_text(void) {\n  return 1;\n}\n',
      ["src/json/x.c"] = '#include "base/text.h"\nint pb_x(void) {\n  return pb_text();\n}\n',
      ["lua/patchbay/errors.lua"] = "return {}\n",
      ["lua/patchbay/util/text.lua"] = 'local errors = require "patchbay.errors"\nreturn errors\n',
      ["lua/patchbay/record/init.lua"] = 'return require("patchbay.util.text")\n',
      ["lua/patchbay/desired/init.lua"] = 'return require("patchbay.record")\n',
      ["lua/patchbay/init.lua"] = 'return require("patchbay.desired")\n',
    }
    assert.equal("", said)
    assert.is_true(passes)
  end)

  it("says which call leads up, and where what it needs belongs", function()
    local said, passes = lint {
      ["src/json/x.c"] = "int pb_x(void) {\n  return pb_y();\n}\n",
      ["src/lua/z.c"] = "int pb_y(void) {\n  return 1;\n}\n",
    }
    assert.equal("src/json/x.c calls pb_y of src/lua/z.c: json may only use system, csv, base; "
      .. "move pb_y down there, or pass it in\n", said)
    assert.is_false(passes)
  end)

  it("sees a function that is handed on by its name", function()
    local said = lint {
      ["src/base/x.c"] = "void *pb_x(void) {\n  return pb_y;\n}\n",
      ["src/lua/z.c"] = "int pb_y(void) {\n  return 1;\n}\n",
    }
    assert.matches("src/base/x.c calls pb_y of src/lua/z.c", said, 1, true)
  end)

  it("sees a call in a macro or an inline function of a header, and none in a prototype", function()
    local upper = "int pb_y(void) {\n  return 1;\n}\n"
    local said = lint { ["src/base/x.h"] = "#define X pb_y()\n", ["src/lua/z.c"] = upper }
    assert.matches("src/base/x.h calls pb_y of src/lua/z.c", said, 1, true)
    local inline = "static inline int x(void) {\n  return pb_y();\n}\n"
    said = lint { ["src/base/x.h"] = inline, ["src/lua/z.c"] = upper }
    assert.matches("src/base/x.h calls pb_y of src/lua/z.c", said, 1, true)
    said = lint { ["src/base/x.h"] = "int pb_y(void);\n", ["src/lua/z.c"] = upper }
    assert.equal("", said)
  end)

  it("reads neither comments nor texts for calls", function()
    local said = lint {
      ["src/base/x.c"] = "/* pb_y() */\nconst char *x = \"pb_y()\"; // pb_y()\n",
      ["src/lua/z.c"] = "int pb_y(void) {\n  return 1;\n}\n",
    }
    assert.equal("", said)
  end)

  it("says which include leads up, whether it is written from src or from the folder", function()
    for _, name in ipairs { "lua/z.h", "../lua/z.h" } do
      local said = lint { ["src/json/x.c"] = ('#include "%s"\n'):format(name), ["src/lua/z.h"] = "\n" }
      assert.equal("src/json/x.c includes src/lua/z.h: json may only use system, csv, base; "
        .. "move what it needs down there, or pass it in\n", said)
    end
  end)

  it("keeps Lua's headers out of plain C", function()
    for _, header in ipairs { "<lua.h>", "<lua5.4/lauxlib.h>", '"lualib.h"' } do
      local said, passes = lint { ["src/schema/x.c"] = "#include " .. header .. "\n" }
      assert.matches("src/schema/x.c includes %l+.h: schema is plain C, which knows no Lua", said)
      assert.is_false(passes)
    end
    assert.equal("", (lint { ["src/lua/x.c"] = "#include <lua.h>\n" }))
  end)

  it("finds circles of calls among files, and names their edges", function()
    local said, passes = lint {
      ["src/json/a.c"] = "int pb_a(void) {\n  return pb_b();\n}\n",
      ["src/json/b.c"] = "int pb_b(void) {\n  return pb_a();\n}\n",
    }
    assert.equal("files in a circle: src/json/a.c, src/json/b.c; move what they share to one that stands "
      .. "below them\n  src/json/a.c -> src/json/b.c (pb_b)\n  src/json/b.c -> src/json/a.c (pb_a)\n", said)
    assert.is_false(passes)
  end)

  it("finds rooms of one floor that use one another", function()
    local said = lint {
      ["lua/patchbay/auth/a.lua"] = 'require "patchbay.hosts.b"\n',
      ["lua/patchbay/hosts/b.lua"] = "return 1\n",
      ["lua/patchbay/hosts/c.lua"] = 'require "patchbay.auth.d"\n',
      ["lua/patchbay/auth/d.lua"] = "return 1\n",
    }
    assert.matches("rooms in a circle: auth, hosts", said, 1, true)
    assert.matches("auth -> hosts (lua/patchbay/auth/a.lua requires ", said, 1, true)
  end)

  it("says which require leads up, in every spelling", function()
    for _, spelling in ipairs { 'require "patchbay.bulk.y"', "require('patchbay.bulk.y')",
      'require ( "patchbay.bulk.y" )', 'require("patchbay.bulk." .. name)' } do
      local said = lint {
        ["lua/patchbay/record/x.lua"] = "local y = " .. spelling .. "\n",
        ["lua/patchbay/bulk/y.lua"] = "return 1\n",
      }
      assert.equal("lua/patchbay/record/x.lua requires lua/patchbay/bulk/y.lua: record may only use "
        .. "exchange, auth, hosts, util, apis, errors.lua; move what it needs down there, "
        .. "or pass it in\n", said)
    end
  end)

  it("finds modules that require one another in a circle", function()
    local said = lint {
      ["lua/patchbay/bulk/init.lua"] = 'require "patchbay.bulk.items"\n',
      ["lua/patchbay/bulk/items.lua"] = 'require "patchbay.bulk"\n',
    }
    assert.matches("in a circle: lua/patchbay/bulk/init.lua, lua/patchbay/bulk/items.lua", said, 1, true)
  end)

  it("keeps the sandbox apart", function()
    local said = lint {
      ["lua/patchbay/sandbox/x.lua"] = 'require "patchbay.exchange"\nrequire "patchbay.util.check"\n',
      ["lua/patchbay/exchange/init.lua"] = "return 1\n",
      ["lua/patchbay/util/check.lua"] = "return 1\n",
      ["lua/patchbay/client/init.lua"] = 'require "patchbay.sandbox.x"\n',
      ["lua/patchbay/init.lua"] = 'require "patchbay.sandbox.x"\n',
    }
    assert.equal("lua/patchbay/client/init.lua requires lua/patchbay/sandbox/x.lua: only init.lua may use "
      .. "sandbox, which stands apart\n"
      .. "lua/patchbay/sandbox/x.lua requires lua/patchbay/exchange/init.lua: sandbox stands apart and may "
      .. "only use util, apis, errors.lua; move what it needs down there, or pass it in\n", said)
  end)

  it("says of a file that lies flat, or in a room that nobody knows, that it needs a room", function()
    local said = lint { ["src/x.c"] = "\n", ["lua/patchbay/attic/y.lua"] = "return 1\n" }
    assert.matches("src/x.c lies flat in src: its place is in one of core.c, core.h, ", said, 1, true)
    assert.matches("lua/patchbay/attic/y.lua stands in a room without a floor", said, 1, true)
  end)

  it("lets known faults pass, and fails for one that is gone from the tree but not from the list", function()
    local said, passes = lint { ["src/x.c"] = "\n", ["bin/floors.known"] = "src/x.c lies flat\n" }
    assert.equal("", said)
    assert.is_true(passes)
    said, passes = lint { ["src/base/x.c"] = "\n", ["bin/floors.known"] = "src/x.c lies flat\n" }
    assert.equal('bin/floors.known: "src/x.c lies flat" is no fault any more; remove the line\n', said)
    assert.is_false(passes)
  end)

  it("passes this tree", function()
    local said = select(2, system.run '"$lua" bin/floors')
    assert.equal("", said)
  end)
end)
