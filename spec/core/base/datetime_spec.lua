local text = require "patchbay.core".text

local function reads(format, rows, now)
  for _, row in ipairs(rows) do
    assert.equal(row[2], text.parse_time(row[1], format, now), row[1])
  end
end

local function refuses(format, list)
  for _, subject in ipairs(list) do
    assert.is_nil(text.parse_time(subject, format, 0), subject)
  end
end

describe("an HTTP date", function()
  it("is read in all three forms of RFC 9110", function()
    reads("http-date", {
      { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
      { "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
      { "Sun Nov  6 08:49:37 1994", 784111777 },
      { "Wed Nov 16 08:49:37 1994", 784975777 },
      { "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
      { "Wed, 31 Dec 1969 23:59:59 GMT", -1 },
      { "Thu, 29 Feb 2024 12:00:00 GMT", 1709208000 },
    })
  end)

  it("takes a two-digit year as 50 years ahead at most", function()
    local year_2026, year_2000 = 1767225600, 946684800
    reads("http-date", { { "Friday, 01-Jan-76 00:00:00 GMT", 3345062400 } }, year_2026)
    reads("http-date", { { "Friday, 01-Jan-77 00:00:00 GMT", 220924800 } }, year_2026)
    reads("http-date", { { "Friday, 01-Jan-99 00:00:00 GMT", 915148800 } }, year_2000)
    reads("http-date", { { "Friday, 01-Jan-00 00:00:00 GMT", 946684800 } }, year_2000)
    reads("http-date", { { "Friday, 01-Jan-50 00:00:00 GMT", 2524608000 } }, year_2000)
  end)

  it("is not held to the name of the day", function()
    reads("http-date", { { "Mon, 06 Nov 1994 08:49:37 GMT", 784111777 } })
  end)

  it("is nothing else", function()
    refuses("http-date", { "", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:60 GMT",
      "Sun, 06 Nov 1994 08:49:37 GMT ", " Sun, 06 Nov 1994 08:49:37 GMT",
      "Foo, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
      "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06 Nov 94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
      "Sun Nov  6 08:49:37 94", "Sun Nov 06 08:49:37 1994 GMT", "Sun, 29 Feb 2023 00:00:00 GMT",
      "Sun, 06 Nov 1994 08:49:37 GMT\0" })
  end)
end)

describe("a date-time", function()
  it("is read as RFC 3339's own examples mean it", function()
    reads("date-time", {
      { "1985-04-12T23:20:50.52Z", 482196050.52 },
      { "1996-12-19T16:39:57-08:00", 851042397 },
      { "1996-12-20T00:39:57Z", 851042397 },
      { "1990-12-31T23:59:60Z", 662688000 },
      { "1990-12-31T15:59:60-08:00", 662688000 },
      { "1937-01-01T12:00:27.87+00:20", -1041337172.13 },
    })
  end)

  it("may have any number of fractional digits, small letters, and any offset", function()
    reads("date-time", {
      { "2026-04-10T12:00:00.000Z", 1775822400 },
      { "2026-04-10t12:00:00z", 1775822400 },
      { "2026-04-10T12:00:00.5Z", 1775822400.5 },
      { "2026-04-10T12:00:00.500000000000000000000Z", 1775822400.5 },
      { "2026-04-10T12:00:00-00:00", 1775822400 },
      { "2026-04-11T11:59:00+23:59", 1775822400 },
      { "0000-01-01T00:00:00Z", -62167219200 },
      { "9999-12-31T23:59:59Z", 253402300799 },
      { "2000-02-29T00:00:00Z", 951782400 },
    })
  end)

  it("has a second 60 only where UTC can have one", function()
    reads("date-time",
      { { "2016-12-31T23:59:60.5Z", 1483228800.5 }, { "2015-06-30T23:59:60Z", 1435708800 } })
    refuses("date-time", { "2016-12-31T23:58:60Z", "2016-12-31T22:59:60Z", "2016-12-30T23:59:60Z",
      "2016-12-31T23:59:60+01:00", "2016-12-31T23:59:61Z" })
  end)

  it("is nothing else", function()
    refuses("date-time", { "", "2026-04-10", "2026-04-10T12:00:00", "2026-04-10 12:00:00Z",
      "2026-04-10T12:00Z", "2026-4-10T12:00:00Z", "26-04-10T12:00:00Z", "2026-13-10T12:00:00Z",
      "2026-00-10T12:00:00Z", "2026-04-31T12:00:00Z", "2026-04-00T12:00:00Z", "2026-02-29T12:00:00Z",
      "1900-02-29T12:00:00Z", "2026-04-10T24:00:00Z", "2026-04-10T12:60:00Z", "2026-04-10T12:00:00.Z",
      "2026-04-10T12:00:00,5Z", "2026-04-10T12:00:00+0100", "2026-04-10T12:00:00+01",
      "2026-04-10T12:00:00+24:00", "2026-04-10T12:00:00+01:60", "2026-04-10T12:00:00ZZ",
      "2026-04-10T12:00:00Z\n", "2026-04-10T-1:00:00Z", "20260410T120000Z", "+2026-04-10T12:00:00Z",
      "2026-04-10T12:00:00 +01:00" })
  end)
end)

describe("an American date and time", function()
  it("is read as UTC, month first", function()
    reads("us-date-time", {
      { "05/02/2025 06:36:13 PM", 1746210973 }, -- equals the exp claim of the token it came with
      { "05/02/2025 06:36:13 AM", 1746167773 },
      { "5/2/2025 6:36:13 pm", 1746210973 },
      { "01/01/1970 12:00:00 AM", 0 },
      { "01/01/1970 12:00:00 PM", 43200 },
      { "02/29/2024 11:59:59 PM", 1709251199 },
    })
  end)

  it("is nothing else", function()
    refuses("us-date-time", { "", "05/02/2025", "05/02/2025 06:36:13", "05/02/2025 18:36:13",
      "05/02/2025 13:36:13 PM", "05/02/2025 00:36:13 AM", "13/02/2025 06:36:13 PM",
      "02/30/2025 06:36:13 PM", "05/02/25 06:36:13 PM", "05/02/2025 06:36:13 XM",
      "05/02/2025 06:36:13 P", "05/02/2025 06:36:13PM", "05/02/2025 06:36 PM",
      "05/02/2025 06:36:13 PM ", "05-02-2025 06:36:13 PM" })
  end)
end)

describe("a time that is written", function()
  it("is RFC 9110's preferred form, RFC 3339 in UTC, or the American form", function()
    assert.equal("Sun, 06 Nov 1994 08:49:37 GMT", text.format_time(784111777, "http-date"))
    assert.equal("1994-11-06T08:49:37Z", text.format_time(784111777, "date-time"))
    assert.equal("05/02/2025 06:36:13 PM", text.format_time(1746210973, "us-date-time"))
    assert.equal("01/01/1970 12:00:00 AM", text.format_time(0, "us-date-time"))
    assert.equal("01/01/1970 12:00:00 PM", text.format_time(43200, "us-date-time"))
  end)

  it("has a fraction only where there is one, and only in RFC 3339", function()
    assert.equal("1970-01-01T00:00:01.5Z", text.format_time(1.5, "date-time"))
    assert.equal("2026-04-10T12:00:00.123Z", text.format_time(1775822400.123, "date-time"))
    assert.equal("1969-12-31T23:59:59.75Z", text.format_time(-0.25, "date-time"))
    assert.equal("1970-01-01T00:00:02Z", text.format_time(1.9999999, "date-time"))
    assert.equal("Thu, 01 Jan 1970 00:00:01 GMT", text.format_time(1.5, "http-date"))
  end)

  it("is read back as it was", function()
    -- PB_ROUNDS=n: how many of the times of 10,000 years. The step is no whole number of days.
    local rounds = tonumber(os.getenv "PB_ROUNDS") or 37000
    local seconds, step = -62167219200, math.floor(10000 * 366 / rounds) * 86400 + 12345
    while seconds < 253402300800 do
      for _, format in ipairs{ "http-date", "date-time", "us-date-time" } do
        local read = text.parse_time(text.format_time(seconds, format), format)
        if read ~= seconds then assert.equal(seconds, read, format) end
      end
      seconds = seconds + step
    end
    for i = 0, math.min(rounds, 999) do
      local milliseconds = 1775822400 + i / 1000
      assert.equal(milliseconds, text.parse_time(text.format_time(milliseconds, "date-time"), "date-time"))
    end
  end)

  it("agrees with the calendar of the system", function()
    for seconds = 0, 4102444800, 86400 * 11 + 3607 do
      local expected = os.date("!%Y-%m-%dT%H:%M:%SZ", seconds)
      local written = text.format_time(seconds, "date-time")
      if written ~= expected then assert.equal(expected, written) end
    end
  end)

  it("lies in the years 0 to 9999, or raises", function()
    assert.equal("0000-01-01T00:00:00Z", text.format_time(-62167219200, "date-time"))
    assert.equal("Fri, 31 Dec 9999 23:59:59 GMT", text.format_time(253402300799, "http-date"))
    assert.has_error(function() text.format_time(-62167219201, "date-time") end)
    assert.has_error(function() text.format_time(253402300800, "date-time") end)
    assert.has_error(function() text.format_time(0 / 0, "date-time") end)
    assert.has_error(function() text.format_time(1e300, "date-time") end)
    assert.has_error(function() text.format_time(0, "iso") end)
    assert.has_error(function() text.parse_time("x", "iso") end)
  end)
end)
