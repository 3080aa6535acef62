local text = require "spec.support.core_text"

local function accepts(name, list)
  for _, subject in ipairs(list) do assert.is_true((text.format(name, subject)), subject) end
end

local function refuses(name, list)
  for _, subject in ipairs(list) do assert.is_false((text.format(name, subject)), subject) end
end

--- Each row: text that is refused, and the hint it gets.
local function hints(name, rows)
  for _, row in ipairs(rows) do
    local right, _, hint = text.format(name, row[1])
    assert.is_false(right, row[1])
    assert.equal(row[2], hint, row[1])
    local remedy = hint and hint:match('write "([^"]*)"')
    if remedy then assert.is_true((text.format(name, remedy)), remedy) end
  end
end

local function no_hints(name, list)
  for _, subject in ipairs(list) do
    local right, _, hint = text.format(name, subject)
    assert.is_false(right, subject)
    assert.is_nil(hint, subject)
  end
end

describe("the format uri", function()
  it("accepts RFC 3986's examples", function()
    accepts("uri", { "ftp://ftp.is.co.za/rfc/rfc1808.txt", "http://www.ietf.org/rfc/rfc2396.txt",
      "ldap://[2001:db8::7]/c=GB?objectClass?one", "mailto:John.Doe@example.com",
      "news:comp.infosystems.www.servers.unix", "tel:+1-816-555-1212", "telnet://192.0.2.16:80/",
      "urn:oasis:names:specification:docbook:dtd:xml:4.1.2",
      "foo://example.com:8042/over/there?name=ferret#nose", "urn:example:animal:ferret:nose" })
  end)

  it("accepts what telephony uses", function()
    accepts("uri", { "https://pstn.joonto.com", "wss://192.67.88.2",
      "sip:alice@example.com:5060;transport=udp", "sips:bob@[2001:db8::1]", "sip:[2001:db8::1]:5060;lr",
      "sip:a/b?c:d@[::1]", "https://api.telegent.com/v1.0/voice/routes?CallRouteID=CRID-1",
      "https://user:pass@example.com:8443/", "HTTPS://EXAMPLE.COM" })
  end)

  it("accepts every part that the grammar allows", function()
    accepts("uri", { "a:", "a:b", "a:/", "a:/b", "a://", "a://h", "a://h:", "a://h:80", "a://:80",
      "a://u@h", "a://u:p:q@h", "a://@h", "a:?q", "a:#f", "a://h?q", "a://h#f", "a://h?q?/#f?/",
      "a+b-c.1:x", "file:///etc/hosts", "http://h/%20%ff", "http://%41/",
      "http://h/a:b@c;d=e,f!$&'()*+", "http://h//x", "http://[::]", "http://[v1.a:b]/",
      "http://[::ffff:192.0.2.1]:80/", "http://256.256.256.256/", "http://h/?a=%5Bb" })
  end)

  it("refuses everything else", function()
    refuses("uri", { "", ":", "/path", "//example.com/x", "example.com", "example.com/x", "1a:b",
      "-a:b", "a_b:c", "a b:c", "http://h/a b", "http://h/%", "http://h/%2", "http://h/%zz",
      "http://h/<x>", 'http://h/"', "http://h/\\", "http://h/^", "http://h/`", "http://h/{x}",
      "http://h/|", "http://h/[", "http://h/?[", "http://h/#a#b", "http://h/\195\169",
      "http://\195\169/", "http://h/\0", "http://h\0", "http://h\n", " http://h", "http://h ",
      "http://h:8a", "http://h:80:80", "http://h:65536", "http://h:99999999999999999999",
      "http://u@v@h", "http://[::1", "http://[::1]x", "http://[::g]", "http://[]", "http://[192.0.2.1]",
      "http://[v.a]", "http://[v1.]", "http://[fe80::1%25en0]", "http://::1/", "http://h]",
      "sip:a@[::g]", "sip:a@[::1", "sip:a@b@[::1]", "sip:a@h[::1]", "tel:[::1]", "sip:[::1][::1]" })
  end)

  it("wants a host where the scheme wants one", function()
    refuses("uri", { "http:", "http://", "https:///x", "https://:80/", "https:example.com",
      "https:/example.com", "wss://", "ws:x", "HTTP:x", "https://user@/" })
  end)

  it("says that the scheme is missing", function()
    hints("uri", {
      { "example.com/x", 'the scheme is missing; write "https://example.com/x"' },
      { "example.com", 'the scheme is missing; write "https://example.com"' },
      { "//example.com/x", 'the scheme is missing; write "https://example.com/x"' },
      { "192.0.2.1:8080/x", 'the scheme is missing; write "https://192.0.2.1:8080/x"' },
      { "example.com/a b", 'the scheme is missing; write "https://example.com/a%20b"' },
      { "/path", "the scheme (such as https://) is missing" },
      { "hello", "the scheme (such as https://) is missing" },
    })
  end)

  it("says which part is wrong where there is nothing to write instead", function()
    hints("uri", {
      { "https://", "the host is missing" }, { "https:///x", "the host is missing" },
      { "https://h h/", "the host has a character that no host can have" },
      { "https://h/%zz", "a % is not followed by two hexadecimal digits" },
      { "https://h%/", "a % is not followed by two hexadecimal digits" },
      { "https:/h.com", "the two slashes behind the scheme are missing" },
      { "https://h:port/", "the port is not a number from 0 to 65535" },
      { "https://h:65536/", "the port is not a number from 0 to 65535" },
      { "https://[::1/", "no IPv6 address is in the brackets" },
      { "https://[12]/", "no IPv6 address is in the brackets" },
      { "https://us er@h/",
      "the user name or password before the @ has a character that must be percent-encoded" },
    })
  end)

  it("says what to encode, and what to leave out", function()
    hints("uri", {
      { "https://h.com/a b", 'some characters must be percent-encoded; write "https://h.com/a%20b"' },
      { "https://h.com/\195\169?[x]",
        'some characters must be percent-encoded; write "https://h.com/%C3%A9?%5Bx%5D"' },
      { " https://h.com\n", 'there is white space around it; write "https://h.com"' },
    })
    no_hints("uri", { "", " ", "x\0y",
      "https://h/" .. (" "):rep(300) .. "x", ("x"):rep(100000) .. " y" })
  end)
end)

describe("the format uuid", function()
  it("is 32 hex digits in five groups, of any version and letter case", function()
    accepts("uuid", { "C232AB00-9414-11EC-B3C8-9F6BDECED846", "5df41881-3aed-3515-88a7-2f4a814cf09e",
      "919108f7-52d1-4320-9bac-f847db4148a8", "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
      "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF" })
    refuses("uuid", { "", "c232ab00-9414-11ec-b3c8-9f6bdeced84",
      "c232ab00-9414-11ec-b3c8-9f6bdeced8467", "c232ab00x9414-11ec-b3c8-9f6bdeced846",
      "c232ab0-09414-11ec-b3c8-9f6bdeced846", "g232ab00-9414-11ec-b3c8-9f6bdeced846",
      "c232ab0094-1411ec-b3c8-9f6bde-ced846" })
  end)

  it("says how to write the other forms", function()
    hints("uuid", {
      { "{c232ab00-9414-11ec-b3c8-9f6bdeced846}", 'write "c232ab00-9414-11ec-b3c8-9f6bdeced846"' },
      { "urn:uuid:c232ab00-9414-11ec-b3c8-9f6bdeced846", 'write "c232ab00-9414-11ec-b3c8-9f6bdeced846"' },
      { "c232ab00941411ecb3c89f6bdeced846", 'write "c232ab00-9414-11ec-b3c8-9f6bdeced846"' },
      { " c232ab00-9414-11ec-b3c8-9f6bdeced846",
        'there is white space around it; write "c232ab00-9414-11ec-b3c8-9f6bdeced846"' },
    })
    no_hints("uuid", { "", "{}", "urn:uuid:", "x", ("g"):rep(32) })
  end)
end)

describe("the format ipv4", function()
  it("is four numbers from 0 to 255", function()
    accepts("ipv4", { "0.0.0.0", "255.255.255.255", "20.87.87.87", "192.0.2.1", "1.10.100.0" })
    refuses("ipv4", { "", ".", "1", "1.2.3", "1.2.3.", ".1.2.3", "1.2.3.4.", "1.2.3.4.5", "1..2.3",
      "256.0.0.0", "1.2.3.256", "1.2.3.1000", "1.2.3.00000000000000000001", "01.2.3.4", "1.2.3.04",
      "00.0.0.0", "1.2.3.a", "0x1.2.3.4", "1.2.3.-4", "1.2.3.+4", "1,2,3,4", "1.2.3.4\0", "::1" })
  end)

  it("says what does not belong to the address", function()
    hints("ipv4", {
      { "192.0.2.1:5060", 'a port is no part of an address; write "192.0.2.1"' },
      { "192.0.2.0/24", 'a prefix length is no part of an address; write "192.0.2.0"' },
      { "192.0.2.1 ", 'there is white space around it; write "192.0.2.1"' },
      { "192.000.002.010", "its numbers must not begin with 0" },
    })
    no_hints("ipv4", { "", "example.com", "1.2.3", "256.1.1.1", "010.256.1.1", "::1", ("0"):rep(256) })
  end)
end)

describe("the format ipv6", function()
  it("accepts RFC 4291's examples", function()
    accepts("ipv6", { "ABCD:EF01:2345:6789:ABCD:EF01:2345:6789", "2001:DB8:0:0:8:800:200C:417A",
      "FF01:0:0:0:0:0:0:101", "0:0:0:0:0:0:0:1", "0:0:0:0:0:0:0:0", "2001:DB8::8:800:200C:417A",
      "FF01::101", "::1", "::", "0:0:0:0:0:0:13.1.68.3", "0:0:0:0:0:FFFF:129.144.52.38", "::13.1.68.3",
      "::FFFF:129.144.52.38" })
  end)

  it("accepts :: wherever it may stand", function()
    accepts("ipv6", { "1::", "1::2", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8",
      "1:2:3:4:5:6::8", "1:2:3:4:5::1.2.3.4", "1::1.2.3.4", "fe80::0001" })
  end)

  it("refuses everything else", function()
    refuses("ipv6", { "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::",
      "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8", "1::2::3", ":1::", "1::2:", ":1:2:3:4:5:6:7:8",
      "1:2:3:4:5:6:7:", "1:2:3:4:5:6:7:8:", "12345::", "g::", "::1%eth0", "[::1]", "::1/64", "1:::2",
      "::1.2.3", "::1.2.3.256", "::01.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6:1.2.3.4:8",
      "::1.2.3.4:1", "1.2.3.4", "::12345.1.1.1", "::a.2.3.4", "::1 ", "::-1" })
  end)

  it("says what does not belong to the address", function()
    hints("ipv6", {
      { "[2001:db8::1]", 'brackets are no part of an address; write "2001:db8::1"' },
      { "[2001:db8::1]:5060", 'brackets and a port are no part of an address; write "2001:db8::1"' },
      { "fe80::1%eth0", 'a zone is no part of it; write "fe80::1"' },
      { "2001:db8::/32", 'a prefix length is no part of an address; write "2001:db8::"' },
      { "\t::1", 'there is white space around it; write "::1"' },
    })
    no_hints("ipv6", { "", "[", "[]", "[x]", "%", "/", "1.2.3.4" })
  end)
end)

describe("the format date-time", function()
  it("is RFC 3339's", function()
    accepts("date-time", { "1985-04-12T23:20:50.52Z", "1996-12-19T16:39:57-08:00",
      "1990-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00", "1937-01-01T12:00:27.87+00:20",
      "2024-02-29t00:00:00z" })
    refuses("date-time", { "", "2023-02-29T00:00:00Z", "1998-12-31T23:58:60Z", "1998-12-31T22:59:60Z",
      "1990-02-31T15:59:59.123-08:00", "1990-12-31T15:59:59-24:00", "06/19/1963 08:30:06 PST",
      "2013-350T01:01:01", "1963-06-19", "1963-06-1\224\167\170T00:00:00Z" })
  end)

  it("says what is missing", function()
    hints("date-time", {
      { "2026-01-31T12:00:00", 'the zone is missing; write "2026-01-31T12:00:00Z" if it is UTC' },
      { "2026-01-31 12:00:00.5", 'the zone is missing; write "2026-01-31T12:00:00.5Z" if it is UTC' },
      { "2026-01-31 12:00:00Z", 'write "2026-01-31T12:00:00Z"' },
      { "2026-01-31T12:00:00+0100", 'write "2026-01-31T12:00:00+01:00"' },
      { "2026-01-31", "the time of day is missing" },
    })
    no_hints("date-time", { "", "tomorrow", "2026-02-30", "2026-02-30T12:00:00",
      "01/31/2026 12:00:00 PM", ("1"):rep(256) })
  end)
end)

describe("the format e164", function()
  it("is + and one to fifteen digits", function()
    accepts("e164", { "+18018018011", "+61291234567", "+1", "+123456789012345" })
    refuses("e164", { "", "+", "18018018011", "+08018018011", "+1234567890123456", "+1 801 801 8011",
      "+1-801-801-8011", "++18018018011", "+1801801801a", "tel:+18018018011", "+18018018011 ",
      "+\217\161" })
  end)

  it("says how to write the number that was meant", function()
    hints("e164", {
      { "18018018011", 'write "+18018018011"' },
      { "+1 (801) 801-8011", 'write "+18018018011"' },
      { "1-801-801-8011", 'write "+18018018011"' },
      { "tel:+1-816-555-1212", 'write "+18165551212"' },
      { "0061291234567", 'write "+61291234567"' },
      { "+44 (0)20 7946 0958", 'write "+442079460958"' },
      { " +18018018011", 'there is white space around it; write "+18018018011"' },
    })
  end)

  it("does not guess a country", function()
    hints("e164", {
      { "8018018011", "it must begin with + and the country code" },
      { "(111)-111-1110", "it must begin with + and the country code" },
      { "0412345678", "it must begin with + and the country code" },
      { "01118018018011", "it must begin with + and the country code" },
    })
    no_hints("e164", { "", "+", "tel:", "-", "alice", "+1801801801a", "1+8018018011",
      "12345678901234567890", "+0123" })
  end)
end)

describe("a format", function()
  it("says what is expected", function()
    local _, expected = text.format("ipv4", "x")
    assert.equal("an IPv4 address such as 192.0.2.1", expected)
    for _, name in ipairs{ "uri", "uuid", "ipv4", "ipv6", "date-time", "e164" } do
      expected = select(2, text.format(name, ""))
      assert.is_true((text.format(name, expected:match("(%S+)$"))), name)
    end
  end)

  it("that does not exist raises", function()
    assert.has_error(function() text.format("telephone", "x") end)
  end)

  it("survives any bytes", function()
    local state = 1
    local function byte()
      state = (state * 16807) % 2147483647
      local likely = "0123456789abcdefABCDEF:./-+@[]%{}T Zz?#()v"
      if state % 8 == 0 then return string.char(state % 256) end
      local at = state % #likely + 1
      return likely:sub(at, at)
    end
    for _ = 1, 5000 do
      local bytes = {}
      for i = 1, state % 40 do bytes[i] = byte() end
      byte()
      local subject = table.concat(bytes)
      for _, name in ipairs{ "uri", "uuid", "ipv4", "ipv6", "date-time", "e164" } do
        local right, _, hint = text.format(name, subject)
        local remedy = not right and hint and hint:match('write "([^"]*)"')
        -- A user name and password are shown as a mask, which no field takes.
        if remedy and not remedy:find("***@", 1, true) then
          assert.is_true((text.format(name, remedy)), remedy)
        end
      end
    end
  end)
end)
