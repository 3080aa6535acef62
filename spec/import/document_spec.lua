--- The core's part for the values, names, prose and paths of documents, and templates of paths.

local core = require "patchbay.core"
local templates = require "patchbay.import.templates"

local document = core.document

describe("values of a document", function()
  it("are lists where they are marked as arrays, and objects where they are not", function()
    local root = core.json.decode_ordered '{"list":[],"object":{},"of":[1],"text":"a"}'
    for name, is_list in pairs { list = true, object = false, of = true } do
      assert.equal(is_list, document.is_list(root[name]))
      assert.equal(not is_list, document.is_object(root[name]))
    end
    assert.is_true(document.is_object {})
    assert.is_true(document.is_object(setmetatable({}, { __index = {} })))
    for _, value in ipairs { root.text, 1, true, core.json.null, print } do
      assert.is_false(document.is_list(value))
      assert.is_false(document.is_object(value))
    end
    assert.is_false(document.is_list(nil))
    assert.is_false(document.is_object(nil))
  end)
end)

describe("names of a document", function()
  it("are spelt by their letters and digits alone, whatever their case", function()
    for _, name in ipairs { "VoicemailPin2", "voicemail_pin2", "VOICEMAIL-PIN 2", "voicemail.pin2\0" } do
      assert.equal("voicemailpin2", document.spelling(name))
    end
    assert.equal("stra\195\159e", document.spelling "Stra\195\159e")
    assert.equal("", document.spelling "_-")
    assert.equal(("a"):rep(1000), document.spelling(("A_"):rep(1000)))
    assert.has_error(function() document.spelling {} end)
  end)
end)

describe("prose of a document", function()
  it("is searched for the first of several words", function()
    local first_in = document.first_in
    assert.equal("set to", first_in("it is set to null", "reset\nset to\nnull"))
    assert.equal("null", first_in("nunull", "nulls\nnull"))
    assert.equal("b\0c", first_in("a\0b\0c", "b\0d\nb\0c"))
    assert.equal("whole", first_in("whole", "whole"))
    assert.equal("x", first_in("0x", "y\nx"))
    assert.is_nil(first_in("short", "shorter\nlong"))
    assert.is_nil(first_in("abc bca", "cab\nbcb"))
    assert.is_nil(first_in("", "a\nbc"))
    assert.is_nil(first_in("text", ""))
    assert.has_error(function() first_in("text", { "text" }) end)
  end)

  it("is searched whatever the case of its letters", function()
    assert.equal("resets", document.first_in("It RESETS the line", "replaces\nresets"))
  end)

  it("is searched for each of its words", function()
    local text = ("Only the Fields that you send, and others remain as they are: 12%s."):rep(20)
    for from = 1, #text - 30, 7 do
      for _, length in ipairs { 1, 2, 3, 30 } do
        local word = text:sub(from, from + length - 1)
        assert.equal(word, document.first_in(text, "no such words\n" .. word))
      end
    end
  end)
end)

describe("paths of a document", function()
  it("are read into the texts and the parameters in them", function()
    local template = templates.of "/accounts/{AccountSid}/lines/{id}/voice"
    assert.same({ "/accounts/", "AccountSid", "/lines/", "id", "/voice" }, template.pieces)
    assert.same({ "AccountSid", "id" }, template.names)
    assert.equal("/accounts/{}/lines/{}/voice", template.anonymous)
    assert.is_true(template.plain)
    assert.same({ "/lines" }, templates.of("/lines").pieces)
    assert.same({ "" }, templates.of("").pieces)
  end)

  it("lose the slashes at their end with the names of parameters", function()
    assert.equal("/lines/{}", templates.anonymous "/lines/{id}/")
    assert.equal("/lines", templates.anonymous "/lines//")
    assert.equal("/", templates.anonymous "//")
  end)

  it("name a record with the parameter at their end", function()
    for path, all in pairs { ["/lines/{id}"] = "/lines", ["/lines/{id}/"] = "/lines", ["/{id}"] = "",
      ["/a/{b}/c//{id}"] = "/a/{}/c", ["/lines/{id}.json"] = "/lines.json", ["/v1/Lines({id})"] = "/v1/Lines",
      ["/v1/Lines('{id}')"] = "/v1/Lines" } do
      local template = templates.of(path)
      assert.equal("id", template.item, path)
      assert.equal(all, template.all, path)
    end
    for _, path in ipairs { "/lines", "{id}", "/lines/{id}/voice", "/lines/{a}-{id}", "/lines/x{id}",
      "/lines/{id}x", "/Lines({id}", "/Lines('{id})", "/lines/{}" } do
      assert.is_nil(templates.of(path).item, path)
    end
  end)

  it("are plain where they have the characters of paths, and names in their braces", function()
    assert.is_true(templates.of("/a-z/0_9.~!$&'()*+,;=:@%20/{any name at all}").plain)
    for _, path in ipairs { "/a b", "/a?b", "/a#b", "/a{b", "/a}b", "/{}", "/{a{b}", "/\0", "/\195\164",
      "/[a]" } do
      assert.is_false(templates.of(path).plain, path)
    end
  end)

  it("are filled with other names by their places", function()
    assert.equal("/a/{key}/b/{x}", templates.filled(templates.of "/a/{id}/b/{id}", { "key", "x" }))
    assert.equal("/a/", templates.filled(templates.of "/a/", {}))
  end)

  it("are read as far as their braces close, however many there are", function()
    local path = ("/{a}"):rep(5000)
    assert.equal(10001, #templates.of(path).pieces)
    assert.equal(("/{}"):rep(5000), templates.of(path).anonymous)
    assert.same({ ("{"):rep(100000) }, templates.of(("{"):rep(100000)).pieces)
  end)
end)

describe("references of a document", function()
  it("are pointers into it, part by part", function()
    local pointer = document.pointer
    assert.same({ "definitions", "Line" }, pointer "#/definitions/Line")
    assert.same({}, pointer "#")
    assert.same({ "" }, pointer "#/")
    assert.same({ "a", "", "b", "" }, pointer "#/a//b/")
    assert.same({ "paths", "/lines/{id}" }, pointer "#/paths/~1lines~1%7Bid%7d")
    assert.same({ "~1", "~", "%", "%2", "%zz", "/" }, pointer "#/~01/~0/%25/%2/%zz/%7e1")
    assert.same({ "~", "~2", ("a"):rep(1000) }, pointer("#/~/~2/" .. ("%61"):rep(1000)))
    for _, ref in ipairs { "", "Line", "#Line", "other.json#/a", "https://example.com/#/a", "/a" } do
      assert.is_nil(pointer(ref), ref)
    end
  end)
end)
