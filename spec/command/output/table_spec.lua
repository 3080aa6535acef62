-- Tables of the command: their widths, and what they do with text of a vendor.

local command = require "spec.support.command"
local core = require "patchbay.core"
local tables = require "patchbay.command.output.table"

local fit = core.terminal.fit

-- A context that collects what is written.
local function context(terminal)
  local made = { written = {}, said = {} }
  made.terminal = { out = true, width = 80, colour = false, ascii = false }
  for name, value in pairs(terminal or {}) do made.terminal[name] = value end
  function made.out(text) made.written[#made.written + 1] = text end
  function made.err(text) made.said[#made.said + 1] = text end
  function made.flush() end
  return made
end

local function text_of(made) return table.concat(made.written) end

local function widest(text)
  local most = 0
  for line in text:gmatch "([^\n]*)\n" do
    -- The isolates round text from right to left take no column; fit would show them as escapes.
    local _, width = fit((line:gsub("\226\129[\168\169]", "")))
    most = math.max(most, width)
  end
  return most
end

local function rendered(terminal, names, rows, pinned, optional)
  local made = context(terminal)
  local own = tables.new(made, names, pinned, optional)
  for _, row in ipairs(rows) do own:add(row) end
  own:finish()
  return text_of(made), own
end

local NAMES = { "CallRouteId", "RouteName", "TrunkIp1", "Remark" }
local LONG = ("long text "):rep(20)
local ROWS = {
  { "CRID-509de94f-79cc-429b-a317-2102654dabbb", "Main", "198.51.100.10", LONG },
  { "CRID-4dec6beb-3985-444b-8c06-8baa5jjvawe", "東京オフィスの回線", "198.51.100.11", "" },
  { "CRID-82928844-7eed-4c46-85f1-153b50e3318f", "משרד ראשי", "", "😀👍" },
}

describe("a table of the command", function()
  it("fits terminals of 80 and 200 columns, and names its columns", function()
    for _, width in ipairs { 80, 200 } do
      local text = rendered({ width = width }, NAMES, ROWS)
      assert.truthy(widest(text) <= width, text)
      assert.truthy(text:find "^CallRouteId +RouteName +TrunkIp1 +Remark\n")
      assert.truthy(text:find("…", 1, true))
    end
  end)

  it("stands in columns, whatever characters are in it", function()
    local text = rendered({ width = 200 }, { "A", "B" },
      { { "日本語", "x" }, { "abc", "x" }, { "e\204\129", "x" }, { "😀", "x" } })
    assert.equal("A       B\n日本語  x\nabc     x\ne\204\129       x\n😀      x\n", text)
  end)

  it("cuts the pinned columns last", function()
    local text = rendered({ width = 70 }, NAMES, ROWS, 1)
    assert.truthy(text:find(ROWS[1][1], 1, true), text)
    assert.truthy(widest(text) <= 70, text)
  end)

  it("cuts nothing where it is piped", function()
    local text = rendered({ out = false }, NAMES, ROWS)
    assert.truthy(text:find(LONG:gsub(" $", ""), 1, true))
    assert.truthy(text:find("משרד ראשי", 1, true))
    assert.falsy(text:find("\226\129\168", 1, true))
  end)

  it("lets no text of a vendor move the cursor, or what stands beside it", function()
    local text = rendered(nil, { "A", "B" }, { { "\27[2J\rx\226\128\174y", "z" }, { "שלום", "z" } })
    assert.equal("A                    B\n\\x1B[2J\\rx\\u{202E}y  z\n"
      .. "\226\129\168שלום\226\129\169                 z\n", text)
  end)

  it("is ASCII where the locale is", function()
    for _, out in ipairs { true, false } do
      local text = rendered({ ascii = true, out = out }, NAMES, ROWS)
      assert.falsy(text:find "[\128-\255]", text)
    end
  end)

  it("has colours where they are wanted, and says the same without", function()
    local plain, coloured = rendered(nil, NAMES, ROWS), rendered({ colour = true }, NAMES, ROWS)
    assert.falsy(plain:find("\27", 1, true))
    assert.truthy(coloured:find("\27[1mCallRouteId\27[0m", 1, true))
    assert.equal(plain, (coloured:gsub("\27%[%d*m", "")))
  end)

  it("leaves out columns that do not fit or have nothing in them, but no pinned one", function()
    local text, own = rendered({ width = 60 }, { "Key", "Empty", "Long", "Short" },
      { { "k", "", ("x"):rep(100), "s" }, { "l", "", "", "t" } }, 1, true)
    assert.equal("Key  Long                                      Short\nk    " .. ("x"):rep(39)
      .. "…  s\nl                                              t\n", text)
    assert.equal(1, own.left_out)
    text = rendered({ width = 20 }, { "Key", "Other" }, { { ("k"):rep(30), "x" } }, 1, true)
    assert.equal("Key\n" .. ("k"):rep(19) .. "…\n", text)
  end)

  it("keeps the widths of its first rows for those that follow", function()
    local made = context()
    local own = tables.new(made, { "A", "B" })
    own:add { "a", "b" }
    own:flush()
    own:add { "longer", "b" }
    own:finish()
    assert.equal("A  B\na  b\n…  b\n", text_of(made))
  end)
end)

describe("one record of the command", function()
  local function pairs_of(terminal, list)
    local made = context(terminal)
    tables.pairs(made, list)
    return text_of(made)
  end

  it("has a line for each field, and as many as a long value takes", function()
    local text = pairs_of({ width = 30 }, { { "Name", "short" }, { "Remark", ("日本"):rep(12) } })
    assert.equal("Name    short\nRemark  " .. ("日本"):rep(5) .. "日\n        " .. ("本日"):rep(5)
      .. "本\n        日本\n", text)
    assert.truthy(widest(text) <= 30)
  end)

  it("stays on one line where it is piped", function()
    local long = ("x"):rep(200)
    assert.equal("Remark  " .. long .. "\n", pairs_of({ out = false }, { { "Remark", long } }))
  end)
end)

describe("the forms of the command's output", function()
  if command.lacks() then
    pending(command.lacks())
    return
  end

  local server
  setup(function() server = command.start() end)
  teardown(function() if server then server:stop() end end)

  local FIELDS = " --fields Number,VoiceEnabled,PortOutPin,Tnid --limit 2 "

  it("are JSON, JSON lines and CSV, with the fields in the given order and secrets masked", function()
    local one = '{"Number":"+18018018011","VoiceEnabled":true,"PortOutPin":"***",'
      .. '"Tnid":"TNID-01f8ee76-24af-4c68-881f-9676a67edc52"}'
    local out, err = server:run("list telegent.numbers -o json" .. FIELDS)
    assert.equal("", err)
    assert.equal(one, out:match "^%[\n(.-),\n{")
    assert.truthy(out:find "}\n%]\n$")
    out = server:run("list telegent.numbers -o jsonl" .. FIELDS)
    assert.equal(one, out:match "^(.-)\n")
    out = server:run("list telegent.numbers -o csv" .. FIELDS)
    assert.equal("Number,VoiceEnabled,PortOutPin,Tnid\n+18018018011,true,***,TNID-01f8ee76-24af-4c68-881f-"
      .. "9676a67edc52\n", out:match "^.-\n.-\n")
    out = server:run "get telegent.numbers +18018018011 -o csv --fields Number,Tnid"
    assert.equal("Number,Tnid\n+18018018011,TNID-01f8ee76-24af-4c68-881f-9676a67edc52\n", out)
  end)

  it("are what a library call shows: all fields of a record as one object", function()
    local out = server:run "get telegent.numbers +18018018011 -o json"
    local values = assert(core.json.decode(out))
    assert.equal("+18018018011", values.Number)
    assert.is_true(values.VoiceEnabled)
  end)

  it("fit the terminal they are shown on", function()
    for _, columns in ipairs { 80, 200 } do
      for _, words in ipairs { "list telegent.numbers", "list telegent.voice_routes",
        "get telegent.voice_routes CRID-509de94f-79cc-429b-a317-2102654dabbb" } do
        local out, status = server:terminal(words, { columns = columns, environment = "export NO_COLOR=1" })
        assert.equal(0, status, out)
        assert.truthy(widest(out) <= columns, out)
        assert.falsy(out:find("\27", 1, true), out)
      end
    end
    local out = server:terminal("list telegent.voice_routes", { environment = "export LC_ALL=C" })
    assert.falsy(out:find "[\128-\255]", out)
    assert.truthy(out:find("\27[1mCallRouteId", 1, true), out)
  end)
end)
