local csv = require "patchbay.bulk.csv"
local system = require "spec.support.system"

-- A file in memory that gives at most `most` bytes a read.
local function file(text, most)
  local at = 1
  return {
    read = function(_, wanted)
      if at > #text then return nil end
      local piece = text:sub(at, at + math.min(wanted, most or wanted) - 1)
      at = at + #piece
      return piece
    end,
  }
end

local function rows(text, options, most)
  local list, lines = {}, {}
  for row, line in csv(file(text, most), options) do
    list[#list + 1], lines[#lines + 1] = row, line
  end
  return list, lines
end

local function raised(...)
  local good, why = pcall(...)
  assert.is_false(good)
  return why
end

local function refusal(text, options) return raised(rows, text, options) end

local function written(text)
  local path = os.tmpname()
  system.write(path, text)
  finally(function() os.remove(path) end)
  return path
end

describe("reading CSV", function()
  it("gives each row as a table by the header's names, and its line", function()
    local list, lines = rows "number,route\n+61255501234,CRID-1\n+61255501235,CRID-2\n"
    assert.same({ { number = "+61255501234", route = "CRID-1" },
      { number = "+61255501235", route = "CRID-2" } }, list)
    assert.same({ 2, 3 }, lines)
  end)

  it("takes CR LF and LF, and a last line without either", function()
    local expected = { { a = "1", b = "2" }, { a = "3", b = "4" } }
    local texts = { "a,b\r\n1,2\r\n3,4\r\n", "a,b\n1,2\n3,4\n", "a,b\n1,2\r\n3,4", "a,b\r\n1,2\n3,4\r" }
    for _, text in ipairs(texts) do assert.same(expected, (rows(text))) end
  end)

  it("leaves values as they are: signs, leading zeros, spaces, bytes that are no text", function()
    assert.same({ { a = "+61", b = "007" }, { a = " x ", b = "1.50" }, { a = "\0\255", b = "=1+1" } },
      (rows "a,b\n+61,007\n x ,1.50\n\0\255,=1+1\n"))
  end)

  it("reads an empty field as an empty text", function()
    assert.same({ { a = "", b = "", c = "" }, { a = "", b = "x", c = "" } }, (rows 'a,b,c\n,,\n"",x,""'))
  end)

  it("reads quotes, doubled quotes, separators and line ends in quotes", function()
    local list, lines = rows 'a,b\n"x,y","say ""hi"""\n"one\ntwo\r\nthree",""""\n5,6\n'
    assert.same({ { a = "x,y", b = 'say "hi"' }, { a = "one\ntwo\r\nthree", b = '"' },
      { a = "5", b = "6" } }, list)
    assert.same({ 2, 3, 6 }, lines)
  end)

  it("passes over a UTF-8 byte order mark, even where it comes in parts", function()
    for most = 1, 4 do
      assert.same({ { a = "1" } }, (rows("\239\187\191a\n1\n", nil, most)))
      assert.same({ { a = "1" } }, (rows('\239\187\191"a"\n1\n', nil, most)))
    end
  end)

  it("passes over empty lines, and counts them", function()
    local list, lines = rows "\n\r\na,b\n\n1,2\n\r\n\n3,4\n\n\r\n\r"
    assert.same({ { a = "1", b = "2" }, { a = "3", b = "4" } }, list)
    assert.same({ 5, 8 }, lines)
    assert.same({ { a = "" }, { a = "1" } }, (rows 'a\n""\n\n1\n'))
  end)

  it("gives no rows for a header alone", function()
    assert.same({}, (rows "a,b"))
    assert.same({}, (rows "a,b\r\n"))
  end)

  it("separates by semicolon or tab where told", function()
    assert.same({ { a = "1,5", b = "2" } }, (rows("a;b\n1,5;2\n", { separator = ";" })))
    assert.same({ { a = "1;5", b = "x\ty" } }, (rows('a\tb\n1;5\t"x\ty"\n', { separator = "\t" })))
  end)

  it("takes the names from the script for a file without a header", function()
    local header = { "number", "route" }
    local list, lines = rows("1,2\n3,4\n", { header = header })
    assert.same({ { number = "1", route = "2" }, { number = "3", route = "4" } }, list)
    assert.same({ 1, 2 }, lines)
    assert.same({}, (rows("", { header = header })))
  end)

  it("gives the same rows however small the pieces are", function()
    local text = '\239\187\191a,"b ""c"""\r\n"x\r\n,""y""",2\r\n\r\n"",\n"last\n",""""'
    local expected, expected_lines = rows(text)
    assert.same({ { a = 'x\r\n,"y"', ['b "c"'] = "2" }, { a = "", ['b "c"'] = "" },
      { a = "last\n", ['b "c"'] = '"' } }, expected)
    for most = 1, #text do
      local list, lines = rows(text, nil, most)
      assert.same(expected, list)
      assert.same(expected_lines, lines)
    end
  end)

  it("reads a field that is longer than a piece", function()
    local long = ("x,\n"):rep(100000)
    assert.same({ { a = long, b = "1" } }, (rows('a,b\n"' .. long .. '",1\n')))
  end)

  it("does not wait for more when a row is complete", function()
    local asked = 0
    local pieces = { "a,b\n1,2\n", "3,4\n" }
    local iterator = csv { read = function()
      asked = asked + 1
      return pieces[asked]
    end }
    assert.same({ a = "1", b = "2" }, (iterator()))
    assert.equal(1, asked)
  end)

  it("reads a path, and an open file without closing it", function()
    local path = written "a\n1\n2\n"
    local count = 0
    for row in csv(path) do
      count = count + 1
      assert.equal(tostring(count), row.a)
    end
    assert.equal(2, count)
    local handle = assert(io.open(path))
    for _ in csv(handle) do count = count + 1 end
    assert.equal(4, count)
    assert.equal("file", io.type(handle))
    handle:close()
  end)

  it("stays at the end once it is reached", function()
    local iterator = csv(file "a\n1\n")
    iterator()
    assert.is_nil(iterator())
    assert.is_nil(iterator())
  end)

  it("needs no more memory for many rows #slow", function()
    local count = 0
    local source = { read = function()
      count = count + 1
      return count == 1 and "a,b\n" or count <= 100 and ("+61255501234,CRID\n"):rep(1000) or nil
    end }
    collectgarbage()
    local before, most, seen = collectgarbage "count", 0, 0
    for _ in csv(source) do
      seen = seen + 1
      if seen % 1000 == 0 then
        collectgarbage()
        most = math.max(most, collectgarbage "count" - before)
      end
    end
    assert.equal(99000, seen)
    assert.is_true(most < 500, most .. " KB") -- one piece here is 18 KB; all of them are 1800
  end)
end)

describe("a name that is no column of the file", function()
  local function row_of(text, options) return (csv(file(text), options)()) end
  local function said(row, name)
    return (raised(function() return row[name] end):gsub("^spec/bulk/csv_spec%.lua:%d+: ", "here: "))
  end

  it("raises at the line that reads it, with a suggestion and the columns", function()
    local remedy = "A column that a file may lack is named in optional = "
    local row = row_of "number,route\n1,2\n"
    assert.equal('here: csv: no column "rout"; did you mean "route"? the columns are number, route. '
      .. remedy .. '{ "rout" }', said(row, "rout"))
    assert.equal('here: csv: no column "weight"; the columns are number, route. ' .. remedy .. '{ "weight" }',
      said(row, "weight"))
    assert.equal("here: csv: no column 1; the columns are number, route. " .. remedy .. '{ "note" }',
      said(row, 1))
  end)

  it("raises for the names that a script gives, too, and for the first ten columns of many", function()
    local row = row_of("1,2,3,4,5,6,7,8,9,10,11\n",
      { header = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k" } })
    assert.matches("the columns are a, b, c, d, e, f, g, h, i, j, …. A column", said(row, "weight"), 1, true)
  end)

  it("reads as nil where it is optional, and as its value where the file has it", function()
    local options = { optional = { "note" } }
    assert.is_nil(row_of("number\n1\n", options).note)
    assert.equal("x", row_of("number,note\n1,x\n", options).note)
    assert.matches('no column "nota"; did you', said(row_of("number\n1\n", options), "nota"), 1, true)
  end)

  it("is one the script may add, and one it may take away", function()
    local row = row_of "number,route\n1,2\n"
    row.seen, row.route = true, nil
    assert.is_true(row.seen)
    assert.is_nil(row.route)
  end)

  it("does not disturb what goes through a row", function()
    local names = {}
    for name in pairs(row_of "b,a\n1,2\n") do names[#names + 1] = name end
    table.sort(names)
    assert.same({ "a", "b" }, names)
    assert.same({ "b", "a" }, csv.columns(row_of "b,a\n1,2\n"))
    assert.is_nil(csv.columns { a = 1 })
  end)
end)

describe("the header of a CSV file", function()
  it("is read without the white space around its names", function()
    assert.same({ { a = " 1", ["b c"] = "2 ", d = "3", e = "4" } },
      (rows " a ,\tb c,d  ,\194\160e\226\128\139\n 1,2 ,3,4\n"))
  end)

  it("is refused where two names, or one, are only white space apart", function()
    assert.equal('csv:1: columns 1 and 2 are both named "a"', refusal "a,a \n1,2\n")
    assert.equal("csv:1: column 2 has no name", refusal "a,  \n1,2\n")
  end)
end)

describe("a line sep= at the beginning of a CSV file", function()
  it("chooses the separator, and is no row", function()
    for _, line in ipairs { "sep=;", "SEP=;", '"sep=;"', "\239\187\191sep=;" } do
      for most = 1, 8 do
        local list, lines = rows(line .. "\r\na;b\r\n1,5;2\r\n", nil, most)
        assert.same({ { a = "1,5", b = "2" } }, list)
        assert.same({ 3 }, lines)
      end
    end
    assert.same({ { a = "1", b = "2" } }, (rows "sep=\t\na\tb\n1\t2"))
    assert.same({ { ["a;b"] = "1;2" } }, (rows "sep=,\na;b\n1;2\n"))
    assert.same({ { x = "1" } }, (rows("sep=;\n1", { header = { "x" } })))
  end)

  it("is refused where it contradicts the script, or names what cannot separate", function()
    assert.equal('csv:1: this line says that ";" separates, but separator = "," was given; leave one of them '
      .. "out", refusal("sep=;\na;b\n", { separator = "," }))
    assert.equal('csv:1: this line says that "|" separates; only ",", ";" and "\\t" can',
      refusal "sep=|\na|b\n")
    assert.same({ { a = "1", b = "2" } }, (rows("sep=;\na;b\n1;2\n", { separator = ";" })))
  end)

  it("is a name where it is longer", function()
    assert.same({ { ["sep=x"] = "1" } }, (rows "sep=x\n1\n"))
    assert.same({ { ["sep="] = "1" } }, (rows "sep=\n1\n"))
  end)
end)

describe("CSV that is wrong", function()
  it("is refused for too few or too many fields", function()
    assert.equal("csv:3: 1 field, but there are 2 columns: number, route",
      refusal "number,route\n1,2\n3\n")
    assert.equal("csv:2: 3 fields, but there are 2 columns: number, route", refusal "number,route\n1,2,3\n")
    assert.equal("csv:2: 2 fields, but there is 1 column: a", refusal "a\n1,\n")
    assert.equal("csv:2: 1 field, but there are 12 columns: a, b, c, d, e, f, g, h, i, j, …",
      refusal "a,b,c,d,e,f,g,h,i,j,k,l\n1\n")
  end)

  it("is refused for a quote in the middle of a field, or text behind one", function()
    assert.equal("csv:2: a quote in the middle of a field; the field needs quotes around it, and the quote "
      .. 'is written ""', refusal 'a,b\n1,5" pipe\n')
    assert.equal('csv:3: text behind a closing quote; a quote inside a field in quotes is written ""',
      refusal 'a,b\n1,2\n"5"" pipe" wide,2\n')
  end)

  it("is refused for a quote that is not closed, with the line where it opens", function()
    assert.equal("csv:3: a quote is opened here and never closed", refusal 'a,b\n1,2\n"3,4\n5,6\n')
    assert.equal("csv:3: a quote is opened here and never closed", refusal 'a,b\n"1\n","2')
  end)

  it("is refused for a row without an end, before it takes all memory #slow", function()
    local piece = ("x"):rep(65536)
    local first = true
    local endless = { read = function()
      if not first then return piece end
      first = false
      return 'a\n1\n"'
    end }
    local iterator = csv(endless)
    iterator()
    assert.equal("csv:3: the row that begins here is longer than 16 MB; is a quote opened and never closed?",
      raised(iterator))
  end)

  it("is refused for a carriage return alone", function()
    assert.equal("csv:1: a carriage return without a line feed; lines end with LF or CR LF, and a field that "
      .. "holds one needs quotes", refusal "a,b\r1,2\r")
  end)

  it("is refused for a header that is missing, empty in part or ambiguous", function()
    assert.equal("csv:1: there is no header: the first line must name the columns", refusal "")
    assert.equal("csv:3: there is no header: the first line must name the columns", refusal "\n\n")
    assert.equal("csv:1: column 3 has no name", refusal "a,b,\n1,2,3\n")
    assert.equal('csv:2: columns 1 and 3 are both named "a"', refusal "\na,b,a\n")
  end)

  it("is refused when the header shows another separator, unless one was given", function()
    assert.equal('csv:1: the header is one column, "a;b"; with separator = ";" it would be several '
      .. '(separator = "," says that it is one)', refusal "a;b\n1;2\n")
    assert.matches('with separator = "\\t" it', refusal "a\tb\n", 1, true)
    assert.same({ { ["a;b"] = "1;2" } }, (rows("a;b\n1;2\n", { separator = "," })))
  end)

  it("is refused as UTF-16", function()
    local said = "csv:1: this is UTF-16; save it as UTF-8"
    assert.equal(said, refusal "\255\254a\0\n\0")
    assert.equal(said, refusal "\254\255\0a\0\n")
  end)

  it("is refused as UTF-16 without a byte order mark", function()
    local said = "csv:1: this is UTF-16; save it as UTF-8"
    local text = 'number,route\r\n+61255501234,"CRID-1"\r\n'
    local little, big = text:gsub(".", "%0\0"), text:gsub(".", "\0%0")
    for _, options in ipairs { {}, { header = { "number", "route" } }, { separator = ";" } } do
      for _, most in ipairs { 1, 7, 1000 } do
        assert.equal(said, raised(rows, little, options, most))
        assert.equal(said, raised(rows, big, options, most))
      end
    end
    assert.equal(said, refusal((("x"):rep(1000):gsub(".", "%0\0"))))
    assert.equal("csv:1: column 1 has a NUL in its name; is this UTF-16? Save it as UTF-8",
      refusal "\016\004\0,\017\004\n")
  end)

  it("is refused with the file's name, and again when asked again", function()
    local path = written "a,b\n1,2\n3\n4,5\n"
    local iterator = csv(path)
    iterator()
    for _ = 1, 2 do assert.equal(path .. ":3: 1 field, but there are 2 columns: a, b", raised(iterator)) end
  end)

  it("is refused when it cannot be opened or read, with the reason", function()
    assert.matches("^spec/bulk/csv_spec.lua:%d+: csv: cannot open /no/such/file.csv: No such file or "
      .. "directory$",
      raised(function() csv "/no/such/file.csv" end))
    assert.matches("csv: a path has no NUL in it$", raised(csv, written "a\n1\n" .. "\0.csv"))
    assert.equal("/:1: cannot be read further: Is a directory", raised(csv, "/"))
    local broken = { read = function() return nil, "Connection reset" end }
    assert.equal("csv:1: cannot be read further: Connection reset", raised(csv, broken))
  end)
end)

describe("CSV whose source misbehaves", function()
  it("is refused where read() gives no text", function()
    assert.equal("csv:1: cannot be read further: read() gave a number", raised(csv, { read = function()
      return 5
    end }))
  end)

  it("stays refused", function()
    local pieces = { "a\n1\n2,3\n4\n" }
    local iterator = csv { read = function() return table.remove(pieces, 1) end }
    iterator()
    local first = raised(iterator)
    assert.equal("csv:3: 2 fields, but there is 1 column: a", first)
    assert.equal(first, raised(iterator))
  end)

  it("is refused for more columns than any spreadsheet has", function()
    assert.equal("csv:1: the row that begins here has more than 16384 columns", refusal((",a"):rep(16384)))
  end)

  it("may be read within a coroutine that waits for each piece", function()
    local pieces = { "a,b\n1", ",2\n3,4" }
    local source = { read = function()
      coroutine.yield "waiting"
      return table.remove(pieces, 1)
    end }
    local list, waits = {}, 0
    local co = coroutine.create(function()
      local following = csv(source)
      local row = following() -- within a loop's iterator Lua 5.1 cannot wait
      while row do
        list[#list + 1] = row.a .. row.b
        row = following()
      end
    end)
    while coroutine.status(co) ~= "dead" do
      local _, what = assert(coroutine.resume(co))
      if what == "waiting" then waits = waits + 1 end
    end
    assert.same({ "12", "34" }, list)
    assert.equal(3, waits)
  end)
end)

describe("a mistake in the call of csv", function()
  local function mistake(source, options)
    local why = raised(function() csv(source, options) end)
    return (why:gsub("^spec/bulk/csv_spec%.lua:%d+: csv: ", "here: "))
  end

  it("is raised at the caller's line", function()
    assert.equal("here: expected a path, an open file or an object with read(n), got nil", mistake(nil))
    assert.equal("here: expected a path, an open file or an object with read(n), got a table", mistake {})
    assert.equal('here: option seperator: no such option; did you mean "separator"?',
      mistake(file "", { seperator = ";" }))
    assert.equal("here: option x: no such option; known are header, optional, separator",
      mistake(file "", { x = 1 }))
    assert.equal('here: option separator: expected ",", ";" or "\\t"', mistake(file "", { separator = "|" }))
    assert.equal("here: option header: expected a list of names, got a string",
      mistake(file "", { header = "a" }))
    assert.equal('here: option header: columns 1 and 2 are both named "a"',
      mistake(file "", { header = { "a", "a" } }))
    assert.equal("here: option header: no column is named", mistake(file "", { header = {} }))
    assert.equal("here: expected a table of options, got a string", mistake(file "", ";"))
    assert.equal("here: option optional: expected a list of names, got a string",
      mistake(file "", { optional = "note" }))
    assert.equal("here: option optional: column 1: expected a name, got a number",
      mistake(file "", { optional = { 1 } }))
    local handle = assert(io.open(written "a\n"))
    handle:close()
    assert.equal("here: the file is closed", mistake(handle))
  end)
end)

describe("writing CSV", function()
  it("puts quotes where they are needed, and nowhere else", function()
    assert.equal('a,"b,c","say ""hi""","x\ny","\r", z ,',
      csv.line { "a", "b,c", 'say "hi"', "x\ny", "\r", " z ", "" })
    assert.equal('a,b;"c;d"', csv.line({ "a,b", "c;d" }, ";"))
  end)

  it("does not alter what a spreadsheet would take for a formula", function()
    assert.equal("=1+1,+61,-1,@x", csv.line { "=1+1", "+61", "-1", "@x" })
  end)

  it("writes an only, empty field so that it is no empty line", function()
    assert.equal('""', csv.line { "" })
  end)

  it("writes numbers with all their digits, booleans, and nil as an empty field", function()
    assert.equal("61255501234,1000000000000000,1.5,0.1,true,false,",
      csv.line { 61255501234, 1e15, 1.5, 0.1, true, false, nil, n = 7 })
    assert.equal(1 / 3, tonumber((csv.line { 1 / 3 })))
  end)

  it("writes numbers with a point where the locale has a comma", function()
    local before = os.setlocale(nil, "numeric")
    finally(function() os.setlocale(before, "numeric") end)
    local found
    for _, name in ipairs { "de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "nl_NL.UTF-8" } do
      found = found or os.setlocale(name, "numeric")
    end
    if not found then pending "no locale with a decimal comma is installed" end
    assert.equal("1.5,0.1", csv.line { 1.5, 0.1 })
  end)

  it("refuses what has no text, at the caller's line", function()
    assert.matches("^spec/bulk/csv_spec.lua:%d+: csv.line: value 2: expected a string, a number or a "
      .. "boolean, got a table$", raised(function() csv.line { "a", {} } end))
  end)

  it("is read back exactly, whatever the bytes", function()
    local seed = 1
    local function random(below)
      seed = (seed * 16807) % 2147483647
      return seed % below
    end
    local favourites = { '"', ",", ";", "\t", "\r", "\n", "\r\n", '""', "\239\187\191", "\0", "=", "+61" }
    local function field()
      local parts = {}
      for i = 1, random(5) do
        parts[i] = random(2) == 0 and favourites[1 + random(#favourites)] or string.char(random(256))
      end
      return table.concat(parts)
    end
    for _ = 1, 300 do
      local separator = ({ ",", ";", "\t" })[1 + random(3)]
      local line_end = ({ "\n", "\r\n" })[1 + random(2)]
      local columns, expected, lines, header = 1 + random(4), {}, {}, {}
      -- A name has no NUL, and no white space around it.
      for i = 1, columns do header[i] = ("%d%s%d"):format(i, field():gsub("%z", ""), i) end
      lines[1] = csv.line(header, separator)
      for r = 1, random(5) do
        local values, row = {}, {}
        for i = 1, columns do
          values[i] = field()
          row[header[i]] = values[i]
        end
        expected[r], lines[r + 1] = row, csv.line(values, separator)
      end
      local text = table.concat(lines, line_end) .. (random(2) == 0 and line_end or "")
      assert.same(expected, (rows(text, { separator = separator }, 1 + random(9))))
      -- The first field of a file is where a byte order mark would be taken off.
      local first = field()
      assert.same({ { x = first } }, (rows(csv.line { first }, { header = { "x" } })))
    end
  end)
end)
