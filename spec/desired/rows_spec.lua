-- Rows as a desired state: of a CSV file, or of a list of tables that have their keys in them.

local accounts = require "patchbay.desired.accounts"
local declaration = require "patchbay.desired.declaration"
local made_up_vendor = require "spec.support.made_up_vendor"
local patchbay = require "patchbay"

local clients = select(2, accounts.of {
  acme = patchbay.vendor(made_up_vendor.description()) { account_sid = "AC" .. ("0"):rep(32),
    auth_token = "made-up-token", transport = patchbay.sandbox() },
})

local function csv(text, options)
  local at = 1
  return patchbay.csv({ read = function(_, wanted)
    local piece = text:sub(at, at + wanted - 1)
    at = at + #piece
    return piece ~= "" and piece or nil
  end }, options)
end

local function records(raw)
  local made, faults = declaration.new(clients, raw)
  if not made then error(faults[1].path .. ": " .. faults[1].message) end
  local list = {}
  for i, record in ipairs(made.records) do list[i] = { record.key or record.name, record.fields } end
  return list
end

local function faults(raw)
  local made, list = declaration.new(clients, raw)
  assert.is_nil(made)
  local lines = {}
  for i, fault in ipairs(list) do lines[i] = fault.path .. ": " .. fault.message end
  return lines, list
end

describe("the rows of a CSV file", function()
  it("are records: the columns are named as the fields, one is the key", function()
    assert.same({ { "+1", { voice = true, label = "a" } }, { "+2", { voice = false, kind = "mobile" } } },
      records { ["acme.numbers"] = csv "number,voice,label,kind\n+2,FALSE,,mobile\n+1,true,a,\n" })
  end)

  it("give values by the type of the field; an empty cell says nothing", function()
    assert.same({ { 5, { name = "007", enabled = true, limit = 1.5, codecs = { "a", "b" },
      routing = { host = "h" }, target = "t" } } }, records { ["acme.trunks"] =
      csv('id,name,enabled,limit,codecs,routing,target\n'
        .. '5,007,true,1.5,"[""a"",""b""]","{""host"":""h""}",t\n') })
    assert.same({ { 5, {} } }, records { ["acme.trunks"] = csv "id,name,enabled\n05,,\n" })
    assert.same({ 'acme.trunks[5].enabled: expected a boolean, got the string "yes"; write true',
      'acme.trunks[5].limit: expected a number, got the string "1,5"' },
      faults { ["acme.trunks"] = csv 'id,enabled,limit\n5,yes,"1,5"\n' })
  end)

  it("may have another column for the key, and columns of other names", function()
    assert.same({ { 5, { name = "Five", enabled = false } }, { "six", { name = "Six", enabled = true } } },
      records { ["acme.trunks"] = { rows = csv "trunk,title,on,note\n5,Five,false,x\nnew:six,Six,true,y\n",
        key = "trunk", fields = { name = "title", enabled = "on" } } })
  end)

  it("say of wrong columns once what is wrong", function()
    local remedy = '. Take it out, or name the columns to take: { rows = …, fields = { Field = "column" } }'
    assert.same({ 'acme.numbers, column "order_id": read-only: the vendor sets it, it cannot be assigned'
      .. remedy, 'acme.numbers, column "labl": no such field; did you mean "label"? '
      .. remedy:sub(3) }, faults { ["acme.numbers"] = csv "number,order_id,labl\n+1,a,b\n+2,a,b\n" })
    assert.same({ 'acme.numbers: no column "number" for the key; known are phone, label. Say which it is: '
      .. '{ rows = …, key = "column" }' }, faults { ["acme.numbers"] = csv "phone,label\n+1,a\n" })
  end)

  it("are named by their lines", function()
    local lines, list = faults { ["acme.numbers"] = csv "number,label\n+1,a\n,b\nx,c\n+1,d\n+2,\255\n" }
    assert.same({ "acme.numbers, line 3: no key: number is empty", 'acme.numbers["x"]: number',
      'acme.numbers["+1"]: declared twice: also in line 2; leave one of them out',
      'acme.numbers["+2"].label: not valid UTF-8 at byte 1; JSON can carry nothing else' },
      { lines[1], (lines[2]:match "^(.*): expected"), lines[3], lines[4] })
    assert.same({ 3, 4, 5, 6 }, { list[1].line, list[2].line, list[3].line, list[4].line })
  end)

  it("that cannot be read are a fault with the line", function()
    assert.same({ "acme.numbers: csv:3: 1 field, but there are 2 columns: number, label" },
      faults { ["acme.numbers"] = csv "number,label\n+1,a\n+2\n" })
  end)
end)

describe("a list of tables", function()
  it("is rows that have their keys in them", function()
    assert.same({ { "+1", { voice = true } }, { "+2", { label = "x" } } }, records { ["acme.numbers"] = {
      { number = "+2", label = "x" }, { number = "+1", voice = true } } })
    assert.same({ { 5, { name = "a" } } }, records { ["acme.trunks"] = { { id = 5, name = "a" } } })
    assert.same({ { 5, { name = "a" } } }, records { ["acme.trunks"] = { rows = { { no = 5, title = "a" } },
      key = "no", fields = { name = "title" } } })
  end)

  it("without keys in them is records by number, where keys are numbers", function()
    assert.same({ { 1, { name = "a" } }, { 2, { name = "b" } } },
      records { ["acme.trunks"] = { { name = "a" }, { name = "b" } } })
  end)

  it("out of JSON always is rows", function()
    assert.same({ "acme.numbers[2]: no key: number is empty", "acme.numbers[3]: expected a row, such as "
      .. "{ number = … }, got a boolean" },
      faults { ["acme.numbers"] = patchbay.json.decode '[{"number":"+1"},{"label":"x"},true]' })
    assert.same({}, records { ["acme.numbers"] = patchbay.json.decode "[]" })
  end)

  it("are at fault where an iterator raises what cannot be shown", function()
    local raised = setmetatable({}, { __tostring = function() error "no text" end })
    assert.same({ "acme.numbers: the rows raised an error that cannot be shown" },
      faults { ["acme.numbers"] = function() error(raised) end })
  end)

  it("may come from an iterator", function()
    local i = 0
    assert.same({ { "+1", {} }, { "+2", {} } }, records { ["acme.numbers"] = function()
      i = i + 1
      return i <= 2 and { number = "+" .. i } or nil
    end })
    assert.same({ "acme.numbers: the script's own words" },
      faults { ["acme.numbers"] = function() error("the script's own words", 0) end })
  end)

  it("says what is wrong about its form", function()
    assert.same({ "acme.numbers: key: expected the name of a column, got 5" },
      faults { ["acme.numbers"] = { rows = { { a = 1 } }, key = 5 } })
    assert.same({ 'acme.numbers: fields: expected a table such as { number = "column" }, got a string' },
      faults { ["acme.numbers"] = { rows = { { a = 1 } }, fields = "x" } })
    assert.same({ "acme.numbers: fields: expected names of columns by field, got 5" },
      faults { ["acme.numbers"] = { rows = { { a = 1 } }, fields = { label = 5 } } })
  end)
end)
